/** How well a hidden column is told, and how much better than by something else. */
import { errorOfMean, mean } from "../moments.js";
import type { CellPredictions } from "./imputation-baselines.js";

/** How well a column is told, averaged over held-out rows and sets of visible columns. */
export interface ImputationScore {
  /**
   * Mean log p(true value) in nats; of numbers in standard deviations of the encoded table, of categories among those
   * that the model was fitted on.
   */
  readonly logLikelihood: number;
  /**
   * Categorical: share of rows whose most probable category is the true one. Numeric: R², the share of the squared
   * distance from the training rows' mean that is explained (so the marginal has exactly 0); null where no row differs
   * from that mean.
   */
  readonly score: number | null;
}

/** A mean over rows, in nats, and its standard error over rows. */
export interface Gain {
  readonly gain: number;
  readonly gainError: number;
}

/** A share of the rows, and its standard error over rows. */
export interface Share {
  readonly share: number;
  readonly shareError: number;
}

/** Scores averaged over sets of visible columns. @throws when a likelihood is not finite. */
export function averageScore(
  numeric: boolean,
  truth: Float64Array,
  trainingMean: number,
  predictions: readonly CellPredictions[],
  name: string,
): ImputationScore {
  const squaresFrom = (center: (row: number) => number) =>
    truth.reduce((sum, v, row) => sum + (v - center(row)) ** 2, 0);
  const distance = squaresFrom(() => trainingMean);
  const score = ({ point }: CellPredictions) =>
    numeric
      ? 1 - squaresFrom((row) => point[row]) / distance
      : mean(truth.map((category, row) => Number(category === point[row])));
  const logLikelihood = mean(predictions.map((own) => mean(own.logLikelihood)));
  if (!Number.isFinite(logLikelihood))
    throw new Error(
      `the log-likelihood of "${name}" is ${logLikelihood}; the model's weights or the column's values are out of range`,
    );
  return { logLikelihood, score: numeric && distance === 0 ? null : mean(predictions.map(score)) };
}

/** Mean gain in log-likelihood of one over another; rows are independent, the sets of one row are averaged first. */
export function gainOver(others: readonly CellPredictions[], model: readonly CellPredictions[]): Gain {
  const average = (predictions: readonly CellPredictions[], row: number) =>
    mean(predictions.map(({ logLikelihood }) => logLikelihood[row]));
  const gains = model[0].logLikelihood.map((_, row) => average(model, row) - average(others, row));
  return { gain: mean(gains), gainError: errorOfMean(gains) };
}

/**
 * Gain of one column over several seeds of a model: their mean and its standard error, over seeds where there are
 * several, over rows where there is one.
 */
export function gainOfSeeds(seeds: readonly Gain[]): Gain {
  if (seeds.length === 1) return { gain: seeds[0].gain, gainError: seeds[0].gainError };
  const gains = seeds.map((own) => own.gain);
  return { gain: mean(gains), gainError: errorOfMean(gains) };
}
