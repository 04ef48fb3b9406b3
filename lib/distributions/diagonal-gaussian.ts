import {
  gaussianIsotropicLogProb,
  gaussianKl,
  gaussianKlToStandard,
  gaussianSample,
} from "../engine/ops/gaussian.js";
import * as tf from "../engine/tf.js";

/** Normal distributions with diagonal covariance, one per row. */
export interface DiagonalGaussian {
  /** μ, `[rows, d]` */
  readonly mean: tf.Tensor2D;
  /** log σ², `[rows, d]` */
  readonly logVariance: tf.Tensor2D;
}

const LOG_2PI = Math.log(2 * Math.PI);

/**
 * Reparameterised sample s = μ + σ ⊙ ε (Kingma & Welling 2014).
 * @param noise ε ~ N(0, I), `[rows, d]`
 * @returns `[rows, d]`
 */
export function rsample({ mean, logVariance }: DiagonalGaussian, noise: tf.Tensor2D): tf.Tensor2D {
  return gaussianSample(mean, logVariance, noise);
}

/** log N(value; μ, Σ) per row, summed over dimensions: `[rows]`. */
export function logProb({ mean, logVariance }: DiagonalGaussian, value: tf.Tensor2D): tf.Tensor1D {
  const squared = tf.mul(tf.square(tf.sub(value, mean)), tf.exp(tf.neg(logVariance)));
  return tf.mul(tf.sum(tf.add(tf.add(squared, logVariance), LOG_2PI), 1), -0.5);
}

/**
 * log N(value; mean, σ²I) per row with one scalar log σ: the decoders' likelihood. `[rows]`
 * @param logScale log σ, a scalar
 */
export function isotropicLogProb(mean: tf.Tensor2D, logScale: tf.Scalar, value: tf.Tensor2D): tf.Tensor1D {
  return gaussianIsotropicLogProb(mean, logScale, value);
}

/** KL(q ‖ N(0, I)) per row, closed form, summed over dimensions: `[rows]`. */
export function klToStandardNormal({ mean, logVariance }: DiagonalGaussian): tf.Tensor1D {
  return gaussianKlToStandard(mean, logVariance);
}

/** KL(q ‖ p) per row, closed form, summed over dimensions: `[rows]`. */
export function kl(q: DiagonalGaussian, p: DiagonalGaussian): tf.Tensor1D {
  return gaussianKl(q.mean, q.logVariance, p.mean, p.logVariance);
}

/** KL(q ‖ p) of every dimension apart, closed form: `[rows, d]`, whose sums over dimensions are `kl`. */
export function klByDimension(q: DiagonalGaussian, p: DiagonalGaussian): tf.Tensor2D {
  const precision = tf.exp(tf.neg(p.logVariance));
  const distance = tf.add(tf.exp(q.logVariance), tf.square(tf.sub(q.mean, p.mean)));
  const ratio = tf.sub(p.logVariance, q.logVariance);
  return tf.mul(tf.add(tf.sub(tf.mul(distance, precision), 1), ratio), 0.5);
}

/** Cross-entropy −E_q log p per row, closed form: the prediction part (a) of KL(q ‖ p). `[rows]` */
export function crossEntropy(q: DiagonalGaussian, p: DiagonalGaussian): tf.Tensor1D {
  const spread = tf.add(tf.exp(q.logVariance), tf.square(tf.sub(q.mean, p.mean)));
  const terms = tf.add(tf.mul(spread, tf.exp(tf.neg(p.logVariance))), tf.add(p.logVariance, LOG_2PI));
  return tf.mul(tf.sum(terms, 1), 0.5);
}

/** Differential entropy per row: KL(q ‖ p) = crossEntropy(q, p) − entropy(q). `[rows]` */
export function entropy({ logVariance }: DiagonalGaussian): tf.Tensor1D {
  return tf.mul(tf.sum(tf.add(logVariance, 1 + LOG_2PI), 1), 0.5);
}
