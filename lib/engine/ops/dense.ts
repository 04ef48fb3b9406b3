import { type Fused, fusedKernels } from "../fused.js";
import * as tf from "../tf.js";
import { gelu } from "./gelu.js";
import { withGradient } from "./with-gradient.js";

/**
 * Affine map y = x W + b.
 * @param x `[rows, inputs]`
 * @param weight `[inputs, outputs]`
 * @param bias `[outputs]`
 * @returns `[rows, outputs]`
 */
export function dense(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  const fused = fusedKernels();
  return fused ? fusedDense(fused, x, weight, bias, false) : composedDense(x, weight, bias);
}

/** GELU(x W + b) as one op; shapes as in `dense`. */
export function denseGelu(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  const fused = fusedKernels();
  return fused ? fusedDense(fused, x, weight, bias, true) : gelu(composedDense(x, weight, bias));
}

function fusedDense(
  fused: Fused,
  x: tf.Tensor2D,
  weight: tf.Tensor2D,
  bias: tf.Tensor1D,
  activate: boolean,
): tf.Tensor2D {
  const { run, at, output, scratch } = fused;
  const [rows, inputs] = x.shape;
  const outputs = weight.shape[1];
  const sizes = [rows, inputs, outputs] as const;
  return withGradient<tf.Tensor2D>([x, weight, bias], () => {
    const y = output([rows, outputs]);
    // GELU′ is known when GELU is: saving it makes the backward pass a product.
    const derivative = activate ? [output([rows, outputs])] : [];
    const work = scratch(run.denseScratch(inputs, outputs));
    run.dense(
      at(x),
      at(weight),
      at(bias),
      at(y),
      activate ? at(derivative[0]) : 0,
      rows,
      inputs,
      outputs,
      work,
    );
    return {
      value: y,
      saved: [x, weight, ...derivative],
      gradient: (dy, [x, weight, derivative]) => {
        const gradients = [output([rows, inputs]), output([inputs, outputs]), output<tf.Tensor1D>([outputs])];
        const work = scratch(run.denseGradientScratch(inputs, outputs));
        const [dx, dWeight, dBias] = gradients.map(at);
        run.denseGradient(
          at(dy),
          derivative ? at(derivative) : 0,
          at(x),
          at(weight),
          dx,
          dWeight,
          dBias,
          ...sizes,
          work,
        );
        return gradients;
      },
    };
  });
}

/**
 * The gradient is written out because the one TensorFlow.js derives multiplies with transposed operands, for
 * which the wasm backend has only a naive loop; transposing first and multiplying plainly is several times
 * faster there, and the same numbers everywhere.
 */
function composedDense(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
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
export function columnSums(x: tf.Tensor2D): tf.Tensor1D {
  return tf.reshape(tf.matMul(tf.ones([1, x.shape[0]]), x), [x.shape[1]]);
}
