import { fusedKernels } from "../fused.js";
import * as tf from "../tf.js";
import { oneHot } from "./one-hot.js";
import { withGradient } from "./with-gradient.js";

/**
 * Rows by index, in any order and any number of times: out[i] = x[index[i]]. The gradient adds up what each row got.
 * @param x `[rows, columns]`
 * @param index `[n]`, 0 ≤ index < rows
 * @returns `[n, columns]`
 * @throws when an index lies outside.
 */
export function gatherRows(x: tf.Tensor2D, index: Int32Array): tf.Tensor2D {
  const [rows, columns] = x.shape;
  const count = index.length;
  for (let i = 0; i < count; i++)
    if (index[i] < 0 || index[i] >= rows)
      throw new Error(`gatherRows: index ${index[i]} at position ${i} is outside the ${rows} rows`);
  const fused = fusedKernels();
  return withGradient<tf.Tensor2D>([x], () => {
    const where = tf.tensor1d(index, "int32");
    if (!fused)
      return {
        value: tf.gather(x, where),
        saved: [where],
        // The sum over all i with index[i] = r, as a product: the wasm backend lacks UnsortedSegmentSum.
        gradient: (upstream, [where]) => [
          tf.matMul(tf.transpose(oneHot(where as tf.Tensor1D, rows)), upstream),
        ],
      };
    const { run, at, output } = fused;
    const out = output([count, columns]);
    run.gatherRows(at(x), at(where), at(out), count, columns);
    return {
      value: out,
      saved: [where],
      gradient: (upstream, [where]) => {
        const dx = output([rows, columns]);
        run.scatterRows(at(upstream), at(where), at(dx), count, columns, rows);
        return [dx];
      },
    };
  });
}
