/** Regression of how far off a prediction is: the log variance of residuals, linear in features. */
import { SMALLEST_DEVIATION } from "../distributions/peaked-gaussian.js";
import { mean, rangeOf } from "../moments.js";
import type { SparseFeatures } from "./raw-features.js";
import { type FitRidge, predictLinear } from "./ridge.js";

/** Steps at most, and the gain in a row's mean likelihood below which no more are made. */
const [MOST_STEPS, STILL] = [500, 1e-10];

/** A fitted spread. */
export interface LogVariance {
  /** Of log σ², `[columns + 1]`; the last is the intercept, which is not penalised. */
  readonly weights: Float64Array;
  readonly converged: boolean;
  /** Steps of Fisher scoring. */
  readonly iterations: number;
  /**
   * Standard deviations, `[rows]`: none beyond those of the rows fitted on, nor above the largest residual, which those of a row far from
   * the others exceed without end.
   */
  readonly deviations: (features: SparseFeatures) => Float64Array;
}

/**
 * η = log σ², linear in the features, that minimises Σ over rows ½ (η + r² e^−η) + λ/4 · ‖weights without the intercept‖²: the negative
 * log-likelihood of residuals r ~ N(0, σ²) with a penalty (Harvey, Estimating Regression Models with Multiplicative
 * Heteroscedasticity, 1976). By Fisher scoring: the expected curvature of a row is ½ whatever η is, so a step is the ridge regression of
 * η + r² e^−η − 1, halved until it gains. A residual counts as at least `SMALLEST_DEVIATION`.
 * @param features `[rows, columns]`
 * @param fitRidge prepared of these features
 * @param residuals of rows that the prediction was not fitted on, `[rows]`
 * @param lambda in rows, above 0
 * @param start weights to begin with, such as those of a nearby λ
 */
export function fitLogVariance(
  features: SparseFeatures,
  fitRidge: FitRidge,
  residuals: Float64Array,
  lambda: number,
  start?: Float64Array,
): LogVariance {
  const squared = residuals.map((r) => r * r + SMALLEST_DEVIATION ** 2);
  const at = (weights: Float64Array) => {
    const eta = predictLinear(features, weights);
    const ratios = eta.map((own, row) => squared[row] * Math.exp(-own));
    const penalty = weights.subarray(0, features.columns).reduce((sum, w) => sum + w * w, 0);
    const loss = (mean(eta) + mean(ratios)) / 2 + (lambda * penalty) / 4 / eta.length;
    return { weights, eta, ratios, loss };
  };
  const constant = new Float64Array(features.columns + 1);
  constant[features.columns] = Math.log(mean(squared));
  let own = at(start ?? constant);
  let [iterations, converged] = [0, false];
  while (!converged && iterations < MOST_STEPS) {
    const { weights, eta, ratios } = own;
    const aim = fitRidge(eta.map((value, row) => value + ratios[row] - 1))(lambda).weights;
    let by = 1;
    let next = at(aim);
    while (!(next.loss <= own.loss) && by > 1e-9) {
      by /= 2;
      next = at(weights.map((w, j) => w + by * (aim[j] - w)));
    }
    converged = Math.abs(own.loss - next.loss) <= STILL;
    if (next.loss <= own.loss) own = next;
    iterations++;
  }
  const [least, largest] = rangeOf(own.eta);
  const most = Math.min(largest, Math.log(rangeOf(squared)[1]));
  return {
    weights: own.weights,
    converged,
    iterations,
    deviations: (asked) =>
      predictLinear(asked, own.weights).map((value) => Math.exp(Math.min(most, Math.max(least, value)) / 2)),
  };
}
