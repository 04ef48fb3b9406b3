/**
 * Component 2 of Var-T-JEPA (Section 5): q(s_x | x), a Gaussian for each CLS token and each feature in the context.
 * The sequence holds only these tokens, so nothing outside the context can leak in.
 */

import type { DiagonalGaussian } from "../../distributions/diagonal-gaussian.js";
import { gatherRows } from "../../engine/ops/gather-rows.js";
import type { Key } from "../../engine/random.js";
import * as tf from "../../engine/tf.js";
import { applyGaussianHead, initialGaussianHead } from "../../layers/gaussian-head.js";
import {
  applyTransformer,
  type DropoutSource,
  initialTransformer,
  type TransformerConfig,
} from "../../layers/transformer.js";
import type { InitialParameter, Parameters } from "../../layers/weights.js";
import type { VarTJepaConfig } from "./config.js";
import type { Masks } from "./masks.js";
import { clsTokens, type Tokens, tokenRow } from "./tokenizer.js";

/** Start values of the transformer and of the heads μ and log Σ. */
export function initialContextEncoder(
  key: Key,
  { encoder }: VarTJepaConfig,
): Record<string, InitialParameter> {
  return {
    ...initialTransformer(key, "contextEncoder", encoder),
    ...initialGaussianHead(key, "contextEncoder", encoder.width, encoder.width),
  };
}

/**
 * q(s_x | x) = N(μ, Σ) per token.
 * @returns `[rows · (clsTokens + contextSize), d]`: of each row the CLS tokens, then the features of its context
 */
export function contextPosterior(
  parameters: Parameters,
  config: Pick<VarTJepaConfig, "encoder" | "logVarianceBound">,
  tokens: Tokens,
  masks: Masks,
  dropout?: DropoutSource,
): DiagonalGaussian {
  const hidden = encodeContext(parameters, config.encoder, tokens, masks, dropout);
  return applyGaussianHead(parameters, "contextEncoder", hidden, config.logVarianceBound);
}

/** The transformer `contextEncoder` on [CLS…, tokens in the context]: `[rows · (clsTokens + contextSize), d]`. */
export function encodeContext(
  parameters: Parameters,
  encoder: TransformerConfig,
  tokens: Tokens,
  masks: Masks,
  dropout?: DropoutSource,
): tf.Tensor2D {
  const cls = clsTokens(parameters);
  const count = cls.shape[0];
  const length = count + masks.contextSize;
  const index = new Int32Array(masks.rows * length);
  for (let row = 0; row < masks.rows; row++) {
    for (let i = 0; i < count; i++) index[row * length + i] = i;
    for (let i = 0; i < masks.contextSize; i++) {
      const feature = masks.context[row * masks.contextSize + i];
      index[row * length + count + i] = count + tokenRow(tokens, row, feature);
    }
  }
  const sequence = gatherRows(tf.concat([cls, tokens.values], 0), index);
  return applyTransformer(parameters, "contextEncoder", encoder, sequence, masks.rows, dropout);
}
