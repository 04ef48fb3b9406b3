import { fusedKernels } from "../fused.js";
import { type Key, uniformRows } from "../random.js";
import * as tf from "../tf.js";

/**
 * Numbers uniform on (0, 1), `[rows, columns]`: row-addressed and the same bits everywhere, as `randomNormal`. Has no
 * gradient.
 */
export function randomUniform(key: Key, rows: number, columns: number, firstRow = 0): tf.Tensor2D {
  const fused = fusedKernels();
  if (!fused) return tf.tensor2d(uniformRows(key, rows, columns, firstRow), [rows, columns]);
  const out = fused.output([rows, columns]);
  fused.run.uniforms(fused.at(out), key.k0, key.k1, rows, columns, firstRow);
  return out;
}
