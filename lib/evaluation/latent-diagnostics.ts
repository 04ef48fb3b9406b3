/** How far a sample of latents is from N(0, I): the columns of the paper's Table 1, and the effective rank. */
import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { sigregForms } from "../losses/sigreg.js";
import { sigregValue } from "./sigreg-value.js";
import { spectrum } from "./symmetric-eigen.js";

/** Diagnostics of one latent. */
export interface LatentDiagnostics {
  /** KL(N(m, C) ‖ N(0, I)) of the fitted Gaussian, full covariance, in nats. */
  readonly klAggregate: number;
  /** Mean squared distance of characteristic functions over random directions (this paper's SIGReg form). */
  readonly sigregMse: number;
  /** ‖C − I‖_F */
  readonly covarianceFrobenius: number;
  /** ‖m‖₂ */
  readonly meanNorm: number;
  /** exp of the entropy of the normalised singular values of the centred sample (Roy & Vetterli 2007): 1 … d. */
  readonly effectiveRank: number;
}

/**
 * Measures one latent against N(0, I), as the columns of Table 1 do.
 * @param latents row-major `[rows, d]`
 * @param directions unit vectors `[64, d]` for SIGReg
 * @throws when there are not more rows than dimensions, or a number is not finite.
 */
export function latentDiagnostics(
  latents: Float32Array,
  d: number,
  directions: Float32Array,
): LatentDiagnostics {
  const rows = latents.length / d;
  if (rows <= d)
    throw new Error(
      `latents have ${rows} rows in ${d} dimensions; the covariance needs more rows than dimensions`,
    );
  const { mean, covariance } = covarianceOf(latents, d);
  const meanSquared = mean.reduce((sum, m) => sum + m * m, 0);
  return {
    klAggregate: gaussianKl(covariance, meanSquared),
    sigregMse: sigregValue(latents, rows, d, directions, sigregForms["var-jepa"]),
    covarianceFrobenius: Matrix.sub(covariance, Matrix.eye(d)).norm("frobenius"),
    meanNorm: Math.sqrt(meanSquared),
    effectiveRank: effectiveRank(spectrum(covariance).values),
  };
}

/**
 * What `latentDiagnostics` measures on average of draws from N(0, I) themselves, to the first order in 1/rows: d(d+3)/4 numbers are
 * fitted for the KL, the covariance is off by √(d(d+1)/rows), the mean by √(d/rows), and a characteristic function has the variance (1 − e^{−t²})/rows.
 */
export function samplingFloor(
  rows: number,
  d: number,
): Pick<LatentDiagnostics, "klAggregate" | "sigregMse" | "covarianceFrobenius" | "meanNorm"> {
  const { spacing, weights } = sigregForms["var-jepa"];
  const missing = weights.reduce((sum, weight, k) => sum + weight * (1 - Math.exp(-((k * spacing) ** 2))), 0);
  return {
    klAggregate: (d * (d + 3)) / (4 * rows),
    sigregMse: missing / rows,
    covarianceFrobenius: Math.sqrt((d * (d + 1)) / rows),
    meanNorm: Math.sqrt(d / rows),
  };
}

/**
 * KL(N(m, C) ‖ N(0, I)) of the Gaussian fitted to a latent, as in `latentDiagnostics`, in nats.
 * @param latents row-major `[rows, d]`
 */
export function aggregateKl(latents: Float32Array, d: number): number {
  const { mean, covariance } = covarianceOf(latents, d);
  return gaussianKl(
    covariance,
    mean.reduce((sum, m) => sum + m * m, 0),
  );
}

function gaussianKl(covariance: Matrix, meanSquared: number): number {
  return 0.5 * (covariance.trace() + meanSquared - covariance.rows - logDeterminant(covariance));
}

/**
 * Mean `[d]` and covariance `[d, d]` (divided by rows − 1) of rows.
 * @param latents row-major `[rows, d]`
 */
export function covarianceOf(
  latents: Float32Array,
  d: number,
): { readonly mean: Float64Array; readonly covariance: Matrix } {
  const rows = latents.length / d;
  const mean = new Float64Array(d);
  for (let i = 0; i < latents.length; i++) mean[i % d] += latents[i] / rows;
  const covariance = Matrix.zeros(d, d);
  for (let n = 0; n < rows; n++)
    for (let j = 0; j < d; j++) {
      const centred = latents[n * d + j] - mean[j];
      for (let k = 0; k <= j; k++)
        covariance.set(j, k, covariance.get(j, k) + (centred * (latents[n * d + k] - mean[k])) / (rows - 1));
    }
  for (let j = 0; j < d; j++) for (let k = 0; k < j; k++) covariance.set(k, j, covariance.get(j, k));
  return { mean, covariance };
}

/** log det of a covariance; −∞ without full rank. */
export function logDeterminant(covariance: Matrix): number {
  const cholesky = new CholeskyDecomposition(covariance);
  if (!cholesky.isPositiveDefinite()) return Number.NEGATIVE_INFINITY;
  return 2 * cholesky.lowerTriangularMatrix.diagonal().reduce((sum, l) => sum + Math.log(l), 0);
}

/** exp of the entropy of the singular values √λ, normalised to sum 1 (Roy & Vetterli 2007); 0 when all are 0. */
export function effectiveRank(eigenvalues: readonly number[]): number {
  const singular = eigenvalues.map((value) => Math.sqrt(Math.max(0, value)));
  const total = singular.reduce((sum, s) => sum + s, 0);
  if (total === 0) return 0;
  const entropy = singular.reduce((sum, s) => (s > 0 ? sum - (s / total) * Math.log(s / total) : sum), 0);
  return Math.exp(entropy);
}
