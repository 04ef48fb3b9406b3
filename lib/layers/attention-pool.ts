import { dense } from "../engine/ops/dense.js";
import { fold, type Key, normals } from "../engine/random.js";
import * as tf from "../engine/tf.js";
import type { InitialParameter, Parameters } from "./parameters.js";

/** Start values of `queries` learned queries over tokens of `width` columns, N(0, 1): `<name>.queries` `[width, queries]`. */
export function initialAttentionPool(
  key: Key,
  name: string,
  width: number,
  queries: number,
): Record<string, InitialParameter> {
  const values = () => normals(fold(key, name), width * queries);
  return { [`${name}.queries`]: { shape: [width, queries], values } };
}

/**
 * Pools the tokens of each sequence with every learned query: Σ_t softmax_t(x_t·q / √width) x_t.
 * @param x `[sequences · T, width]`
 * @returns `[sequences · queries, width]`, the pooled tokens of a sequence one below the other
 */
export function applyAttentionPool(
  parameters: Parameters,
  name: string,
  x: tf.Tensor2D,
  sequences: number,
): tf.Tensor2D {
  const queries = parameters[`${name}.queries`] as tf.Tensor2D;
  const [width, count] = queries.shape;
  const tokens = x.shape[0] / sequences;
  const scores = tf.mul(dense(x, queries, tf.zeros([count])), 1 / Math.sqrt(width));
  const shares = tf.softmax(tf.transpose(tf.reshape(scores, [sequences, tokens, count]), [0, 2, 1]));
  const pooled = tf.matMul(shares, tf.reshape(x, [sequences, tokens, width]));
  return tf.reshape(pooled, [sequences * count, width]);
}
