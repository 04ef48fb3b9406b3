import { ascending, ties } from "./ranks.js";

/** A receiver operating characteristic: one point per threshold, from (0, 0) to (1, 1). */
export interface RocCurve {
  readonly falsePositive: Float64Array;
  readonly truePositive: Float64Array;
  /** Probability that a positive row scores above a negative one, equal scores counting half. */
  readonly area: number;
}

/**
 * ROC of a score for "this row is positive".
 * @throws when lengths differ, a score is NaN, or all rows are of one kind.
 */
export function rocCurve(scores: ArrayLike<number>, positive: ArrayLike<boolean>): RocCurve {
  const rows = scores.length;
  const positives = Array.from(positive).filter(Boolean).length;
  if (positive.length !== rows || positives === 0 || positives === rows)
    throw new Error(
      `${rows} scores with ${positives} positive of ${positive.length} rows; a ROC curve needs both kinds, and as many scores as rows`,
    );
  const order = ascending(scores).reverse();
  const falsePositive = [0];
  const truePositive = [0];
  let area = 0;
  let [hits, alarms] = [0, 0];
  for (const [from, to] of ties(scores, order)) {
    for (let i = from; i < to; i++) positive[order[i]] ? hits++ : alarms++;
    const [x, y] = [alarms / (rows - positives), hits / positives];
    area += ((x - falsePositive[falsePositive.length - 1]) * (y + truePositive[truePositive.length - 1])) / 2;
    falsePositive.push(x);
    truePositive.push(y);
  }
  return {
    falsePositive: Float64Array.from(falsePositive),
    truePositive: Float64Array.from(truePositive),
    area,
  };
}

/**
 * Area under the ROC curve of class probabilities: of two classes that of the second; of more the plain mean over the
 * classes that occur of "this class against the rest", by the class's own probability.
 * @param labels true classes from 0, `[rows]`
 * @param probabilities row-major `[rows, classes]`
 * @throws as `rocCurve` does, so also when only one class occurs.
 */
export function rocAuc(labels: ArrayLike<number>, probabilities: ArrayLike<number>, classes: number): number {
  const truth = Array.from(labels);
  const against = (c: number) =>
    rocCurve(
      truth.map((_, row) => probabilities[row * classes + c]),
      truth.map((label) => label === c),
    ).area;
  if (classes === 2) return against(1);
  const present = [...new Set(truth)];
  return present.reduce((sum, c) => sum + against(c), 0) / present.length;
}
