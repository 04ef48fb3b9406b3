import * as tf from "../../engine/tf.js";
import type { Tokenization } from "./modality.js";

/**
 * Fixed sinusoidal positions (Vaswani et al. 2017): column 2i holds sin(p / B^(2i/width)), column 2i + 1 the cosine.
 * @param positions the position p of each row
 * @param longest B, that of the longest wavelength divided by 2π
 * @returns `[positions.length, width]`
 */
export function sinusoidalPositions(
  positions: ArrayLike<number>,
  width: number,
  longest = 10_000,
): tf.Tensor2D {
  const values = new Float32Array(positions.length * width);
  const made: Float32Array[] = [];
  for (let i = 0; i < positions.length; i++) {
    made[positions[i]] ??= sinusoidalPosition(positions[i], width, longest);
    values.set(made[positions[i]], i * width);
  }
  return tf.tensor2d(values, [positions.length, width]);
}

function sinusoidalPosition(position: number, width: number, longest: number): Float32Array {
  return Float32Array.from({ length: width }, (_, column) => {
    const angle = position / longest ** ((column - (column % 2)) / width);
    return column % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
}

/** Positions of [CLS…, all tokens of a row]: `[clsTokens + D, width]`. */
export function rowPositions(
  clsTokens: number,
  { tokens, positions }: Pick<Tokenization<never>, "tokens" | "positions">,
  width: number,
): tf.Tensor2D {
  if (!positions) return sinusoidalPositions(range(0, clsTokens + tokens), width);
  return tf.concat2d([sinusoidalPositions(range(0, clsTokens), width), positions(width)], 0);
}

/** first, first + 1, … : `count` of them. */
export function range(first: number, count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => first + i);
}
