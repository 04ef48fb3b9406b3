import { fusedKernels } from "../fused.js";
import { type Key, normalRows } from "../random.js";
import * as tf from "../tf.js";

/**
 * Standard normal numbers `[rows, columns]`, the same bits on every backend. Row r of the result is row
 * `firstRow + r` of the key's stream, so cutting a batch does not change its noise. Has no gradient.
 */
export function randomNormal(key: Key, rows: number, columns: number, firstRow = 0): tf.Tensor2D {
  const fused = fusedKernels();
  if (!fused) return tf.tensor2d(normalRows(key, rows, columns, firstRow), [rows, columns]);
  const out = fused.output([rows, columns]);
  fused.run.normals(fused.at(out), key.k0, key.k1, rows, columns, firstRow);
  return out;
}
