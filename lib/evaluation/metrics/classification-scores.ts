import { mean } from "../../moments.js";

/** How well predicted classes agree with the true ones, each score between 0 and 1. */
export interface ClassificationScores {
  readonly accuracy: number;
  /** Mean recall of the classes that occur. */
  readonly balancedAccuracy: number;
  /** Mean F1 of the classes weighted by their rows; Table 3 of the paper prints it as "macro F1". */
  readonly weightedF1: number;
  /** Plain mean of the F1 of every class that occurs or is predicted. */
  readonly macroF1: number;
}

/**
 * Scores predictions.
 * @param labels true class of each row, a whole number from 0, `[rows]`
 * @param predicted `[rows]`
 * @throws when there is no row or the lengths differ.
 */
export function classificationScores(
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
): ClassificationScores {
  const { support, claimed, hits } = classCounts(labels, predicted);
  return scoresOfCounts(support, claimed, hits);
}

/**
 * Recall of every class: the share of its rows that are told right, NaN for a class that does not occur; `[classes]`.
 * @throws as `classificationScores` does.
 */
export function recallPerClass(labels: ArrayLike<number>, predicted: ArrayLike<number>): Float64Array {
  const { support, hits } = classCounts(labels, predicted);
  return hits.map((count, c) => count / support[c]);
}

/**
 * The scores of rows of which only the counts by class are known; they need not be whole numbers.
 * @param support rows of each class, `[classes]`
 * @param claimed rows predicted to be of it, `[classes]`
 * @param hits rows of it that are predicted to be, `[classes]`
 */
export function scoresOfCounts(
  support: Float64Array,
  claimed: Float64Array,
  hits: Float64Array,
): ClassificationScores {
  const rows = support.reduce((sum, count) => sum + count, 0);
  const all = Array.from(support.keys());
  const f1 = (c: number) => (2 * hits[c]) / (support[c] + claimed[c]);
  return {
    accuracy: hits.reduce((sum, count) => sum + count, 0) / rows,
    balancedAccuracy: mean(all.filter((c) => support[c] > 0).map((c) => hits[c] / support[c])),
    weightedF1: all.reduce((sum, c) => (support[c] > 0 ? sum + (support[c] / rows) * f1(c) : sum), 0),
    macroF1: mean(all.filter((c) => support[c] + claimed[c] > 0).map(f1)),
  };
}

function classCounts(
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
): Record<"support" | "claimed" | "hits", Float64Array> {
  const rows = labels.length;
  if (rows === 0 || predicted.length !== rows)
    throw new Error(`predicted has ${predicted.length} rows and labels ${rows}; give as many, at least 1`);
  const classes = 1 + Math.max(largest(labels), largest(predicted));
  const [support, claimed, hits] = Array.from({ length: 3 }, () => new Float64Array(classes));
  for (let i = 0; i < rows; i++) {
    support[labels[i]]++;
    claimed[predicted[i]]++;
    if (labels[i] === predicted[i]) hits[labels[i]]++;
  }
  return { support, claimed, hits };
}

function largest(values: ArrayLike<number>): number {
  let top = 0;
  for (let i = 0; i < values.length; i++) top = Math.max(top, values[i]);
  return top;
}
