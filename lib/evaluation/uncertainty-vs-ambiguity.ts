/** How an uncertainty follows a known ambiguity u of the rows (Figure 3 of the paper). */
import { mean, squares } from "../moments.js";
import { ascending } from "./metrics/ranks.js";
import { type RocCurve, rocCurve } from "./metrics/roc-curve.js";

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
