/** Affine maps, alone and followed by GELU, forward and backward. All matrices are row-major float32. */
import { pack, packedSize, packTransposed, product } from "./product.js";
import { bytes, fma, loadPart, normalCdf4, normalDensity4, storePart } from "./simd.js";

/** Rows worked on at a time, so that a block stays in the second-level cache. */
const BLOCK: i32 = 96;

/** Bytes of scratch that `dense` needs. */
export function denseScratch(inputs: i32, outputs: i32): i32 {
  return (packedSize(inputs, outputs) + packedSize(1, outputs)) << 2;
}

/** y = xW + b. With `derivative`, y = GELU(xW + b) and derivative = GELU′(xW + b), saved for the backward pass. */
export function dense(
  x: usize,
  weight: usize,
  bias: usize,
  y: usize,
  derivative: usize,
  rows: i32,
  inputs: i32,
  outputs: i32,
  scratch: usize,
): void {
  const panels = scratch;
  const paddedBias = scratch + bytes(packedSize(inputs, outputs));
  pack(weight, bytes(outputs), inputs, outputs, panels);
  pack(bias, 0, 1, outputs, paddedBias);
  for (let r = 0; r < rows; r += BLOCK) {
    const count = min(rows - r, BLOCK);
    const at = bytes(outputs) * <usize>r;
    product(
      x + bytes(inputs) * <usize>r, bytes(inputs), 4,
      panels, paddedBias,
      y + at, bytes(outputs),
      count, inputs, outputs, false,
    );
    if (derivative) geluWithDerivative(y + at, y + at, derivative + at, count * outputs);
  }
}

/** value = GELU(x) = x Φ(x), derivative = Φ(x) + x φ(x); `value` may be `x`. */
export function geluWithDerivative(x: usize, value: usize, derivative: usize, count: i32): void {
  const pairs = x + bytes(count & ~7);
  while (x != pairs) {
    const v = v128.load(x);
    const w = v128.load(x, 16);
    const density = normalDensity4(v);
    const density2 = normalDensity4(w);
    const cdf = normalCdf4(v, density);
    const cdf2 = normalCdf4(w, density2);
    v128.store(value, f32x4.mul(v, cdf));
    v128.store(value, f32x4.mul(w, cdf2), 16);
    v128.store(derivative, fma(v, density, cdf));
    v128.store(derivative, fma(w, density2, cdf2), 16);
    x += 32;
    value += 32;
    derivative += 32;
  }
  const end = x + bytes(count & 4);
  while (x != end) {
    const v = v128.load(x);
    const density = normalDensity4(v);
    const cdf = normalCdf4(v, density);
    v128.store(value, f32x4.mul(v, cdf));
    v128.store(derivative, fma(v, density, cdf));
    x += 16;
    value += 16;
    derivative += 16;
  }
  const rest = count & 3;
  if (rest) {
    const v = loadPart(x, rest);
    const density = normalDensity4(v);
    const cdf = normalCdf4(v, density);
    storePart(value, f32x4.mul(v, cdf), rest);
    storePart(derivative, fma(v, density, cdf), rest);
  }
}

/** Bytes of scratch that `denseGradient` needs. */
export function denseGradientScratch(inputs: i32, outputs: i32): i32 {
  return (packedSize(outputs, inputs) + packedSize(BLOCK, outputs) + BLOCK * outputs + 4) << 2;
}

/**
 * Gradients of `dense`: dx = g Wᵀ, dW = xᵀ g, db = Σ g with g = dy, or g = dy ⊙ derivative after GELU.
 * One pass over blocks of rows, so g is read from cache by all three.
 */
export function denseGradient(
  dy: usize,
  derivative: usize,
  x: usize,
  weight: usize,
  dx: usize,
  dWeight: usize,
  dBias: usize,
  rows: i32,
  inputs: i32,
  outputs: i32,
  scratch: usize,
): void {
  const weightPanels = scratch;
  const gradientPanels = weightPanels + bytes(packedSize(outputs, inputs));
  const block = gradientPanels + bytes(packedSize(BLOCK, outputs));
  packTransposed(weight, bytes(outputs), outputs, inputs, weightPanels);
  memory.fill(dWeight, 0, bytes(inputs * outputs));
  memory.fill(dBias, 0, bytes(outputs));
  for (let r = 0; r < rows; r += BLOCK) {
    const count = min(rows - r, BLOCK);
    const at = bytes(outputs) * <usize>r;
    let g = dy + at;
    if (derivative) {
      multiply(g, derivative + at, block, count * outputs);
      g = block;
    }
    product(
      g, bytes(outputs), 4,
      weightPanels, 0,
      dx + bytes(inputs) * <usize>r, bytes(inputs),
      count, outputs, inputs, false,
    );
    pack(g, bytes(outputs), count, outputs, gradientPanels);
    product(
      x + bytes(inputs) * <usize>r, 4, bytes(inputs),
      gradientPanels, 0,
      dWeight, bytes(outputs),
      inputs, count, outputs, true,
    );
    addColumns(gradientPanels, dBias, count, outputs);
  }
}

/** c = a ⊙ b. */
export function multiply(a: usize, b: usize, c: usize, count: i32): void {
  const end = a + bytes(count & ~3);
  while (a != end) {
    v128.store(c, f32x4.mul(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
    c += 16;
  }
  const rest = count & 3;
  if (rest) storePart(c, f32x4.mul(loadPart(a, rest), loadPart(b, rest)), rest);
}

/** Adds the column sums of a packed matrix to `sums`. */
function addColumns(panels: usize, sums: usize, depth: i32, columns: i32): void {
  for (let j = 0; j < columns; j += 8) {
    let low = f32x4.splat(0);
    let high = f32x4.splat(0);
    for (let k = 0; k < depth; k++) {
      low = f32x4.add(low, v128.load(panels));
      high = f32x4.add(high, v128.load(panels, 16));
      panels += 32;
    }
    const to = sums + bytes(j);
    const width = columns - j;
    storePart(to, f32x4.add(loadPart(to, width), low), width);
    if (width > 4) storePart(to + 16, f32x4.add(loadPart(to + 16, width - 4), high), width - 4);
  }
}
