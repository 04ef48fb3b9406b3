import { covarianceOf } from "./latent-diagnostics.js";

/** Variance of a posterior mean over rows from which on a dimension counts as active (Burda, Grosse & Salakhutdinov 2016). */
const ACTIVE = 0.01;

/**
 * How many dimensions of a latent tell anything of its input: those whose posterior mean varies over rows by more than 0.01.
 * @param means row-major `[rows, d]`
 */
export function activeUnits(means: Float32Array, d: number): number {
  return covarianceOf(means, d)
    .covariance.diagonal()
    .filter((variance) => variance > ACTIVE).length;
}
