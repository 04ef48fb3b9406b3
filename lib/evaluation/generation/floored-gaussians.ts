/** Gaussian marginals and regressions whose variance is nowhere below that of a model they stand beside. */
import { Matrix } from "ml-matrix";
import { choleskyFactor } from "../../distributions/full-gaussian.js";
import type { Pairs } from "../../families/var-jepa.js";
import { covarianceOf } from "../latent-diagnostics.js";
import { spectrum } from "../symmetric-eigen.js";
import { type Affine, affineDensity, affineRow } from "./affine-density.js";
import { type CovarianceForm, fitGaussianRegression, ridgeRegression } from "./gaussian-baselines.js";
import type { MeanDensity } from "./hidden-blocks.js";
import { lastTenthAside } from "./last-tenth-aside.js";

/** Which covariance: a variance per coordinate, or all of it. */
export type FlooredForm = Exclude<CovarianceForm, "isotropic">;

/**
 * The marginal of y. Grey values of which many are always 0 have a likelihood without bound: a variance that goes to 0. A model with
 * a fixed σ_y cannot go there, so neither may what it is compared with: variances below `least`, in any direction where the
 * covariance is full, are brought up to it.
 */
export function flooredMarginal(
  { rows, x, y }: Pairs,
  least: number,
): Readonly<Record<FlooredForm, MeanDensity>> {
  const dy = y.length / rows;
  const { mean, covariance } = covarianceOf(y, dy);
  return flooredBoth({ matrix: new Float64Array((x.length / rows) * dy), bias: mean }, covariance, least);
}

/**
 * Ridge regression of y on x with the covariance of its residuals, brought up to `least` as that of `flooredMarginal`. The penalty is
 * that with the least squared error on the last tenth of the rows; all rows are fitted with it.
 * @throws when there are too few rows.
 */
export function flooredRegression(
  pairs: Pairs,
  least: number,
): Readonly<Record<FlooredForm, MeanDensity>> & { readonly penalty: number } {
  const { rows, x } = pairs;
  const { own, validation } = lastTenthAside(pairs);
  const { penalty } = fitGaussianRegression(own, validation, "isotropic");
  const fitted = ridgeRegression(pairs, penalty);
  if (!fitted)
    throw new Error(`there are ${rows} rows; a regression on ${x.length / rows} pixels needs more`);
  const dy = fitted.map.bias.length;
  return { ...flooredBoth(fitted.map, Matrix.from1DArray(dy, dy, fitted.covariance), least), penalty };
}

function flooredBoth(map: Affine, covariance: Matrix, least: number): Record<FlooredForm, MeanDensity> {
  const d = covariance.rows;
  const { values, vectors } = spectrum(covariance);
  const raised = vectors.mmul(Matrix.diag(values.map((value) => Math.max(value, least))));
  const full = choleskyFactor(Float64Array.from(raised.mmul(vectors.transpose()).to1DArray()), d);
  if (!full) throw new Error(`least is ${least}; use a variance above 0`);
  const diagonal = Matrix.diag(covariance.diagonal().map((value) => Math.sqrt(Math.max(value, least))));
  const density = (factor: Float64Array): MeanDensity => ({
    ...affineDensity(map, factor),
    mean: ({ rows, x }) => {
      const means = new Float64Array(rows * d);
      for (let row = 0; row < rows; row++) means.set(affineRow(map, x, row), row * d);
      return means;
    },
  });
  return { diagonal: density(Float64Array.from(diagonal.to1DArray())), full: density(full) };
}
