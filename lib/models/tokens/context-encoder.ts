/**
 * Component 2 of Var-T-JEPA (Section 5): q(s_x | x), a Gaussian for each CLS token and each token in the context.
 * The sequence holds only these tokens, so nothing outside the context can leak in.
 */

import type { DiagonalGaussian } from "../../distributions/diagonal-gaussian.js";
import type { Key } from "../../engine/random.js";
import * as tf from "../../engine/tf.js";
import { applyGaussianHead, initialGaussianHead } from "../../layers/gaussian-head.js";
import { initialTokens } from "../../layers/learned-tokens.js";
import type { InitialParameter, Parameters } from "../../layers/parameters.js";
import { joinSequences } from "../../layers/sequence.js";
import {
  applyTransformer,
  type DropoutSource,
  initialTransformer,
  type TransformerConfig,
} from "../../layers/transformer.js";
import type { TokenModelConfig } from "./config.js";
import type { Masks } from "./masks.js";
import { range, sinusoidalPositions } from "./positions.js";

/** Start values of N_CLS tokens in front of every encoder's sequence: `tokenizer.cls` `[count, d]`. */
export function initialClsTokens(key: Key, count: number, d: number): Record<string, InitialParameter> {
  return initialTokens(key, "tokenizer", "cls", count, d);
}

/** The CLS tokens with their positions, 0 … clsTokens − 1: `[clsTokens, d]`. */
export function clsTokens(parameters: Parameters): tf.Tensor2D {
  const cls = parameters["tokenizer.cls"] as tf.Tensor2D;
  return tf.add(cls, sinusoidalPositions(range(0, cls.shape[0]), cls.shape[1]));
}

/** Start values of the transformer and of the heads μ and log Σ. */
export function initialContextEncoder(
  key: Key,
  { encoder }: Pick<TokenModelConfig, "encoder">,
): Record<string, InitialParameter> {
  return {
    ...initialTransformer(key, "contextEncoder", encoder),
    ...initialGaussianHead(key, "contextEncoder", encoder.width, encoder.width),
  };
}

/**
 * q(s_x | x) = N(μ, Σ) per token.
 * @param tokens of full rows, `[rows · D, d]`
 * @returns `[rows · (clsTokens + contextSize), d]`: of each row the CLS tokens, then those of its context
 */
export function contextPosterior(
  parameters: Parameters,
  config: Pick<TokenModelConfig, "encoder" | "logVarianceBound">,
  tokens: tf.Tensor2D,
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
  tokens: tf.Tensor2D,
  masks: Masks,
  dropout?: DropoutSource,
): tf.Tensor2D {
  const sequence = joinSequences(masks.rows, [
    { tokens: clsTokens(parameters), rows: 1 },
    { tokens, rows: masks.rows, picks: masks.context },
  ]);
  return applyTransformer(parameters, "contextEncoder", encoder, sequence, masks.rows, dropout);
}
