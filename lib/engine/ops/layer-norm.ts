import { fusedKernels } from "../fused.js";
import * as tf from "../tf.js";
import { columnSums } from "./dense.js";
import { withGradient } from "./with-gradient.js";

/** ε inside the square root, PyTorch's default. */
const EPSILON = 1e-5;

/**
 * Layer normalisation of x + residual over columns, times scale plus shift (Ba et al. 2016).
 * @param x `[rows, columns]`
 * @param scale `[columns]`
 * @param shift `[columns]`
 * @param residual `[rows, columns]`
 */
export function layerNorm(
  x: tf.Tensor2D,
  scale: tf.Tensor1D,
  shift: tf.Tensor1D,
  residual?: tf.Tensor2D,
): tf.Tensor2D {
  const fused = fusedKernels();
  if (!fused) return composed(residual ? tf.add(x, residual) : x, scale, shift);
  const { run, at, output } = fused;
  const [rows, columns] = x.shape;
  return withGradient<tf.Tensor2D>(residual ? [x, scale, shift, residual] : [x, scale, shift], () => {
    const [y, normalised, inverseStd] = [output([rows, columns]), output([rows, columns]), output([rows])];
    run.layerNorm(
      at(x),
      residual ? at(residual) : 0,
      at(scale),
      at(shift),
      at(y),
      at(normalised),
      at(inverseStd),
      rows,
      columns,
      EPSILON,
    );
    return {
      value: y,
      saved: [scale, normalised, inverseStd],
      gradient: (dy, saved) => {
        const [scale, normalised, inverseStd] = saved.map(at);
        const [dx, dScale, dShift] = [output([rows, columns]), output([columns]), output([columns])];
        run.layerNormGradient(
          at(dy),
          normalised,
          inverseStd,
          scale,
          at(dx),
          at(dScale),
          at(dShift),
          rows,
          columns,
        );
        return residual ? [dx, dScale, dShift, tf.clone(dx)] : [dx, dScale, dShift];
      },
    };
  });
}

function composed(x: tf.Tensor2D, scale: tf.Tensor1D, shift: tf.Tensor1D): tf.Tensor2D {
  return withGradient<tf.Tensor2D>([x, scale, shift], () => {
    const centred = tf.sub(x, tf.mean(x, 1, true));
    const inverseStd = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), EPSILON));
    const normalised = tf.mul<tf.Tensor2D>(centred, inverseStd);
    return {
      value: tf.add(tf.mul(normalised, scale), shift),
      saved: [scale, normalised, inverseStd],
      gradient: (dy, saved) => {
        const [scale, normalised, inverseStd] = saved as [tf.Tensor1D, tf.Tensor2D, tf.Tensor2D];
        const g = tf.mul(dy, scale);
        const slope = tf.mean(tf.mul(g, normalised), 1, true);
        const dx = tf.sub(tf.sub(g, tf.mean(g, 1, true)), tf.mul(normalised, slope));
        return [tf.mul(dx, inverseStd), columnSums(tf.mul(dy, normalised)), columnSums(dy)];
      },
    };
  });
}
