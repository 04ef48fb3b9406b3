/**
 * Selective prediction: how accurate the rest is when the most uncertain rows are left out (Table 2 and Figure 3 of the paper).
 * Rows of equal uncertainty that a cut would part count with their mean, which is what any of them is worth in
 * expectation; so no result depends on the order of the rows.
 */
import { type ClassificationScores, scoresOfCounts } from "./classification-scores.js";
import { ascending, ties } from "./ranks.js";

/** Shares of the most uncertain rows that the paper's Table 2 drops, after none. */
export const publishedShares = [0, 0.1, 0.2, 0.5] as const;

/** What remains when the most uncertain rows are dropped. */
export interface SelectiveScore {
  /** Share of the rows dropped. */
  readonly dropped: number;
  /** Rows kept. */
  readonly kept: number;
  readonly accuracy: number;
  /** Accuracy when as many rows are dropped at random: its expectation, the accuracy on all rows, … */
  readonly randomAccuracy: number;
  /** … and its standard deviation over draws. */
  readonly randomDeviation: number;
  /** Share of each class among the kept rows. */
  readonly classShares: readonly number[];
  /**
   * Expected accuracy when as many rows of each class are kept, but chosen at random within the class: what the
   * change of the class mix does by itself.
   */
  readonly sameMixAccuracy: number;
}

/** Risk against coverage. */
export interface RiskCoverage {
  /** Error rate on the n + 1 most certain rows at place n: coverage (n + 1) / rows, `[rows]`. */
  readonly risk: Float64Array;
  /** Area under it, the mean of `risk` (Geifman, Uziel & El-Yaniv 2019); dropping at random gives the error rate. */
  readonly area: number;
  /** The smallest area any order could have: all wrong rows last. */
  readonly smallestArea: number;
}

/**
 * Accuracy and class mix when shares of the rows are dropped, the most uncertain first, beside dropping at random.
 * @param labels true classes from 0, `[rows]`
 * @param uncertainty `[rows]`, larger is less certain
 * @throws when lengths differ, an uncertainty is NaN or a share leaves no row.
 */
export function selectiveScores(
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
  uncertainty: ArrayLike<number>,
  shares: readonly number[] = publishedShares,
): SelectiveScore[] {
  const rows = checkLengths(labels, predicted, uncertainty);
  const right = Float64Array.from({ length: rows }, (_, i) => Number(labels[i] === predicted[i]));
  const classes = Array.from(labels).reduce((top, label) => Math.max(top, label), 0) + 1;
  const order = ascending(uncertainty);
  const hits = runningSums(right, uncertainty, order);
  const members = Array.from({ length: classes }, (_, c) => {
    const isMember = Float64Array.from({ length: rows }, (_, i) => Number(labels[i] === c));
    const recall =
      right.reduce((sum, r, i) => sum + r * isMember[i], 0) / isMember.reduce((sum, m) => sum + m, 0);
    return { counts: runningSums(isMember, uncertainty, order), recall };
  });
  const accuracy = hits[rows - 1] / rows;
  return shares.map((dropped) => {
    const kept = keptRows(rows, dropped);
    const classShares = members.map(({ counts }) => counts[kept - 1] / kept);
    return {
      dropped,
      kept,
      accuracy: hits[kept - 1] / kept,
      randomAccuracy: accuracy,
      randomDeviation: Math.sqrt(
        ((accuracy * (1 - accuracy)) / kept) * ((rows - kept) / Math.max(1, rows - 1)),
      ),
      classShares,
      sameMixAccuracy: members.reduce(
        (sum, { recall }, c) => (classShares[c] > 0 ? sum + classShares[c] * recall : sum),
        0,
      ),
    };
  });
}

/** Share of the largest class among the kept rows: what predicting that class alone would get right. */
export function majorityShare({ classShares }: SelectiveScore): number {
  return Math.max(...classShares);
}

/**
 * Accuracy and F1s of the rows kept when a share of them is dropped, the most uncertain first. Where a cut parts rows of
 * equal uncertainty, the scores are those of the expected counts.
 * @param labels true classes from 0, `[rows]`
 * @param uncertainty `[rows]`, larger is less certain
 * @throws as `selectiveScores` does.
 */
export function keptScores(
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
  uncertainty: ArrayLike<number>,
  share: number,
): ClassificationScores {
  const rows = checkLengths(labels, predicted, uncertainty);
  const kept = keptRows(rows, share);
  const order = ascending(uncertainty);
  const classes =
    1 + Math.max(...[labels, predicted].map((of) => Array.from(of).reduce((a, b) => Math.max(a, b), 0)));
  const count = (is: (row: number, c: number) => boolean) =>
    Float64Array.from({ length: classes }, (_, c) => {
      const members = Float64Array.from({ length: rows }, (_, row) => Number(is(row, c)));
      return runningSums(members, uncertainty, order)[kept - 1];
    });
  return scoresOfCounts(
    count((row, c) => labels[row] === c),
    count((row, c) => predicted[row] === c),
    count((row, c) => labels[row] === c && predicted[row] === c),
  );
}

/**
 * The whole risk–coverage curve.
 * @throws when lengths differ or an uncertainty is NaN.
 */
export function riskCoverage(
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
  uncertainty: ArrayLike<number>,
): RiskCoverage {
  const rows = checkLengths(labels, predicted, uncertainty);
  const wrong = Float64Array.from({ length: rows }, (_, i) => Number(labels[i] !== predicted[i]));
  const curve = (order: ArrayLike<number>) =>
    runningSums(wrong, order, ascending(order)).map((errors, i) => errors / (i + 1));
  const area = (risk: Float64Array) => risk.reduce((sum, r) => sum + r, 0) / rows;
  const risk = curve(uncertainty);
  return { risk, area: area(risk), smallestArea: area(curve(wrong)) };
}

/** Sums of `values` over the first 1, 2, … rows in `order`, rows of equal uncertainty counting with their mean. */
function runningSums(values: Float64Array, uncertainty: ArrayLike<number>, order: Int32Array): Float64Array {
  const sums = new Float64Array(order.length);
  let before = 0;
  for (const [from, to] of ties(uncertainty, order)) {
    let sum = 0;
    for (let i = from; i < to; i++) sum += values[order[i]];
    for (let i = from; i < to; i++) sums[i] = before + (sum * (i + 1 - from)) / (to - from);
    before += sum;
  }
  return sums;
}

function keptRows(rows: number, dropped: number): number {
  const kept = rows - Math.round(dropped * rows);
  if (!(dropped >= 0) || kept < 1)
    throw new Error(`a share of ${dropped} leaves no row of ${rows}; use shares from 0 to below 1`);
  return kept;
}

function checkLengths(
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
  uncertainty: ArrayLike<number>,
): number {
  const rows = labels.length;
  if (rows === 0 || predicted.length !== rows || uncertainty.length !== rows)
    throw new Error(
      `labels have ${rows} rows, predicted ${predicted.length}, uncertainty ${uncertainty.length}; give as many, at least 1`,
    );
  return rows;
}
