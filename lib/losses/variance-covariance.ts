/**
 * VICReg's two regularisers of a batch of latents (Bardes, Ponce & LeCun, ICLR 2022, Equations 1–4): each dimension keeps a
 * standard deviation of 1, and no two dimensions say the same. Both are divided by d; the paper's weights of prediction, variance
 * and covariance, 25, 25 and 1, go with a prediction that is a mean over dimensions too, as in its code
 * (which, other than the paper, halves the variance).
 */
import * as tf from "../engine/tf.js";
import type { Term } from "./term.js";

/** Keeps the gradient of the square root finite where a dimension has collapsed. */
const EPSILON = 1e-4;

/**
 * 1/d Σ_j max(0, 1 − √(Var(s_j) + 10⁻⁴)), the variance divided by rows − 1: .99 for a collapsed batch, 0 for a wide one.
 * @param s latents `[rows, d]`
 */
export function varianceHinge(s: tf.Tensor2D): tf.Scalar {
  const variance = tf.mul(tf.mean(tf.square(centred(s)), 0), s.shape[0] / (s.shape[0] - 1));
  return tf.mean(tf.relu(tf.sub(1, tf.sqrt(tf.add(variance, EPSILON)))));
}

/**
 * 1/d Σ_{i≠j} C_ij², C the covariance divided by rows − 1.
 * @param s latents `[rows, d]`
 */
export function offDiagonalCovariance(s: tf.Tensor2D): tf.Scalar {
  const [rows, d] = s.shape;
  const deviations = centred(s);
  const covariance = tf.mul(tf.matMul(deviations, deviations, true), 1 / (rows - 1));
  return tf.mul(tf.sum(tf.square(tf.mul(covariance, tf.sub(1, tf.eye(d))))), 1 / d);
}

function centred(s: tf.Tensor2D): tf.Tensor2D {
  return tf.sub(s, tf.mean(s, 0, true));
}

/** A regulariser as a term of one latent's samples, over a whole batch. */
const batchTerm = <Latent extends "sx" | "sy">(
  latent: Latent,
  regulariser: (s: tf.Tensor2D) => tf.Scalar,
): Term<Record<Latent, tf.Tensor2D>> => ({
  over: "batch",
  value: (pass) => {
    const samples = pass[latent];
    if (samples.shape[0] < 2)
      throw new Error(
        "a batch of 1 row has no variance; use a batchSize that leaves more for the last batch",
      );
    return regulariser(samples);
  },
});

/** The hinge on the standard deviations of s_x. */
export const varianceSx = batchTerm("sx", varianceHinge);
/** The hinge on the standard deviations of s_y. */
export const varianceSy = batchTerm("sy", varianceHinge);
/** The covariances of s_x off the diagonal. */
export const covarianceSx = batchTerm("sx", offDiagonalCovariance);
/** The covariances of s_y off the diagonal. */
export const covarianceSy = batchTerm("sy", offDiagonalCovariance);
