/**
 * A coupled model that can be solved exactly: all maps affine, all noise Gaussian, decoders with orthogonal directions,
 * so that the true posteriors are diagonal like those of Var-JEPA. Estimators are tested on it, and shown on it.
 */
import { choleskyFactor } from "../../distributions/full-gaussian.js";
import { fold, type Key, normals, seedKey, uniforms } from "../../engine/random.js";
import type { Pairs } from "../../families/var-jepa.js";
import type { FlatParameters } from "../../layers/parameters.js";
import { initialVarJepa, type VarJepaConfig } from "../../models/var-jepa.js";
import { type Affine, affineDensity, affineRow } from "./affine-density.js";
import { constantLogVariance, withAffineNetwork } from "./affine-network.js";
import type { ConditionalDensity } from "./conditional-density.js";

/** A Gaussian whose mean is affine in what it is conditioned on. */
export interface AffineGaussian extends Affine {
  /** Standard deviations, `[outputs]`. */
  readonly deviation: Float64Array;
}

/** Sizes of the model. */
export type LinearGaussianSizes = Pick<VarJepaConfig, "dx" | "dy" | "d" | "dz">;

/** The model of Section 3 with affine maps: its generative half, and the distributions q that belong to it. */
export interface LinearGaussian {
  readonly sizes: LinearGaussianSizes;
  /** p(x|s_x), p(s_y|s_x,z) of [s_x, z], p(y|s_y); the decoders have one deviation in all dimensions. */
  readonly pX: AffineGaussian;
  readonly pSy: AffineGaussian;
  readonly pY: AffineGaussian;
  /** q(s_x|x), q(z|s_x), q(s_y|s_x,z,y) of [s_x, z, y]. */
  readonly qSx: AffineGaussian;
  readonly qZ: AffineGaussian;
  readonly qSy: AffineGaussian;
}

/**
 * A random model with exact posteriors.
 * @throws when there are fewer observed dimensions than latent ones.
 */
export function drawLinearGaussian(key: Key, sizes: LinearGaussianSizes): LinearGaussian {
  const { dx, dy, d, dz } = sizes;
  if (dx < d || dy < d)
    throw new Error(`dx is ${dx} and dy ${dy}; use at least d = ${d}, so that decoders can be orthogonal`);
  const matrix = (label: string, rows: number, columns: number) =>
    Float64Array.from(normals(fold(key, label), rows * columns), (v) => v / Math.sqrt(rows));
  const bias = (label: string, columns: number) => Float64Array.from(normals(fold(key, label), columns));
  const decoder = (label: string, outputs: number): AffineGaussian => ({
    matrix: orthogonalRows(matrix(label, d, outputs), d),
    bias: bias(`${label} bias`, outputs),
    deviation: new Float64Array(outputs).fill(0.5),
  });
  const [pX, pY] = [decoder("x", dx), decoder("y", dy)];
  const pSy = {
    matrix: matrix("s_y", d + dz, d),
    bias: bias("s_y bias", d),
    deviation: uniforms(fold(key, "s_y deviation"), d).map((u) => 0.3 + u),
  };
  return withExactPosteriors({ sizes, pX, pSy, pY });
}

/**
 * A generative half, whose decoders' directions are orthogonal, with q(s_x|x) and q(s_y|s_x,z,y) at its exact posteriors
 * p(s_x|x) and p(s_y|s_x,z,y), and q(z|s_x) at the prior.
 */
export function withExactPosteriors(
  half: Pick<LinearGaussian, "sizes" | "pX" | "pSy" | "pY">,
): LinearGaussian {
  const { d, dz } = half.sizes;
  return {
    ...half,
    qSx: exactPosterior(half.pX, undefined, d),
    qZ: {
      matrix: new Float64Array(d * dz),
      bias: new Float64Array(dz),
      deviation: new Float64Array(dz).fill(1),
    },
    qSy: exactPosterior(half.pY, half.pSy, d),
  };
}

/**
 * The posterior of a latent s given an observation o = s B + b + σ ε with B Bᵀ diagonal and a prior that is affine in
 * what it is conditioned on, or N(0, I): precision 1/τ² + ‖B_j‖²/σ² in dimension j, mean affine in [condition, o].
 */
function exactPosterior(
  decoder: AffineGaussian,
  prior: AffineGaussian | undefined,
  d: number,
): AffineGaussian {
  const outputs = decoder.bias.length;
  const conditions = prior ? prior.matrix.length / d : 0;
  const noise = decoder.deviation[0] ** 2;
  const matrix = new Float64Array((conditions + outputs) * d);
  const [bias, deviation] = [new Float64Array(d), new Float64Array(d)];
  for (let j = 0; j < d; j++) {
    const direction = decoder.matrix.subarray(j * outputs, (j + 1) * outputs);
    const priorPrecision = prior ? prior.deviation[j] ** -2 : 1;
    const variance = 1 / (priorPrecision + direction.reduce((sum, b) => sum + b * b, 0) / noise);
    deviation[j] = Math.sqrt(variance);
    bias[j] = prior ? variance * priorPrecision * prior.bias[j] : 0;
    for (let i = 0; i < conditions; i++)
      matrix[i * d + j] = variance * priorPrecision * prior!.matrix[i * d + j];
    direction.forEach((b, o) => {
      matrix[(conditions + o) * d + j] = (variance * b) / noise;
      bias[j] -= (variance * b * decoder.bias[o]) / noise;
    });
  }
  return { matrix, bias, deviation };
}

