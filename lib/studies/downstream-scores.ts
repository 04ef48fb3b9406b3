/** What predictions are worth: whole, and when the most uncertain rows are dropped. Pure functions of predictions. */
import type { Uncertainty } from "../evaluation/controls.js";
import { expectedCalibrationError } from "../evaluation/metrics/calibration.js";
import { recallPerClass } from "../evaluation/metrics/classification-scores.js";
import { partialCorrelation, spearman } from "../evaluation/metrics/ranks.js";
import { rocAuc } from "../evaluation/metrics/roc-curve.js";
import { keptScores, majorityShare, riskCoverage, selectiveScores } from "../evaluation/metrics/selective.js";
import type { Predictions } from "../evaluation/predictors/predictor.js";
import { ambiguityDetection, standardised } from "../evaluation/uncertainty-vs-ambiguity.js";

/** Scores of the rows kept. */
export interface KeptScores {
  /** Share dropped. */
  readonly dropped: number;
  readonly accuracy: number;
  readonly macroF1: number;
  /** Weighted by the rows of each class; what the paper's Table 3 prints. */
  readonly weightedF1: number;
  /** Share of the largest class among the rows kept. */
  readonly majority: number;
  /** Expected accuracy if as many rows of each class were kept, drawn at random within the class. */
  readonly sameMix: number;
}

/** Selective scores by one kind of uncertainty. */
export interface SelectiveResult {
  readonly by: Uncertainty;
  /** Without 0, 10, 20 and 50 % of the rows. */
  readonly scores: readonly KeptScores[];
  /** Area under the risk–coverage curve. */
  readonly area: number;
  /** Risk at a coverage of 1, 2, … 100 %. */
  readonly risk: readonly number[];
}

/** How a latent uncertainty follows the simulated one. */
export interface AmbiguityResult {
  readonly spearman: number;
  /** Of "u is above its 90 % quantile". */
  readonly auc: number;
  /** Rate of hits at a rate of false alarms of 0, 1, … 100 %. */
  readonly roc: readonly number[];
  /** Some rows: u and the standardised uncertainty. */
  readonly rows: readonly (readonly [u: number, uncertainty: number])[];
}

/** Whether a latent uncertainty, or u, is but the size of a row's numbers (`rowNorms`): Spearman's correlations. */
export interface NormResult {
  readonly uncertainty: number;
  /** Of u, where it is known. */
  readonly ambiguity?: number;
  /** Of uncertainty and u with the size held fixed; left out where one of them is the size. */
  readonly partial?: number;
}

/** Everything that is measured of one predictor. */
export interface DownstreamScores {
  /** Rows learnt from and scored on. */
  readonly learntFrom: number;
  readonly scoredOn: number;
  readonly selective: readonly SelectiveResult[];
  /** Share told right of each class; `null` for a class without test rows. */
  readonly recalls: readonly (number | null)[];
  readonly rocAuc: number;
  readonly calibrationError: number;
  /** Where the data set knows u and the encoder an uncertainty. */
  readonly ambiguity?: AmbiguityResult;
  /** Where the encoder tells an uncertainty. */
  readonly norm?: NormResult;
}

/** What is known of the rows scored, `[rows scored]` each. */
export interface ScoredRows {
  /** The encoder's uncertainty, if it tells one. */
  readonly latent?: ArrayLike<number>;
  /** u, where it is known. */
  readonly ambiguity?: ArrayLike<number>;
  /** See `rowNorms`. */
  readonly norm?: ArrayLike<number>;
}

/** Rows of a scatter. */
const SHOWN = 400;

/**
 * Scores predictions.
 * @throws as the metrics do.
 */
export function downstreamScores(
  told: Predictions,
  { latent, ambiguity, norm }: ScoredRows = {},
): DownstreamScores {
  const { labels, predicted, probabilities, classes, split } = told;
  const doubt = Float64Array.from(labels, (_, i) => 1 - probabilities[i * classes + predicted[i]]);
  return {
    learntFrom: split.train.length,
    scoredOn: labels.length,
    selective: [
      ...(latent ? [selectiveResult(told, "posterior", latent)] : []),
      selectiveResult(told, "probe", doubt),
    ],
    recalls: Array.from(recallPerClass(labels, predicted), (value) => (Number.isNaN(value) ? null : value)),
    rocAuc: rocAuc(labels, probabilities, classes),
    calibrationError: expectedCalibrationError(labels, probabilities, classes),
    ...(latent && ambiguity && { ambiguity: ambiguityResult(latent, ambiguity) }),
    ...(latent && norm && { norm: normResult(latent, norm, ambiguity) }),
  };
}

function normResult(
  latent: ArrayLike<number>,
  norm: ArrayLike<number>,
  ambiguity: ArrayLike<number> | undefined,
): NormResult {
  const uncertainty = spearman(latent, norm);
  if (!ambiguity) return { uncertainty };
  const ofU = spearman(ambiguity, norm);
  const partial = partialCorrelation(spearman(latent, ambiguity), uncertainty, ofU);
  return { uncertainty, ambiguity: ofU, ...(Number.isFinite(partial) && { partial }) };
}

function selectiveResult(
  { labels, predicted }: Predictions,
  by: Uncertainty,
  uncertainty: ArrayLike<number>,
): SelectiveResult {
  const scores = selectiveScores(labels, predicted, uncertainty).map((score): KeptScores => {
    const { macroF1, weightedF1 } = keptScores(labels, predicted, uncertainty, score.dropped);
    const { dropped, accuracy, sameMixAccuracy } = score;
    return {
      dropped,
      accuracy,
      macroF1,
      weightedF1,
      majority: majorityShare(score),
      sameMix: sameMixAccuracy,
    };
  });
  const { risk, area } = riskCoverage(labels, predicted, uncertainty);
  const at = (percent: number) => risk[Math.max(0, Math.ceil((percent * risk.length) / 100) - 1)];
  return { by, scores, area, risk: Array.from({ length: 100 }, (_, i) => at(i + 1)) };
}

function ambiguityResult(latent: ArrayLike<number>, ambiguity: ArrayLike<number>): AmbiguityResult {
  const { falsePositive, truePositive, area } = ambiguityDetection(latent, ambiguity);
  const roc = Array.from({ length: 101 }, (_, percent) => {
    const rate = percent / 100;
    const next = falsePositive.findIndex((other) => other > rate);
    if (next < 0) return 1;
    const share = (rate - falsePositive[next - 1]) / (falsePositive[next] - falsePositive[next - 1]);
    return truePositive[next - 1] + share * (truePositive[next] - truePositive[next - 1]);
  });
  const z = standardised(latent);
  const shown = Math.min(SHOWN, latent.length);
  const rows = Array.from({ length: shown }, (_, i): [number, number] => {
    const row = Math.floor((i * latent.length) / shown);
    return [ambiguity[row], z[row]];
  });
  return { spearman: spearman(latent, ambiguity), auc: area, roc, rows };
}
