/** How much a Gaussian latent tells about its input: I(x; s) from below and from above, in nats. */
import { mean, variance } from "../moments.js";
import { rowInformation } from "./elbo-surgery.js";
import type { PlainGaussian } from "./embed.js";
import { covarianceOf, logDeterminant } from "./latent-diagnostics.js";

/** Bounds of I(x; s). */
export interface InformationBracket {
  /**
   * InfoNCE with its best critic, q(s|x) itself (van den Oord et al. 2018; Poole et al. 2019, Section 2.3): the mean of
   * log q(s_n|x_n) − log (1/N) Σ_m q(s_n|x_m). It cannot exceed log N, so an amount above that is not seen.
   */
  readonly lower: number;
  /** Standard error of the lower bound, which has one sample a row: near 0 it may come out above the upper one by as much. */
  readonly lowerError: number;
  /**
   * E KL(q(s|x) ‖ N(0, I)) − KL(N(m, C) ‖ N(0, I)), m and C the moments of the aggregate posterior q(s). By the surgery of
   * the ELBO (Hoffman & Johnson 2016) I is the first less KL(q(s) ‖ N(0, I)), which is at least that of the Gaussian with the
   * same moments. Exact where q(s) is Gaussian; the prior cancels: ½ (log det C − E log det Σ(x)).
   */
  readonly upper: number;
  /** log N: where the lower bound saturates. */
  readonly ceiling: number;
}

/**
 * Bounds of the information that a latent has about its input. Both are of the N rows as the distribution of x; the lower bound
 * takes N² densities. Points tell everything, I = ∞: they have no bracket.
 * @param q q(s|x_n), `[rows, d]`
 * @param samples s_n ~ q(s|x_n), one per row, `[rows, d]`
 * @throws when the posteriors are points.
 */
export function informationBracket(q: PlainGaussian, samples: Float32Array, d: number): InformationBracket {
  if (!q.logVariance.every(Number.isFinite))
    throw new Error(
      "logVariance is not finite; a deterministic latent has no finite information, leave it out",
    );
  const rows = q.mean.length / d;
  const { covariance } = covarianceOf(q.mean, d);
  // Of the mixture of the N posteriors: the means' covariance divided by N, and their average variance.
  covariance.mul((rows - 1) / rows);
  let logVolume = 0;
  for (let i = 0; i < q.logVariance.length; i++) {
    const j = i % d;
    covariance.set(j, j, covariance.get(j, j) + Math.exp(q.logVariance[i]) / rows);
    logVolume += q.logVariance[i] / rows;
  }
  const told = rowInformation(q.mean, q.logVariance, samples, d).map(
    ({ logPosterior, logMixture }) => logPosterior - logMixture,
  );
  return {
    lower: mean(told),
    lowerError: Math.sqrt(variance(told) / rows),
    upper: 0.5 * (logDeterminant(covariance) - logVolume),
    ceiling: Math.log(rows),
  };
}
