/** Tokens that attention sees: one per column of a table, or one per token of an embedding. */
import { dense } from "../../engine/ops/dense.js";
import { gatherRows } from "../../engine/ops/gather-rows.js";
import { fold, type Key, uniformsWithin } from "../../engine/random.js";
import * as tf from "../../engine/tf.js";
import type { InitialParameter, Parameters } from "../../layers/parameters.js";
import type { NetworkInput } from "./neural.js";
import type { Features } from "./predictor.js";
import { numbersScaling } from "./scaling.js";

/** Sizes of what is turned into tokens. */
export interface TokenSizes {
  readonly tokens: number;
  /** Numbers of a token; 1 for columns of a table. */
  readonly width: number;
  /** Rows of the table of embeddings: one for every number, one for every category; where the width is 1. */
  readonly entries: number;
}

/** Chosen rows. */
export interface TokenRows {
  readonly rows: number;
  readonly tokens: number;
  readonly width: number;
  /** Standardised numbers, and 1 where a category is; row-major `[rows, tokens, width]`. */
  readonly values: Float32Array;
  /** Of tokens of width 1: which embedding, `[rows · tokens]`. */
  readonly entry: Int32Array;
}

/** Tokens one by one, numbers standardised over the training rows. */
export function tokensInput(
  { values, shape: [, tokens, width], categories }: Features,
  train: Int32Array,
): NetworkInput<TokenSizes, TokenRows> {
  const columns = tokens * width;
  const isCode = (column: number) => categories !== undefined && categories[column] > 0;
  const { mean, factor } = numbersScaling(values, columns, train, isCode);
  const offsets = [0];
  if (width === 1)
    for (let j = 0; j < tokens; j++) offsets.push(offsets[j] + Math.max(1, categories?.[j] ?? 1));
  return {
    size: { tokens, width, entries: offsets[offsets.length - 1] },
    take: (rows) => {
      const out = new Float32Array(rows.length * columns);
      const entry = new Int32Array(width === 1 ? out.length : 0);
      for (let i = 0; i < rows.length; i++)
        for (let j = 0; j < columns; j++) {
          const value = values[rows[i] * columns + j];
          out[i * columns + j] = isCode(j) ? 1 : (value - mean[j]) * factor[j];
          if (width === 1) entry[i * columns + j] = offsets[j] + (isCode(j) ? value : 0);
        }
      return { rows: rows.length, tokens, width, values: out, entry };
    },
  };
}

/** Start values, uniform on ±1/√d (Gorishniy et al. 2021): `tokens.weight` and a bias per token, `tokens.bias`. */
export function initialTokens(key: Key, { tokens, width, entries }: TokenSizes, d: number) {
  const table = (label: string, rows: number): Record<string, InitialParameter> => ({
    [`tokens.${label}`]: {
      shape: [rows, d],
      values: () => uniformsWithin(fold(fold(key, "tokens"), label), rows * d, 1 / Math.sqrt(d)),
    },
  });
  return { ...table("weight", width === 1 ? entries : width), ...table("bias", tokens) };
}

/**
 * t_j = x_j · w_j + b_j of a number, t_j = e_j[category] + b_j of a category, t_j = W s_j + b_j of an embedding's token.
 * @returns `[rows · tokens, d]`
 */
export function applyTokens(
  parameters: Parameters,
  { rows, tokens, width, values, entry }: TokenRows,
): tf.Tensor2D {
  const weight = parameters["tokens.weight"] as tf.Tensor2D;
  const x = tf.tensor2d(values, [rows * tokens, width]);
  const own =
    width === 1
      ? tf.mul<tf.Tensor2D>(gatherRows(weight, entry), x)
      : dense(x, weight, tf.zeros([weight.shape[1]]));
  const places = Int32Array.from({ length: rows * tokens }, (_, i) => i % tokens);
  return tf.add(own, gatherRows(parameters["tokens.bias"] as tf.Tensor2D, places));
}
