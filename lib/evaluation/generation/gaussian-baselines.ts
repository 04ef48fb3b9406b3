/** What a generator is compared with: the marginal of y, and linear regression of y on x, with Gaussian residuals. */
import { centredLogProb, choleskyFactor, solveLower, solveUpper } from "../../distributions/full-gaussian.js";
import type { Pairs } from "../../families/var-jepa.js";
import { mean } from "../../moments.js";
import { type Affine, affineDensity, affineRow } from "./affine-density.js";
import type { ConditionalDensity } from "./conditional-density.js";

/** Form of the residuals' covariance: one variance (as a decoder with a single σ), one per coordinate, or all of it. */
export type CovarianceForm = "isotropic" | "diagonal" | "full";

/** A fitted baseline: N(x M + b, Σ), Σ the same for all rows. */
export interface GaussianBaseline extends ConditionalDensity {
  readonly map: Affine;
  /** λ, as a share of the mean of the diagonal of XᵀX; 0 of a marginal. */
  readonly penalty: number;
  /** ρ: Σ = (1 − ρ) S + ρ · tr(S)/dy · I. */
  readonly shrinkage: number;
  /** Mean log-likelihood of the validation rows that both were chosen on, in nats. */
  readonly validation: number;
}

const PENALTIES = [1e-8, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10];
const SHRINKAGES = [0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 3e-2, 0.1, 0.3];

/**
 * The marginal of y: its mean and covariance over the training rows, x not looked at; the shrinkage of the covariance is
 * chosen on validation rows.
 * @throws when there are fewer than 2 rows to learn from, or none to choose on.
 */
export function fitGaussianMarginal(train: Pairs, validation: Pairs, form: CovarianceForm): GaussianBaseline {
  const moments = crossMoments(train);
  const { dx, dy, yy, meanY } = moments;
  const scale = 1 / (train.rows - 1);
  const map = { matrix: new Float64Array(dx * dy), bias: meanY };
  return chosen(
    map,
    0,
    yy.map((v) => v * scale),
    form,
    validation,
  );
}

/**
 * Linear regression of all coordinates of y on x, M = (XᵀX + λI)⁻¹XᵀY with x and y centred, solved by Cholesky in double
 * precision. The residuals' covariance S is divided by the training rows less 1 + tr (XᵀX + λI)⁻¹XᵀX, the degrees of
 * freedom that the fit took (Hastie, Tibshirani & Friedman 2009, Section 3.4.1). λ and the shrinkage of S are those with
 * the largest likelihood of the validation rows.
 * @throws when there are too few rows to learn from, or none to choose on.
 */
export function fitGaussianRegression(
  train: Pairs,
  validation: Pairs,
  form: CovarianceForm,
): GaussianBaseline {
  const moments = crossMoments(train);
  let best: GaussianBaseline | undefined;
  for (const penalty of PENALTIES) {
    const fitted = ridgeOf(moments, train.rows, penalty);
    if (!fitted) continue;
    const found = chosen(fitted.map, penalty, fitted.covariance, form, validation);
    if (!best || found.validation > best.validation) best = found;
  }
  if (!best)
    throw new Error(
      `train has ${train.rows} rows of ${moments.dx} inputs that no penalty can be fitted to; give more rows`,
    );
  return best;
}

/** An affine map fitted by least squares, and the covariance of what it leaves, `[dy, dy]`. */
export interface FittedMap {
  readonly map: Affine;
  readonly covariance: Float64Array;
}

/**
 * Ridge regression of one penalty, as `fitGaussianRegression` fits it.
 * @param penalty λ, as a share of the mean of the diagonal of XᵀX
 * @returns undefined where it has no unique solution, or takes all degrees of freedom
 */
export function ridgeRegression(pairs: Pairs, penalty: number): FittedMap | undefined {
  return ridgeOf(crossMoments(pairs), pairs.rows, penalty);
}

/** Centred second moments of pairs, sums over rows. */
interface CrossMoments {
  readonly dx: number;
  readonly dy: number;
  readonly meanX: Float64Array;
  readonly meanY: Float64Array;
  /** XᵀX `[dx, dx]`, XᵀY `[dx, dy]`, YᵀY `[dy, dy]`. */
  readonly xx: Float64Array;
  readonly xy: Float64Array;
  readonly yy: Float64Array;
}

function crossMoments({ rows, x, y }: Pairs): CrossMoments {
  if (rows < 2) throw new Error(`train has ${rows} rows; give at least 2`);
  const [dx, dy] = [x.length / rows, y.length / rows];
  const [meanX, meanY] = [columnMeans(x, rows), columnMeans(y, rows)];
  const xx = new Float64Array(dx * dx);
  const xy = new Float64Array(dx * dy);
  const yy = new Float64Array(dy * dy);
  const [ownX, ownY] = [new Float64Array(dx), new Float64Array(dy)];
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < dx; j++) ownX[j] = x[row * dx + j] - meanX[j];
    for (let j = 0; j < dy; j++) ownY[j] = y[row * dy + j] - meanY[j];
    addOuter(xx, ownX, ownX);
    addOuter(xy, ownX, ownY);
    addOuter(yy, ownY, ownY);
  }
  return { dx, dy, meanX, meanY, xx, xy, yy };
}

function columnMeans(values: Float32Array, rows: number): Float64Array {
  const columns = values.length / rows;
  const sums = new Float64Array(columns);
  for (let at = 0; at < values.length; at++) sums[at % columns] += values[at];
  return sums.map((sum) => sum / rows);
}

