/**
 * p(patch | s) = N(A·s + b, σ²I): one affine head per path, shared by all patches, whose place s knows. A Gaussian, because grey
 * and noisy ink is no coin toss, and because the head is affine, so that s_y integrates out in closed form, as for the
 * numbers of a table. Learned, σ weighs pixels against latents in nats (Rybkin et al. 2021), but on patches that are blank
 * in every image the density has no bound: there is nothing that keeps σ from falling. Fixed, it says how exact is exact enough.
 */
import {
  type DiagonalGaussian,
  isotropicLogProb,
  rsample,
} from "../../../distributions/diagonal-gaussian.js";
import type { Key } from "../../../engine/random.js";
import * as tf from "../../../engine/tf.js";
import { applyDense, initialDense } from "../../../layers/mlp.js";
import type { InitialParameter, Parameters } from "../../../layers/parameters.js";
import type { Cells, DecoderPath } from "../../tokens/modality.js";
import { cutPatches, type ImageRows, type ImageShape } from "./images.js";

/** What a decoder says about some patches. */
export interface DecodedPatches {
  readonly cells: Cells;
  /** Means of the pixels, `[cells, patch · patch]`. */
  readonly mean: tf.Tensor2D;
}

/** Start values of one path's head, as in `initialDense`: `<path>.patch.weight` `[d, patch · patch]` and `.bias`. */
export function initialDecoder(
  key: Key,
  path: DecoderPath,
  { patch }: ImageShape,
  d: number,
): Record<string, InitialParameter> {
  return initialDense(key, `${path}.patch`, d, patch * patch);
}

/**
 * Decodes latents.
 * @param s `[cells, d]`
 * @param cells the patch of each row of s
 */
export function decode(
  parameters: Parameters,
  path: DecoderPath,
  s: tf.Tensor2D,
  cells: Cells,
): DecodedPatches {
  return { cells, mean: applyDense(parameters, `${path}.patch`, s) };
}

/** −log p(patch | s) in nats per patch: summed over a patch's pixels, averaged over the decoded patches. */
export function meanNegativeLogLikelihood(
  { cells, mean }: DecodedPatches,
  shape: ImageShape,
  input: ImageRows,
  logSigma: tf.Scalar,
): tf.Scalar {
  const pixels = tf.tensor2d(cutPatches(shape, input, cells), [cells.row.length, shape.patch ** 2]);
  return tf.neg(tf.mean<tf.Scalar>(isotropicLogProb(mean, logSigma, pixels)));
}

/**
 * −log p(patch) in nats per patch when s is known up to a Gaussian q, for one draw of s: on average an upper bound of the exact
 * one, which `marginalLogLikelihood` computes, without gradient.
 * @param q `[cells, d]`
 * @param noise standard normal `[cells, d]`; without it the mean of q is the draw
 */
export function meanNegativeLogMarginal(
  parameters: Parameters,
  path: DecoderPath,
  shape: ImageShape,
  q: DiagonalGaussian,
  cells: Cells,
  input: ImageRows,
  logSigma: tf.Scalar,
  noise: tf.Tensor2D | undefined,
): tf.Scalar {
  const s = noise ? rsample(q, noise) : q.mean;
  return meanNegativeLogLikelihood(decode(parameters, path, s, cells), shape, input, logSigma);
}

/**
 * Mean and variance of every pixel, `[cells, patch · patch]` each, when s is known up to a Gaussian q: the mean and the
 * diagonal of the covariance of y ~ N(Aμ + b, A diag(σ_s²) Aᵀ + σ_y²I).
 * @param q `[cells, d]`
 * @param logSigma log σ_y
 */
export function decodeMarginal(
  parameters: Parameters,
  path: DecoderPath,
  q: DiagonalGaussian,
  logSigma: tf.Scalar,
): { mean: tf.Tensor2D; variance: tf.Tensor2D } {
  const square = tf.square(parameters[`${path}.patch.weight`]);
  const spread = tf.matMul<tf.Tensor2D>(tf.exp(q.logVariance), square);
  return {
    mean: applyDense(parameters, `${path}.patch`, q.mean),
    variance: tf.add(spread, tf.exp(tf.mul(logSigma, 2))),
  };
}

/**
 * log ∫ p(patch | s) q(s) ds of each patch, exact: all of the covariance that `decodeMarginal` takes the diagonal of.
 * @param q `[cells, d]`
 * @param logSigma log σ_y
 * @param pixels the patches, row-major `[cells, patch · patch]`
 * @returns nats, `[cells]`
 */
export function marginalLogLikelihood(
  parameters: Parameters,
  path: DecoderPath,
  q: DiagonalGaussian,
  logSigma: tf.Scalar,
  pixels: Float32Array,
): Float64Array {
  const weight = parameters[`${path}.patch.weight`] as tf.Tensor2D;
  const [d, size] = weight.shape;
  const products = tf.reshape<tf.Rank.R2>(
    tf.mul(tf.reshape(weight, [d, size, 1]), tf.reshape(weight, [d, 1, size])),
    [d, size * size],
  );
  const covariances = tf.matMul(tf.exp(q.logVariance), products).dataSync<"float32">();
  const means = applyDense(parameters, `${path}.patch`, q.mean).dataSync<"float32">();
  const noise = Math.exp(2 * logSigma.dataSync()[0]);
  return Float64Array.from({ length: means.length / size }, (_, cell) => {
    const covariance = Float64Array.from(covariances.subarray(cell * size * size, (cell + 1) * size * size));
    for (let i = 0; i < size; i++) covariance[i * (size + 1)] += noise;
    const difference = Float64Array.from(
      { length: size },
      (_, i) => pixels[cell * size + i] - means[cell * size + i],
    );
    return gaussianLogDensity(difference, covariance);
  });
}

/** log N(difference; 0, covariance) by Cholesky's factor, which overwrites the lower triangle of `covariance` `[n, n]`. */
function gaussianLogDensity(difference: Float64Array, covariance: Float64Array): number {
  const n = difference.length;
  let log = -0.5 * n * Math.log(2 * Math.PI);
  const whitened = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = covariance[i * n + j];
      for (let k = 0; k < j; k++) sum -= covariance[i * n + k] * covariance[j * n + k];
      covariance[i * n + j] = i === j ? Math.sqrt(sum) : sum / covariance[j * n + j];
    }
    let rest = difference[i];
    for (let k = 0; k < i; k++) rest -= covariance[i * n + k] * whitened[k];
    whitened[i] = rest / covariance[i * n + i];
    log -= 0.5 * whitened[i] ** 2 + Math.log(covariance[i * n + i]);
  }
  return log;
}
