/**
 * Component 4 of Var-T-JEPA (Section 5): q(s_w | s_x, z, w), a Gaussian for every token of the full row w.
 * The posterior of a target, q(s_yk | s_x, z, y_k), is its restriction to the tokens of mask k.
 */

import type { DiagonalGaussian } from "../../distributions/diagonal-gaussian.js";
import type { Key } from "../../engine/random.js";
import type * as tf from "../../engine/tf.js";
import { applyGaussianHead, initialGaussianHead } from "../../layers/gaussian-head.js";
import { applyDense, initialDense } from "../../layers/mlp.js";
import type { InitialParameter, Parameters } from "../../layers/parameters.js";
import { joinSequences, tokensFrom } from "../../layers/sequence.js";
import { applyTransformer, type DropoutSource, initialTransformer } from "../../layers/transformer.js";
import type { TokenModelConfig } from "./config.js";
import { clsTokens } from "./context-encoder.js";
import type { Masks } from "./masks.js";

/** Start values of the projections of s_x and z (each projection's bias is its type vector), transformer and heads. */
export function initialTargetPosterior(
  key: Key,
  { encoder }: TokenModelConfig,
): Record<string, InitialParameter> {
  const d = encoder.width;
  return {
    ...initialDense(key, "targetPosterior.fromSx", d, d),
    ...initialDense(key, "targetPosterior.fromZ", d, d),
    ...initialTransformer(key, "targetPosterior", encoder),
    ...initialGaussianHead(key, "targetPosterior", d, d),
  };
}

/**
 * q(s_w | s_x, z, w): the transformer on [CLS…, pooled s_x, z, all D tokens of the row], read at the latter.
 * @param tokens `[rows · D, d]`
 * @param pooled s_x pooled, `[rows · poolTokens, d]`
 * @param z `[rows, d]`
 * @returns `[rows · D, d]`
 */
export function targetPosterior(
  parameters: Parameters,
  config: TokenModelConfig,
  tokens: tf.Tensor2D,
  pooled: tf.Tensor2D,
  z: tf.Tensor2D,
  dropout?: DropoutSource,
): DiagonalGaussian {
  const rows = z.shape[0];
  const lead = config.clsTokens + config.poolTokens + 1;
  const sequence = joinSequences(rows, [
    { tokens: clsTokens(parameters), rows: 1 },
    { tokens: applyDense(parameters, "targetPosterior.fromSx", pooled), rows },
    { tokens: applyDense(parameters, "targetPosterior.fromZ", z), rows },
    { tokens, rows },
  ]);
  const hidden = applyTransformer(parameters, "targetPosterior", config.encoder, sequence, rows, dropout);
  const read = tokensFrom(hidden, rows, lead, tokens.shape[0] / rows);
  return applyGaussianHead(parameters, "targetPosterior", read, config.logVarianceBound);
}

/** Of every row's D tokens those of its targets: `[rows · D, d]` → `[rows · K · targetSize, d]`. */
export function targetTokens(tokens: tf.Tensor2D, { rows, targets }: Masks): tf.Tensor2D {
  return joinSequences(rows, [{ tokens, rows, picks: targets }]);
}