function addOuter(sum: Float64Array, a: Float64Array, b: Float64Array): void {
  const columns = b.length;
  for (let i = 0; i < a.length; i++) {
    const value = a[i];
    if (value !== 0) for (let j = 0; j < columns; j++) sum[i * columns + j] += value * b[j];
  }
}

function ridgeOf(
  { dx, dy, meanX, meanY, xx, xy, yy }: CrossMoments,
  rows: number,
  penalty: number,
): FittedMap | undefined {
  let trace = 0;
  for (let j = 0; j < dx; j++) trace += xx[j * dx + j];
  const lambda = (penalty * trace) / dx;
  const penalised = xx.slice();
  for (let j = 0; j < dx; j++) penalised[j * dx + j] += lambda;
  const factor = choleskyFactor(penalised, dx);
  if (!factor) return undefined;
  const matrix = new Float64Array(dx * dy);
  for (let o = 0; o < dy; o++) {
    const column = Float64Array.from({ length: dx }, (_, i) => xy[i * dy + o]);
    solveUpper(factor, solveLower(factor, column)).forEach((value, i) => {
      matrix[i * dy + o] = value;
    });
  }
  // tr (G + λI)⁻¹G = dx − λ tr (G + λI)⁻¹, and tr (L Lᵀ)⁻¹ = ‖L⁻¹‖².
  let inverseTrace = 0;
  for (let i = 0; i < dx; i++) {
    const unit = new Float64Array(dx - i);
    unit[0] = 1;
    inverseTrace += belowSolve(factor, dx, i, unit).reduce((sum, v) => sum + v * v, 0);
  }
  const freedom = rows - 1 - (dx - lambda * inverseTrace);
  if (freedom < 1) return undefined;
  // (Y − XM)ᵀ(Y − XM) = YᵀY − MᵀXᵀY − λMᵀM, since (XᵀX + λI)M = XᵀY.
  const covariance = new Float64Array(dy * dy);
  for (let i = 0; i < dx; i++)
    for (let a = 0; a < dy; a++) {
      const weight = matrix[i * dy + a];
      if (weight !== 0)
        for (let b = 0; b < dy; b++)
          covariance[a * dy + b] -= weight * (xy[i * dy + b] + lambda * matrix[i * dy + b]);
    }
  for (let at = 0; at < covariance.length; at++) covariance[at] = (covariance[at] + yy[at]) / freedom;
  const bias = meanY.slice();
  for (let i = 0; i < dx; i++) for (let o = 0; o < dy; o++) bias[o] -= meanX[i] * matrix[i * dy + o];
  return { map: { matrix, bias }, covariance };
}

/** L⁻¹ e_i from its i-th entry on, those before are 0: `v` has the entries of e_i from there, and is changed. */
function belowSolve(factor: Float64Array, d: number, i: number, v: Float64Array): Float64Array {
  for (let a = 0; a < v.length; a++) {
    let rest = v[a];
    for (let k = 0; k < a; k++) rest -= factor[(i + a) * d + i + k] * v[k];
    v[a] = rest / factor[(i + a) * d + i + a];
  }
  return v;
}

/** The density of a map with the shrinkage of its residuals' covariance that validation rows are likeliest under. */
function chosen(
  map: Affine,
  penalty: number,
  covariance: Float64Array,
  form: CovarianceForm,
  validation: Pairs,
): GaussianBaseline {
  if (validation.rows < 1) throw new Error("validation has no rows; give some to choose settings on");
  const dy = map.bias.length;
  let trace = 0;
  for (let j = 0; j < dy; j++) trace += covariance[j * dy + j];
  const residuals = Array.from({ length: validation.rows }, (_, row) =>
    affineRow(map, validation.x, row).map((mean, j) => validation.y[row * dy + j] - mean),
  );
  const likelihoodOf = form === "full" ? meanLogProb : meanDiagonalLogProb(residuals);
  let best: GaussianBaseline | undefined;
  for (const shrinkage of form === "isotropic" ? [1] : SHRINKAGES) {
    const shrunk = covariance.map((value, at) => {
      const diagonal = Math.floor(at / dy) === at % dy;
      const kept = diagonal || form === "full" ? (1 - shrinkage) * value : 0;
      return diagonal ? kept + (shrinkage * trace) / dy : kept;
    });
    const factor = form === "full" ? choleskyFactor(shrunk, dy) : shrunk.map(Math.sqrt);
    const likelihood = factor ? likelihoodOf(factor, residuals) : Number.NaN;
    if (factor && Number.isFinite(likelihood) && likelihood > (best?.validation ?? Number.NEGATIVE_INFINITY))
      best = { ...affineDensity(map, factor), map, penalty, shrinkage, validation: likelihood };
  }
  if (!best) throw new Error("y is the same in all training rows; a density needs rows that differ");
  return best;
}

/** Mean log N(residual; 0, L Lᵀ). */
function meanLogProb(factor: Float64Array, residuals: readonly Float64Array[]): number {
  return mean(residuals.map((residual) => centredLogProb(factor, residual)));
}

/** The same of a diagonal L, from the residuals' mean squares. */
function meanDiagonalLogProb(residuals: readonly Float64Array[]): (factor: Float64Array) => number {
  const dy = residuals[0].length;
  const squares = new Float64Array(dy);
  for (const residual of residuals)
    for (let j = 0; j < dy; j++) squares[j] += residual[j] ** 2 / residuals.length;
  return (factor) =>
    squares.reduce((sum, square, j) => {
      const variance = factor[j * dy + j] ** 2;
      return sum - 0.5 * (Math.log(2 * Math.PI * variance) + square / variance);
    }, 0);
}
