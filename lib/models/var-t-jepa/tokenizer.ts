/**
 * Component 1 of Var-T-JEPA (Section 5): one token per feature of a row.
 *
 * numeric      t_j = W_num·x_j + b_j + e_type(num) + e_pos(j)
 * categorical  t_j = Embed_j(x_j)    + e_type(cat) + e_pos(j)
 */

import { dense } from "../../engine/ops/dense.js";
import { gatherRows } from "../../engine/ops/gather-rows.js";
import { fold, type Key, uniforms } from "../../engine/random.js";
import * as tf from "../../engine/tf.js";
import type { InitialParameter, Parameters } from "../../layers/weights.js";
import { range, sinusoidalPositions } from "./positions.js";
import { categoryOffsets, type TableRows, type TableShape } from "./table.js";

/**
 * Tokens of rows, grouped by kind: first every numeric feature of every row, then every categorical one.
 * `tokenRow` finds one of them.
 */
export interface Tokens {
  /** `[rows · D, d]` */
  readonly values: tf.Tensor2D;
  readonly rows: number;
  readonly shape: TableShape;
}

/**
 * Start values: W_num, b_j, embeddings, types and CLS tokens uniform on ±1/√d, as in T-JEPA and the FT-Transformer
 * (Gorishniy et al. 2021).
 * @returns `tokenizer.numeric` (W_num) `[1, d]`, `.numericBias` (b_j) `[numeric, d]`, `.category` (Embed_j one below
 *   the other) `[Σ cardinalities, d]`, `.type` `[2, d]`, `.cls` `[clsTokens, d]`
 */
export function initialTokenizer(
  key: Key,
  shape: TableShape,
  d: number,
  clsTokens: number,
): Record<string, InitialParameter> {
  const bound = 1 / Math.sqrt(d);
  const table = (label: string, rows: number): Record<string, InitialParameter> => ({
    [`tokenizer.${label}`]: {
      shape: [rows, d],
      values: () =>
        Float32Array.from(
          uniforms(fold(fold(key, "tokenizer"), label), rows * d),
          (u) => (2 * u - 1) * bound,
        ),
    },
  });
  const categories = shape.cardinalities.reduce((sum, c) => sum + c, 0);
  return {
    ...(shape.numeric > 0 ? { ...table("numeric", 1), ...table("numericBias", shape.numeric) } : {}),
    ...(categories > 0 ? table("category", categories) : {}),
    ...table("type", 2),
    ...table("cls", clsTokens),
  };
}

/** The CLS tokens with their positions, 0 … clsTokens − 1: `[clsTokens, d]`. */
export function clsTokens(parameters: Parameters): tf.Tensor2D {
  const cls = parameters["tokenizer.cls"] as tf.Tensor2D;
  return tf.add(cls, sinusoidalPositions(range(0, cls.shape[0]), cls.shape[1]));
}

/** Tokens of all D features of every row. */
export function tokenize(parameters: Parameters, shape: TableShape, input: TableRows): Tokens {
  const type = parameters["tokenizer.type"] as tf.Tensor2D;
  const [cls, d] = (parameters["tokenizer.cls"] as tf.Tensor2D).shape;
  const parts: tf.Tensor2D[] = [];
  if (shape.numeric > 0) {
    const constant = tf.addN<tf.Tensor2D>([
      parameters["tokenizer.numericBias"] as tf.Tensor2D,
      gatherRows(type, new Int32Array(shape.numeric)),
      sinusoidalPositions(range(cls, shape.numeric), d),
    ]);
    const feature = Int32Array.from(input.numeric, (_, i) => i % shape.numeric);
    const x = tf.tensor2d(input.numeric, [input.numeric.length, 1]);
    const scaled = dense(x, parameters["tokenizer.numeric"] as tf.Tensor2D, tf.zeros([d]));
    parts.push(tf.add(scaled, gatherRows(constant, feature)));
  }
  const categorical = shape.cardinalities.length;
  if (categorical > 0) {
    const offsets = categoryOffsets(shape);
    // Type and position are the same for all categories of a feature, so they are added to the table, not to the tokens.
    const position = shape.cardinalities.flatMap((count, j) =>
      Array<number>(count).fill(cls + shape.numeric + j),
    );
    const table = tf.addN<tf.Tensor2D>([
      parameters["tokenizer.category"] as tf.Tensor2D,
      gatherRows(type, new Int32Array(position.length).fill(1)),
      sinusoidalPositions(position, d),
    ]);
    const entry = Int32Array.from(input.categorical, (code, i) => offsets[i % categorical] + code);
    parts.push(gatherRows(table, entry));
  }
  return { values: parts.length === 1 ? parts[0] : tf.concat(parts, 0), rows: input.rows, shape };
}

/** Where the token of `feature` of the `row`-th row stands in `tokens.values`. */
export function tokenRow({ rows, shape }: Omit<Tokens, "values">, row: number, feature: number): number {
  return feature < shape.numeric
    ? row * shape.numeric + feature
    : rows * shape.numeric + row * shape.cardinalities.length + feature - shape.numeric;
}
