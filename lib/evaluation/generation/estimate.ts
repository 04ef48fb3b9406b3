import { mean, variance } from "../../moments.js";

/** A mean over rows and its standard error over rows (NaN of a single row). */
export interface Estimate {
  readonly mean: number;
  readonly error: number;
}

/** Mean and standard error of a number per row. */
export function estimate(perRow: ArrayLike<number>): Estimate {
  return { mean: mean(perRow), error: Math.sqrt(variance(perRow) / perRow.length) };
}
