/**
 * Component 1 of Var-T-JEPA (Section 5): one token per feature of a row.
 *
 * numeric      t_j = W_num·x_j + b_j + e_type(num) + e_pos(j)
 * categorical  t_j = Embed_j(x_j)    + e_type(cat) + e_pos(j)
 */

import { dense } from "../../../engine/ops/dense.js";
import { gatherRows } from "../../../engine/ops/gather-rows.js";
import type { Key } from "../../../engine/random.js";
import * as tf from "../../../engine/tf.js";
import { initialTokens } from "../../../layers/learned-tokens.js";
import type { InitialParameter, Parameters } from "../../../layers/parameters.js";
import { range, sinusoidalPositions } from "../../tokens/positions.js";
import type { TableRows, TableShape } from "./table.js";

/**
 * Start values: W_num, b_j, embeddings and types uniform on ±1/√d, as in T-JEPA and the FT-Transformer
 * (Gorishniy et al. 2021).
 * @returns `tokenizer.numeric` (W_num) `[1, d]`, `.numericBias` (b_j) `[numeric, d]`, `.category` (Embed_j one below
 *   the other) `[Σ cardinalities, d]`, `.type` `[2, d]`
 */
export function initialTokenizer(key: Key, shape: TableShape, d: number): Record<string, InitialParameter> {
  const table = (label: string, rows: number) => initialTokens(key, "tokenizer", label, rows, d);
  const categories = shape.cardinalities.reduce((sum, c) => sum + c, 0);
  return {
    ...(shape.numeric > 0 ? { ...table("numeric", 1), ...table("numericBias", shape.numeric) } : {}),
    ...(categories > 0 ? table("category", categories) : {}),
    ...table("type", 2),
  };
}

/**
 * Tokens of all D features of every row.
 * @param firstPosition position of a row's first feature
 * @returns `[rows · D, d]`, of each row the numeric features, then the categorical ones
 */
export function tokenize(
  parameters: Parameters,
  shape: TableShape,
  input: TableRows,
  firstPosition: number,
): tf.Tensor2D {
  const type = parameters["tokenizer.type"] as tf.Tensor2D;
  const d = type.shape[1];
  const parts: tf.Tensor2D[] = [];
  if (shape.numeric > 0) {
    const constant = tf.addN<tf.Tensor2D>([
      parameters["tokenizer.numericBias"] as tf.Tensor2D,
      gatherRows(type, new Int32Array(shape.numeric)),
      sinusoidalPositions(range(firstPosition, shape.numeric), d),
    ]);
    const feature = Int32Array.from(input.numeric, (_, i) => i % shape.numeric);
    const x = tf.tensor2d(input.numeric, [input.numeric.length, 1]);
    const scaled = dense(x, parameters["tokenizer.numeric"] as tf.Tensor2D, tf.zeros([d]));
    parts.push(tf.add(scaled, gatherRows(constant, feature)));
  }
  const categorical = shape.cardinalities.length;
  if (categorical > 0) {
    const offsets = shape.cardinalities.map((_, j, counts) => counts.slice(0, j).reduce((a, b) => a + b, 0));
    // Type and position are the same for all categories of a feature, so they are added to the table, not to the tokens.
    const position = shape.cardinalities.flatMap((count, j) =>
      Array<number>(count).fill(firstPosition + shape.numeric + j),
    );
    const table = tf.addN<tf.Tensor2D>([
      parameters["tokenizer.category"] as tf.Tensor2D,
      gatherRows(type, new Int32Array(position.length).fill(1)),
      sinusoidalPositions(position, d),
    ]);
    const entry = Int32Array.from(input.categorical, (code, i) => offsets[i % categorical] + code);
    parts.push(gatherRows(table, entry));
  }
  if (parts.length === 1) return parts[0];
  // Side by side in each row.
  const perRow = parts.map((part) => tf.reshape<tf.Rank.R3>(part, [input.rows, -1, d]));
  return tf.reshape(tf.concat(perRow, 1), [-1, d]);
}
