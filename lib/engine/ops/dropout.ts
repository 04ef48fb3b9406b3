import { fusedKernels } from "../fused.js";
import { droppedColumns, type Key } from "../random.js";
import * as tf from "../tf.js";
import { withGradient } from "./with-gradient.js";

/**
 * Sets each number to 0 with probability `rate` and divides the others by 1 − rate (Srivastava et al. 2014).
 * Rate 0 returns x itself; the cost grows with how many are dropped, not with how many there are.
 * @param x `[rows, columns]`
 * @param firstRow row of the key's stream that belongs to x's first row
 * @throws when the rate is not in [0, 1).
 */
export function dropout(x: tf.Tensor2D, key: Key, rate: number, firstRow = 0): tf.Tensor2D {
  if (rate === 0) return x;
  if (!(rate > 0 && rate < 1))
    throw new Error(`dropout rate is ${rate}; use a number from 0 up to, but not 1`);
  const masked = (x: tf.Tensor2D) => mask(x, key, rate, firstRow);
  return withGradient<tf.Tensor2D>([x], () => ({
    value: masked(x),
    saved: [],
    gradient: (upstream) => [masked(upstream)],
  }));
}

function mask(x: tf.Tensor2D, key: Key, rate: number, firstRow: number): tf.Tensor2D {
  const [rows, columns] = x.shape;
  const fused = fusedKernels();
  if (fused) {
    const { run, at, output } = fused;
    const y = output([rows, columns]);
    run.dropout(at(x), at(y), key.k0, key.k1, rows, columns, firstRow, rate);
    return y;
  }
  const scales = new Float32Array(rows * columns).fill(1 / (1 - rate));
  for (let r = 0; r < rows; r++)
    for (const column of droppedColumns(key, firstRow + r, columns, rate)) scales[r * columns + column] = 0;
  return tf.mul(x, tf.tensor2d(scales, [rows, columns]));
}
