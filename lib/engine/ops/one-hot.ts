import * as tf from "../tf.js";

/** 1 in column index[i] of row i, 0 elsewhere, `[n, depth]`; unlike `tf.oneHot` also for depth 1. */
export function oneHot(index: tf.Tensor1D, depth: number): tf.Tensor2D {
  const columns = tf.range(0, depth, 1, "int32");
  return tf.cast(tf.equal<tf.Tensor2D>(tf.expandDims(index, 1), columns), "float32");
}
