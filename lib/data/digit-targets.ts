/** Handwritten digits as pairs whose target has a density: values that lie on a lattice, mostly at 0, have a likelihood without bound. */
import { fold, type Key, normals, uniforms } from "../engine/random.js";
import { corrupt } from "./corruption.js";
import { type DigitsSplit, halves, loadDigits } from "./digits.js";
import type { Views } from "./simulation.js";

/** Which pairs, and how many digits of the split for training and of that for testing. */
export type DigitTargetsConfig = {
  readonly trainRows: number;
  readonly evaluationRows: number;
} & (
  | {
      /** Left half as it is → right half seen through Gaussian noise. */
      readonly digits: "noisy halves";
      /** Deviation of that noise; ink is between 0 and 1. */
      readonly noise: number;
    }
  | {
      /** Clean → corrupted (`corrupt`), both at half the height and width. */
      readonly digits: "corrupted";
    }
);

/**
 * The first digits of both splits, 2 × 392 columns of halves, 2 × 196 of corrupted ones, the class 0 … 9.
 * @param key draws the noise, and how much each digit is corrupted
 * @throws as `loadDigits` does.
 */
export function digitTargets(key: Key, config: DigitTargetsConfig): { train: Views; evaluation: Views } {
  const views = (split: DigitsSplit, limit: number): Views => {
    const { images, labels, count } = loadDigits({ split, limit });
    const own = fold(key, split);
    if (config.digits === "corrupted") {
      const x = quarters(images);
      return { rows: count, x, y: corruptRows(own, x, count), labels };
    }
    const { left, right } = halves(images);
    const noise = normals(own, right.length);
    return { rows: count, x: left, y: right.map((ink, i) => ink + config.noise * noise[i]), labels };
  };
  return { train: views("train", config.trainRows), evaluation: views("test", config.evaluationRows) };
}

/** Every row with a level of its own, uniform on (0, 1). */
function corruptRows(key: Key, x: Float32Array, rows: number): Float32Array {
  const columns = x.length / rows;
  const levels = uniforms(fold(key, "level"), rows);
  const noise = Float32Array.from(uniforms(fold(key, "noise"), x.length));
  const y = new Float32Array(x.length);
  for (let row = 0; row < rows; row++) {
    const [from, to] = [row * columns, (row + 1) * columns];
    y.set(corrupt(x.subarray(from, to), levels[row], noise.subarray(from, to)), from);
  }
  return y;
}

/** Means of 2 × 2 grey values: `[n, 28, 28]` to `[n, 14, 14]`. */
function quarters(images: Float32Array): Float32Array {
  const side = 14;
  return Float32Array.from({ length: images.length / 4 }, (_, at) => {
    const from = 4 * side * Math.floor(at / side) + 2 * (at % side);
    return (images[from] + images[from + 1] + images[from + 2 * side] + images[from + 2 * side + 1]) / 4;
  });
}
