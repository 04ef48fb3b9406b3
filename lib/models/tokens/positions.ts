import * as tf from "../../engine/tf.js";

/**
 * Fixed sinusoidal positions (Vaswani et al. 2017): column 2i holds sin(p / 10000^(2i/width)), column 2i + 1 the cosine.
 * @param positions the position p of each row
 * @returns `[positions.length, width]`
 */
export function sinusoidalPositions(positions: ArrayLike<number>, width: number): tf.Tensor2D {
  const values = new Float32Array(positions.length * width);
  const made: Float32Array[] = [];
  for (let i = 0; i < positions.length; i++) {
    made[positions[i]] ??= sinusoidalPosition(positions[i], width);
    values.set(made[positions[i]], i * width);
  }
  return tf.tensor2d(values, [positions.length, width]);
}

function sinusoidalPosition(position: number, width: number): Float32Array {
  return Float32Array.from({ length: width }, (_, column) => {
    const angle = position / 10_000 ** ((column - (column % 2)) / width);
    return column % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
}

/** first, first + 1, … : `count` of them. */
export function range(first: number, count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => first + i);
}
