/** Differences between runs of several seeds, with their 95 % intervals by Student's t. */
import { mean, variance } from "../moments.js";

/** A difference with half of its 95 % interval; without one where a side has a single run. */
export interface Difference {
  readonly value: number;
  readonly halfWidth: number | null;
}

/** 97.5 % quantiles of Student's t with 1, 2, … degrees of freedom. */
const quantiles = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

const halfWidth = (error: number, runs: number) => (quantiles[runs - 2] ?? quantiles[9]) * error;

/**
 * Mean of `a` less mean of `b`, as if their runs were independent, with the degrees of freedom of the side that has fewer. Where all
 * runs are scored on the same rows, the draw of these is no part of the interval.
 */
export function difference(a: readonly number[], b: readonly number[]): Difference {
  const fewer = Math.min(a.length, b.length);
  const error = Math.sqrt(variance(a) / a.length + variance(b) / b.length);
  return { value: mean(a) - mean(b), halfWidth: fewer > 1 ? halfWidth(error, fewer) : null };
}

/** Mean of what every run says of two things at once, or two runs on the same rows. */
export function ownDifference(values: readonly number[]): Difference {
  const error = Math.sqrt(variance(values) / values.length);
  return { value: mean(values), halfWidth: values.length > 1 ? halfWidth(error, values.length) : null };
}

/** Whether 0, or another number, is outside of the interval. */
export function isClear({ value, halfWidth }: Difference, from = 0): boolean {
  return halfWidth !== null && Math.abs(value - from) > halfWidth;
}
