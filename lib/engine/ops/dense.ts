import * as tf from "@tensorflow/tfjs";
import { withGradient } from "./with-gradient.js";

/**
 * Affine map y = x W + b.
 *
 * Its gradient is written out because the one TensorFlow.js derives multiplies with transposed operands, for
 * which the wasm backend has only a naive loop; transposing first and multiplying plainly is several times
 * faster there, and the same numbers everywhere.
 * @param x `[rows, inputs]`
 * @param weight `[inputs, outputs]`
 * @param bias `[outputs]`
 * @returns `[rows, outputs]`
 */
export function dense(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  return withGradient<tf.Tensor2D>([x, weight, bias], () => ({
    value: tf.add(tf.matMul(x, weight), bias),
    saved: [x, weight],
    gradient: (upstream, saved) => {
      const [x, weight] = saved as [tf.Tensor2D, tf.Tensor2D];
      return [tf.matMul(upstream, tf.transpose(weight)), crossProduct(x, upstream), columnSums(upstream)];
    },
  }));
}

/** xᵀ y for x `[rows, a]`, y `[rows, b]`: `[a, b]`, transposing whichever is narrower. */
function crossProduct(x: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor2D {
  return x.shape[1] <= y.shape[1]
    ? tf.matMul<tf.Tensor2D>(tf.transpose(x), y)
    : tf.transpose(tf.matMul<tf.Tensor2D>(tf.transpose(y), x));
}

/** Sums over rows as a product with ones: `[rows, columns]` → `[columns]` (a plain sum over axis 0 is slow on wasm). */
function columnSums(x: tf.Tensor2D): tf.Tensor1D {
  return tf.reshape(tf.matMul(tf.ones([1, x.shape[0]]), x), [x.shape[1]]);
}
