/** What log importance weights say: a log-likelihood, the bound over K, and how far both are from their limit. */
import { checkWhole } from "../../checks.js";
import { logMeanExp } from "../../distributions/log-mean-exp.js";
import { mean } from "../../moments.js";
import { type Estimate, estimate } from "./estimate.js";
import { paretoShape } from "./pareto-shape.js";

/** The bound with K samples, in nats per row. */
export interface BoundPoint extends Estimate {
  /** K */
  readonly samples: number;
}

/** A log-likelihood per row from importance weights, in nats. */
export interface ImportanceBound {
  /** K, samples per row. */
  readonly samples: number;
  /** log (1/K) Σ_k w_k of all samples, `[rows]`. */
  readonly perRow: Float64Array;
  /**
   * L_K = E log (1/K) Σ_k w_k over K = 1, 2, 4, … and all samples, with standard errors over rows. Rises with K to
   * log p (Burda, Grosse & Salakhutdinov 2016, Theorem 1). A K uses all samples, in ⌊samples/K⌋ groups.
   */
  readonly curve: readonly BoundPoint[];
  /** What the second half of the samples added, L_all − L_half, per row: near 0 where the bound has converged. */
  readonly change: Estimate;
  /** Kish's effective sample size (Σw)²/Σw², `[rows]`: 1 … K. Near 1, a single sample makes the whole estimate. */
  readonly effectiveSamples: Float64Array;
  /**
   * Variance of log w, `[rows]`, in nats². The bound needs K of the order of e^KL(posterior ‖ proposal) samples (Chatterjee &
   * Diaconis 2018), e^(variance/2) where log w is normal.
   */
  readonly logWeightVariance: Float64Array;
  /** k̂ of `paretoShape`, `[rows]`: above 0.7, more samples do not help. */
  readonly paretoShape: Float64Array;
  /** Monte Carlo error of the mean of `perRow`, by the delta method, √Σ (1/ESS − 1/K)/rows; too small where ESS is. */
  readonly monteCarloError: number;
}

/**
 * Sums up log importance weights of a likelihood.
 * @param logWeights log w, row-major `[rows, samples]`
 * @param samples K, at least 2
 * @throws when the weights are no whole rows, or one of them is NaN.
 */
export function importanceBound(logWeights: Float64Array, samples: number): ImportanceBound {
  const rows = checkWeights(logWeights, samples);
  const of = (row: number, from: number, to: number) =>
    logMeanExp(logWeights.subarray(row * samples + from, row * samples + to));
  const summary = groupedCurve(rows, samples, of);
  const effectiveSamples = new Float64Array(rows);
  const logWeightVariance = new Float64Array(rows);
  const shape = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const own = logWeights.subarray(row * samples, (row + 1) * samples);
    effectiveSamples[row] = effectiveSampleSize(own);
    shape[row] = paretoShape(own);
    const centre = mean(own);
    logWeightVariance[row] = own.reduce((sum, v) => sum + (v - centre) ** 2, 0) / (samples - 1);
  }
  const errors = effectiveSamples.reduce((sum, ess) => sum + Math.max(0, 1 / ess - 1 / samples), 0);
  return {
    samples,
    ...summary,
    effectiveSamples,
    logWeightVariance,
    paretoShape: shape,
    monteCarloError: Math.sqrt(errors) / rows,
  };
}

/** Kish's effective sample size (Σw)²/Σw² of log weights. */
export function effectiveSampleSize(logWeights: Float64Array): number {
  const squared = logMeanExp(logWeights.map((v) => 2 * v));
  return logWeights.length * Math.exp(2 * logMeanExp(logWeights) - squared);
}

/** A log-likelihood per row as a ratio of two importance estimates, in nats: consistent, but no bound. */
export type RatioEstimate = Pick<ImportanceBound, "samples" | "perRow" | "curve" | "change">;

/**
 * log of a ratio of means of weights: log Σ_k a_k − log Σ_k b_k. With a_k = w_k v_k and b_k = v_k this is the
 * self-normalised estimate of E[w] under the distribution that v reweights to. For finite K it may lie on either side
 * of its limit; look at the curve.
 * @param logNumerator log a, row-major `[rows, samples]`
 * @param logDenominator log b, `[rows, samples]`
 * @throws when the weights are no whole rows of both, or one of them is NaN.
 */
export function importanceRatio(
  logNumerator: Float64Array,
  logDenominator: Float64Array,
  samples: number,
): RatioEstimate {
  const rows = checkWeights(logNumerator, samples);
  if (checkWeights(logDenominator, samples) !== rows)
    throw new Error(`the ratio has weights of ${rows} rows and of others; give both for the same rows`);
  const log = (weights: Float64Array, row: number, from: number, to: number) =>
    logMeanExp(weights.subarray(row * samples + from, row * samples + to));
  return {
    samples,
    ...groupedCurve(
      rows,
      samples,
      (row, from, to) => log(logNumerator, row, from, to) - log(logDenominator, row, from, to),
    ),
  };
}

/** Estimates from disjoint groups of K samples, K = 1, 2, 4, … and all. */
function groupedCurve(
  rows: number,
  samples: number,
  of: (row: number, from: number, to: number) => number,
): Pick<ImportanceBound, "perRow" | "curve" | "change"> {
  const grouped = (size: number) => {
    const groups = Math.floor(samples / size);
    return Float64Array.from({ length: rows }, (_, row) => {
      let sum = 0;
      for (let g = 0; g < groups; g++) sum += of(row, g * size, (g + 1) * size);
      return sum / groups;
    });
  };
  const curve: BoundPoint[] = [];
  for (let size = 1; size < samples; size *= 2) curve.push({ samples: size, ...estimate(grouped(size)) });
  const perRow = grouped(samples);
  curve.push({ samples, ...estimate(perRow) });
  const half = grouped(Math.floor(samples / 2));
  return { perRow, curve, change: estimate(perRow.map((all, row) => all - half[row])) };
}

function checkWeights(logWeights: Float64Array, samples: number): number {
  checkWhole("samples", samples, 2);
  const rows = logWeights.length / samples;
  if (!Number.isInteger(rows) || rows === 0)
    throw new Error(`there are ${logWeights.length} weights; give ${samples} for every row`);
  const bad = logWeights.findIndex((v) => Number.isNaN(v));
  if (bad >= 0)
    throw new Error(
      `the log weight of row ${Math.floor(bad / samples)}, sample ${bad % samples} is NaN; the model's weights or the row's values are out of range`,
    );
  return rows;
}
