/**
 * Scores of draws against what came true: m draws of y per row, row-major `[rows, m, dy]`, beside y, `[rows, dy]`. All
 * are in the units of y; the lower the score the better, and in the mean least for draws from the truth.
 */
import { mean, variance } from "../../moments.js";

/** How many rows, draws and coordinates there are. */
export interface DrawShape {
  readonly rows: number;
  readonly draws: number;
  readonly dy: number;
}

/** The draws of coordinate j of one row. */
function drawsOf(values: Float32Array, { draws, dy }: DrawShape, row: number, j: number): Float64Array {
  return Float64Array.from({ length: draws }, (_, k) => values[(row * draws + k) * dy + j]);
}

/**
 * Continuous ranked probability score of every coordinate, E|Y − y| − ½ E|Y − Y′| (Gneiting & Raftery 2007,
 * Section 4.2), from m draws in its unbiased ("fair") form, (1/m) Σ|y_i − y| − 1/(2m(m−1)) Σ_{i≠j} |y_i − y_j| (Ferro 2014): its
 * mean does not depend on m, and a single value may be negative.
 * @returns `[rows, dy]`
 * @throws when there are fewer than 2 draws.
 */
export function crps(draws: Float32Array, y: Float32Array, shape: DrawShape): Float64Array {
  checkShape(draws, y, shape);
  const { rows, draws: m, dy } = shape;
  return Float64Array.from({ length: rows * dy }, (_, at) => {
    const sorted = drawsOf(draws, shape, Math.floor(at / dy), at % dy).sort();
    let [distance, pairs] = [0, 0];
    sorted.forEach((value, i) => {
      distance += Math.abs(value - y[at]) / m;
      // Σ_{i<j} (y_j − y_i) of ascending draws: each is subtracted from those before, and they from it.
      pairs += (2 * i + 1 - m) * value;
    });
    return distance - pairs / (m * (m - 1));
  });
}

/**
 * Energy score E‖Y − y‖ − ½ E‖Y − Y′‖ of every row (Gneiting & Raftery 2007, Section 4.3), which sees how coordinates
 * go together; from m draws in the unbiased form (1/m) Σ‖y_i − y‖ − 1/(2m(m−1)) Σ_{i≠j} ‖y_i − y_j‖.
 * @returns `[rows]`
 * @throws when there are fewer than 2 draws.
 */
export function energyScore(draws: Float32Array, y: Float32Array, shape: DrawShape): Float64Array {
  checkShape(draws, y, shape);
  const { rows, draws: m, dy } = shape;
  return Float64Array.from({ length: rows }, (_, row) => {
    const first = row * m * dy;
    let [distance, pairs] = [0, 0];
    for (let i = 0; i < m; i++) {
      distance += euclidean(draws, first + i * dy, y, row * dy, dy);
      for (let k = 0; k < i; k++) pairs += euclidean(draws, first + i * dy, draws, first + k * dy, dy);
    }
    return distance / m - pairs / (m * (m - 1));
  });
}

/** ‖a − b‖ of two stretches of `d` numbers. */
export function euclidean(a: Float32Array, fromA: number, b: Float32Array, fromB: number, d: number): number {
  let sum = 0;
  for (let j = 0; j < d; j++) sum += (a[fromA + j] - b[fromB + j]) ** 2;
  return Math.sqrt(sum);
}

/** Central intervals of every coordinate. */
export interface Intervals {
  /** How often an interval covers y if draws and y come from one distribution: (m + 1 − 2l)/(m + 1), exactly. */
  readonly nominal: number;
  /** 1 where the interval holds y, `[rows, dy]`. */
  readonly covered: Uint8Array;
  /** Width of the interval: sharpness, `[rows, dy]`. */
  readonly width: Float64Array;
}

/**
 * The interval from the l-th least to the l-th largest of m draws, l chosen so that its nominal coverage is nearest to
 * what is asked for: y is as likely to fall in any of the m + 1 gaps, so no quantile is interpolated.
 * @param level coverage asked for, such as 0.9, which 19 or 99 draws meet exactly
 * @throws when there are fewer than 2 draws.
 */
export function intervals(draws: Float32Array, y: Float32Array, shape: DrawShape, level = 0.9): Intervals {
  checkShape(draws, y, shape);
  const { rows, draws: m, dy } = shape;
  const l = Math.min(Math.floor(m / 2), Math.max(1, Math.round(((m + 1) * (1 - level)) / 2)));
  const covered = new Uint8Array(rows * dy);
  const width = new Float64Array(rows * dy);
  for (let at = 0; at < rows * dy; at++) {
    const sorted = drawsOf(draws, shape, Math.floor(at / dy), at % dy).sort();
    const [low, high] = [sorted[l - 1], sorted[m - l]];
    covered[at] = Number(low <= y[at] && y[at] <= high);
    width[at] = high - low;
  }
  return { nominal: (m + 1 - 2 * l) / (m + 1), covered, width };
}

/**
 * Spread of a row's draws: the root of their variance (divided by m − 1), averaged over coordinates.
 * @returns `[rows]`
 */
export function spread(draws: Float32Array, shape: DrawShape): Float64Array {
  const { rows, dy } = shape;
  return Float64Array.from({ length: rows }, (_, row) =>
    Math.sqrt(mean(Array.from({ length: dy }, (_, j) => variance(drawsOf(draws, shape, row, j))))),
  );
}

function checkShape(values: Float32Array, y: Float32Array, { rows, draws, dy }: DrawShape): void {
  if (draws < 2) throw new Error(`draws is ${draws}; scores compare draws with each other, use at least 2`);
  if (values.length !== rows * draws * dy)
    throw new Error(
      `draws hold ${values.length} values; ${rows} rows of ${draws} draws in ${dy} dimensions need ${rows * draws * dy}`,
    );
  if (y.length !== rows * dy)
    throw new Error(`y holds ${y.length} values; ${rows} rows of ${dy} need ${rows * dy}`);
}
