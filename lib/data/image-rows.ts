/**
 * Cuts a row-major stack into its items, without copying.
 * @param stack `[n, size]`
 * @throws when the length is not a multiple of `size`.
 */
export function unstack(stack: Float32Array, size: number): Float32Array[] {
  if (stack.length % size !== 0)
    throw new Error(`stack holds ${stack.length} values; give a multiple of ${size}`);
  return Array.from({ length: stack.length / size }, (_, i) => stack.subarray(i * size, (i + 1) * size));
}

/**
 * Puts two halves of one picture side by side, line by line: the inverse of `halves`.
 * @param left `[height · half]`
 * @param right `[height · half]`
 * @returns `[height · 2 half]`
 */
export function joinHalves(left: Float32Array, right: Float32Array, half = 14): Float32Array {
  const joined = new Float32Array(left.length + right.length);
  for (let line = 0; line < left.length / half; line++) {
    joined.set(left.subarray(line * half, (line + 1) * half), 2 * line * half);
    joined.set(right.subarray(line * half, (line + 1) * half), (2 * line + 1) * half);
  }
  return joined;
}
