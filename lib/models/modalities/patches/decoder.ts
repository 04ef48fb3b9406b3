/**
 * p(patch | s) = N(A·s + b, σ²I): one affine head per path, shared by all patches, whose place s knows. A Gaussian, because grey
 * and noisy ink is no coin toss, and because the head is affine, so that s_y integrates out in closed form, as for the
 * numbers of a table. Learned, σ weighs pixels against latents in nats (Rybkin et al. 2021), but on patches that are blank
 * in every image the density has no bound: there is nothing that keeps σ from falling. Fixed, it says how exact is exact enough.
 */
import { type DiagonalGaussian, isotropicLogProb } from "../../../distributions/diagonal-gaussian.js";
import { correlatedLogProb } from "../../../engine/ops/correlated-gaussian.js";
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
  return tf.neg(tf.mean<tf.Scalar>(isotropicLogProb(mean, logSigma, patchPixels(shape, input, cells))));
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
 * @param pixels the patches, `[cells, patch · patch]`
 * @returns nats, `[cells]`
 */
export function marginalLogLikelihood(
  parameters: Parameters,
  path: DecoderPath,
  q: DiagonalGaussian,
  logSigma: tf.Scalar,
  pixels: tf.Tensor2D,
): tf.Tensor1D {
  const weight = parameters[`${path}.patch.weight`] as tf.Tensor2D;
  const [d, size] = weight.shape;
  const products = tf.reshape<tf.Rank.R2>(
    tf.mul(tf.reshape(weight, [d, size, 1]), tf.reshape(weight, [d, 1, size])),
    [d, size * size],
  );
  const noise = tf.mul(tf.reshape(tf.eye(size), [1, size * size]), tf.exp(tf.mul(logSigma, 2)));
  const covariance = tf.add<tf.Tensor2D>(tf.matMul(tf.exp(q.logVariance), products), noise);
  return correlatedLogProb(tf.sub(pixels, applyDense(parameters, `${path}.patch`, q.mean)), covariance);
}

/** Pixels of some patches, `[cells, patch · patch]`. */
export function patchPixels(shape: ImageShape, input: ImageRows, cells: Cells): tf.Tensor2D {
  return tf.tensor2d(cutPatches(shape, input, cells), [cells.row.length, shape.patch ** 2]);
}
