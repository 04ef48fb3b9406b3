/** How an uncertainty follows a known ambiguity u of the rows (Figure 3 of the paper). */
import { mean, squares } from "../moments.js";
import { ascending, rankShareOfGroups, spearman, ties } from "./ranks.js";

/** A receiver operating characteristic: one point per threshold, from (0, 0) to (1, 1). */
export interface RocCurve {
  readonly falsePositive: Float64Array;
  readonly truePositive: Float64Array;
  /** Probability that a positive row scores above a negative one, equal scores counting half. */
  readonly area: number;
}

/** With what an uncertainty goes along. */
export interface UncertaintyRelations {
  /** Spearman's correlation with the ambiguity; `null` in a table without. */
  readonly ambiguity: number | null;
  /** Share of its ranks that the classes explain (η²): 1 when uncertainty only says which class a row is of. */
  readonly classShare: number;
  /** Mean of the standardised uncertainty in each class; NaN for a class without rows. */
  readonly classMeans: readonly number[];
}

/**
 * (value − mean) / standard deviation; zeros when all values are equal. `decileMeans` shows a standardised uncertainty
 * against u.
 */
export function standardised(values: ArrayLike<number>): Float64Array {
  const all = Float64Array.from(values);
  const centre = mean(all);
  const deviation = Math.sqrt(squares(all, centre) / all.length);
  return all.map((v) => (deviation > 0 ? (v - centre) / deviation : 0));
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
 * ROC of uncertainty as a detector of "u is above its quantile".
 * @param quantile of u; the paper says "a high quantile"
 */
export function ambiguityDetection(
  uncertainty: ArrayLike<number>,
  ambiguity: ArrayLike<number>,
  quantile = 0.9,
): RocCurve {
  const order = ascending(ambiguity);
  const threshold = ambiguity[order[Math.max(0, Math.ceil(quantile * order.length) - 1)]];
  return rocCurve(
    uncertainty,
    Array.from(ambiguity, (u) => u > threshold),
  );
}

/**
 * What an uncertainty goes along with: the ambiguity of the rows where it is known, and their class.
 * @param labels classes from 0, `[rows]`
 * @throws when lengths differ or a value is NaN.
 */
export function uncertaintyRelations(
  uncertainty: ArrayLike<number>,
  labels: ArrayLike<number>,
  ambiguity?: ArrayLike<number>,
): UncertaintyRelations {
  if (labels.length !== uncertainty.length)
    throw new Error(`uncertainty has ${uncertainty.length} rows and labels ${labels.length}; give as many`);
  const z = standardised(uncertainty);
  const classes = 1 + Array.from(labels).reduce((top, label) => Math.max(top, label), 0);
  const classMeans = Array.from({ length: classes }, (_, c) => mean(z.filter((_, row) => labels[row] === c)));
  return {
    ambiguity: ambiguity ? spearman(uncertainty, ambiguity) : null,
    classShare: rankShareOfGroups(uncertainty, labels),
    classMeans,
  };
}
