import { fusedKernels } from "../fused.js";
import * as tf from "../tf.js";
import { withGradient } from "./with-gradient.js";

/**
 * Multi-head self-attention softmax(QKᵀ/√dh)V within each of many sequences of one length (Vaswani et al. 2017,
 * equation 1), without the projections before and after.
 * @param qkv `[sequences · length, 3 · d]`, columns query | key | value, each of `heads` heads of d / heads columns
 * @returns `[sequences · length, d]`
 * @throws when rows or columns do not divide so.
 */
export function attention(qkv: tf.Tensor2D, sequences: number, heads: number): tf.Tensor2D {
  const [rows, columns] = qkv.shape;
  const length = rows / sequences;
  const width = columns / (3 * heads);
  if (!Number.isInteger(length))
    throw new Error(`attention: ${rows} rows are not ${sequences} sequences of one length`);
  if (!Number.isInteger(width))
    throw new Error(`attention: ${columns} columns are not query, key and value of ${heads} heads`);
  const fused = fusedKernels();
  if (!fused) return composed(qkv, sequences, length, heads, width);
  const { run, at, output, scratch } = fused;
  return withGradient<tf.Tensor2D>([qkv], () => {
    const out = output([rows, heads * width]);
    const work = scratch(run.attentionScratch(length, width));
    run.attention(at(qkv), at(out), sequences, length, heads, width, work);
    return {
      value: out,
      saved: [qkv],
      gradient: (upstream, [qkv]) => {
        const dqkv = output([rows, columns]);
        const work = scratch(run.attentionScratch(length, width));
        run.attentionGradient(at(qkv), at(upstream), at(dqkv), sequences, length, heads, width, work);
        return [dqkv];
      },
    };
  });
}

function composed(
  qkv: tf.Tensor2D,
  sequences: number,
  length: number,
  heads: number,
  width: number,
): tf.Tensor2D {
  const part = (index: number): tf.Tensor3D => {
    const columns = tf.slice(qkv, [0, index * heads * width], [-1, heads * width]);
    const split = tf.transpose(tf.reshape(columns, [sequences, length, heads, width]), [0, 2, 1, 3]);
    return tf.reshape(split, [sequences * heads, length, width]);
  };
  const scores = tf.matMul(part(0), tf.transpose(part(1), [0, 2, 1]));
  const mixed = tf.matMul(tf.softmax(tf.mul(scores, 1 / Math.sqrt(width))), part(2));
  const joined = tf.transpose(tf.reshape(mixed, [sequences, heads, length, width]), [0, 2, 1, 3]);
  return tf.reshape(joined, [sequences * length, heads * width]);
}
