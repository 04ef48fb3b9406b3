import * as tf from "@tensorflow/tfjs";
import { fusedKernels } from "../fused.js";
import { type Key, uniformRows } from "../random.js";
import { withGradient } from "./with-gradient.js";

/**
 * Sets each number to 0 with probability `rate` and divides the others by 1 − rate (Srivastava et al. 2014).
 * Rate 0 returns x itself.
 * @param x `[rows, columns]`
 * @param firstRow row of the key's stream that belongs to x's first row
 * @throws when the rate is not in [0, 1).
 */
export function dropout(x: tf.Tensor2D, key: Key, rate: number, firstRow = 0): tf.Tensor2D {
  if (rate === 0) return x;
  if (!(rate > 0 && rate < 1))
    throw new Error(`dropout rate is ${rate}; use a number from 0 up to, but not 1`);
  const [rows, columns] = x.shape;
  return withGradient<tf.Tensor2D>([x], () => {
    const kept = tf.greaterEqual(randomUniform(key, rows, columns, firstRow), rate);
    const mask = tf.mul<tf.Tensor2D>(tf.cast(kept, "float32"), 1 / (1 - rate));
    return {
      value: tf.mul(x, mask),
      saved: [mask],
      gradient: (upstream, [mask]) => [tf.mul(upstream, mask)],
    };
  });
}

/** Numbers uniform on (0, 1), `[rows, columns]`, row-addressed and the same bits everywhere, as `randomNormal`. */
export function randomUniform(key: Key, rows: number, columns: number, firstRow = 0): tf.Tensor2D {
  const fused = fusedKernels();
  if (!fused) return tf.tensor2d(uniformRows(key, rows, columns, firstRow), [rows, columns]);
  const out = fused.output([rows, columns]);
  fused.run.uniforms(fused.at(out), key.k0, key.k1, rows, columns, firstRow);
  return out;
}
