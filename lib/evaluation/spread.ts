/** How far a latent spreads over rows, and over how many directions: what a collapse takes away. */
import { covarianceOf, effectiveRank } from "./latent-diagnostics.js";
import { spectrum } from "./symmetric-eigen.js";

/** Spread of one latent. */
export interface Spread {
  /** The trace of the covariance (divided by rows − 1). */
  readonly totalVariance: number;
  /** exp of the entropy of the normalised singular values of the centred rows (Roy & Vetterli 2007): 1 … d, 0 of rows that are all the same. */
  readonly effectiveRank: number;
  /** The share of the total variance along the first principal axis: 1 is rank one; NaN of rows that are all the same. */
  readonly firstShare: number;
}

/**
 * Spread of a latent. A scale below that of the latent's rounding is not told from none, so a collapse that is complete counts as one.
 * @param latents row-major `[rows, d]`, at least 2 rows
 */
export function spread(latents: Float32Array, d: number): Spread {
  const { values } = spectrum(covarianceOf(latents, d).covariance);
  const totalVariance = values.reduce((sum, value) => sum + value, 0);
  return {
    totalVariance,
    effectiveRank: effectiveRank(values),
    firstShare: Math.max(...values) / totalVariance,
  };
}
