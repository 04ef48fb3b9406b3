/** What a density makes of the hidden pixels of images. */
import type { Key } from "../../engine/random.js";
import type { Pairs } from "../../families/var-jepa.js";
import { mean } from "../../moments.js";
import { type DrawScoreSettings, scoreDraws } from "./conditional-density.js";
import type { MeanDensity } from "./hidden-blocks.js";

/** Measures of a density of hidden pixels, by name. */
export interface BlockMeasures {
  /** 1 − squared error of the mean over that of the mean of the images learned from, of all pixels and rows together. */
  readonly r2: number;
  /** log p(y|x) in nats a pixel, all pixels of the block together. */
  readonly logLikelihood: number;
  /** Of draws: CRPS, energy score, coverage of the central intervals, their mean width, in ink. */
  readonly crps: number;
  readonly energy: number;
  readonly coverage: number;
  readonly width: number;
}

/**
 * Measures a density on pairs that it was not fitted to.
 * @param average the mean of y over the images learned from, `[dy]`
 */
export function blockMeasures(
  density: MeanDensity,
  pairs: Pairs,
  average: ArrayLike<number>,
  key: Key,
  draws: DrawScoreSettings,
): BlockMeasures {
  const { rows, y } = pairs;
  const dy = y.length / rows;
  const { crps, energy, coverage, width } = scoreDraws(density, pairs, key, draws);
  return {
    r2: explained(density.mean(pairs), y, average),
    logLikelihood: mean(density.logLikelihood(pairs)) / dy,
    ...{ crps: crps.mean, energy: energy.mean, coverage: coverage.mean, width: width.mean },
  };
}

/** The share of the squared distance of y from an average that a prediction takes away; below 0 where it is further off. */
export function explained(
  predicted: ArrayLike<number>,
  y: ArrayLike<number>,
  average: ArrayLike<number>,
): number {
  let [left, whole] = [0, 0];
  for (let i = 0; i < y.length; i++) {
    left += (y[i] - predicted[i]) ** 2;
    whole += (y[i] - average[i % average.length]) ** 2;
  }
  return 1 - left / whole;
}
