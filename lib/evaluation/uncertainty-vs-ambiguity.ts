/** How an uncertainty follows a known ambiguity u of the rows (Figure 3 of the paper). */
import { mean, squares } from "../moments.js";
import { ascending, rankShareOfGroups, spearman } from "./metrics/ranks.js";
import { type RocCurve, rocCurve } from "./metrics/roc-curve.js";

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