/** The rows of a matrix `[d, columns]` made orthogonal to each other (Gram–Schmidt), their lengths as they are left. */
function orthogonalRows(matrix: Float64Array, d: number): Float64Array {
  const columns = matrix.length / d;
  const row = (i: number) => matrix.subarray(i * columns, (i + 1) * columns);
  for (let i = 0; i < d; i++)
    for (let k = 0; k < i; k++) {
      const [own, other] = [row(i), row(k)];
      const [along, length] = [own, other].map((v) => v.reduce((sum, e, c) => sum + e * other[c], 0));
      for (let c = 0; c < columns; c++) own[c] -= (along / length) * other[c];
    }
  return matrix;
}

/** Pairs from the generative half. */
export function simulateLinearGaussian(
  key: Key,
  { sizes, pX, pSy, pY }: LinearGaussian,
  rows: number,
): Pairs {
  const { dx, dy, d, dz } = sizes;
  const noise = (label: string, columns: number) => normals(fold(key, label), rows * columns);
  const [context, sx, z] = [new Float32Array(rows * (d + dz)), noise("s_x", d), noise("z", dz)];
  for (let row = 0; row < rows; row++) {
    context.set(sx.subarray(row * d, (row + 1) * d), row * (d + dz));
    context.set(z.subarray(row * dz, (row + 1) * dz), row * (d + dz) + d);
  }
  const draw = (given: AffineGaussian, of: Float32Array, label: string, columns: number) => {
    const e = noise(label, columns);
    const out = new Float32Array(rows * columns);
    for (let row = 0; row < rows; row++)
      affineRow(given, of, row).forEach((mean, j) => {
        out[row * columns + j] = mean + given.deviation[j] * e[row * columns + j];
      });
    return out;
  };
  return { rows, x: draw(pX, sx, "x", dx), y: draw(pY, draw(pSy, context, "s_y", d), "y", dy) };
}

/**
 * The exact density of what the model generates from x, ∫ q(s_x|x) p(z) p(s_y|s_x,z) p(y|s_y): the true p(y|x) where
 * q(s_x|x) is the true posterior.
 */
export function exactConditional({ sizes, qSx, pSy, pY }: LinearGaussian): ConditionalDensity {
  const { dx, dy, d, dz } = sizes;
  // x → s_x → s_y → y, means and the matrices that noise goes through.
  const toTarget = times(pSy.matrix.subarray(0, d * d), pY.matrix, d);
  const fromZ = times(pSy.matrix.subarray(d * d), pY.matrix, d);
  const meanSy = affineRow(
    pSy,
    Float64Array.from({ length: d + dz }, (_, i) => qSx.bias[i] ?? 0),
    0,
  );
  const covariance = new Float64Array(dy * dy);
  const add = (matrix: Float64Array, deviation: ArrayLike<number>) => {
    for (let k = 0; k < deviation.length; k++)
      for (let i = 0; i < dy; i++)
        for (let j = 0; j < dy; j++)
          covariance[i * dy + j] += deviation[k] ** 2 * matrix[k * dy + i] * matrix[k * dy + j];
  };
  add(toTarget, qSx.deviation);
  add(fromZ, new Float64Array(dz).fill(1));
  add(pY.matrix, pSy.deviation);
  for (let j = 0; j < dy; j++) covariance[j * dy + j] += pY.deviation[j] ** 2;
  const factor = choleskyFactor(covariance, dy);
  if (!factor) throw new Error("deviation of p(y|s_y) is 0 somewhere; use numbers above 0");
  const matrix = times(qSx.matrix, toTarget, d);
  if (matrix.length !== dx * dy)
    throw new Error(
      `q(s_x|x) has ${qSx.matrix.length} weights; ${dx} inputs and ${d} outputs need ${dx * d}`,
    );
  return affineDensity({ matrix, bias: affineRow(pY, meanSy, 0) }, factor);
}

/** The product of `[rows, inner]` and `[inner, columns]`, row-major. */
function times(a: Float64Array, b: Float64Array, inner: number): Float64Array {
  const columns = b.length / inner;
  return Float64Array.from({ length: (a.length / inner) * columns }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < inner; k++)
      sum += a[Math.floor(at / columns) * inner + k] * b[k * columns + (at % columns)];
    return sum;
  });
}

/** The same model as a Var-JEPA with ReLU networks whose maps are affine. */
export function linearGaussianParameters({ sizes, ...model }: LinearGaussian): {
  readonly config: VarJepaConfig;
  readonly parameters: FlatParameters;
} {
  const { dy, d, dz } = sizes;
  const bound = 16;
  const config: VarJepaConfig = {
    ...sizes,
    hidden: 2 * Math.max(sizes.dx, d + dz + dy),
    hiddenLayers: 1,
    activation: "relu",
    initialLogSigma: 0,
    logVarianceBound: bound,
  };
  const networks = {
    contextEncoder: model.qSx,
    auxiliaryEncoder: model.qZ,
    targetPosterior: model.qSy,
    predictor: model.pSy,
  };
  let parameters = initialVarJepa(seedKey(0), config);
  for (const [name, gaussian] of Object.entries(networks)) {
    const inputs = gaussian.matrix.length / gaussian.bias.length;
    const logVariances = gaussian.deviation.map((s) => 2 * Math.log(s));
    parameters = withAffineNetwork(parameters, config, name, {
      [`${name}.mean`]: gaussian,
      [`${name}.logVariance`]: constantLogVariance(logVariances, inputs, bound),
    });
  }
  parameters = withAffineNetwork(parameters, config, "contextDecoder", { "contextDecoder.1": model.pX });
  parameters = withAffineNetwork(parameters, config, "targetDecoder", { "targetDecoder.1": model.pY });
  const place = (name: string) => parameters.layout.find((slot) => slot.name === name)!.offset;
  parameters.values[place("logSigmaX")] = Math.log(model.pX.deviation[0]);
  parameters.values[place("logSigmaY")] = Math.log(model.pY.deviation[0]);
  return { config, parameters };
}
