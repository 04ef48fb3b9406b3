/** What a JEPA without distributions minimises: how far its predicted tokens are from those of the target encoder. */
import type { DiagonalGaussian } from "../distributions/diagonal-gaussian.js";
import * as tf from "../engine/tf.js";
import { meanTerm } from "./term.js";

/** Predicted and wanted latents of pairs, `[rows, d]` each. */
interface PairPrediction {
  readonly pSy: DiagonalGaussian;
  readonly sy: tf.Tensor2D;
}

/** Tokens of all target features, `[tokens, d]` each. */
interface Predicted {
  readonly predicted: tf.Tensor2D;
  readonly wanted: tf.Tensor2D;
}

/** Mean squared error between predicted and target tokens (T-JEPA; Section 5 compares with it). */
export const prediction = meanTerm(({ predicted, wanted }: Predicted) => squaredError(predicted, wanted));

/**
 * The same of pairs: mean over rows and over the d dimensions, as VICReg's and LeJEPA's codes take it, so weights of other terms
 * can be quoted. Of points, d/2 times it is −log N(s_y; μ, I) up to a constant.
 */
export const pairPrediction = meanTerm(({ pSy, sy }: PairPrediction) => squaredError(pSy.mean, sy));

function squaredError(a: tf.Tensor2D, b: tf.Tensor2D): tf.Scalar {
  return tf.mean(tf.square(tf.sub(a, b)));
}
