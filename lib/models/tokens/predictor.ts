/**
 * Component 5 of Var-T-JEPA (Section 5): p(s_yk | s_x, z), the JEPA predictor as a learned conditional prior.
 *
 * context tokens  Linear(s_x) + Linear(z) + e_pos(context token)
 * mask tokens     MaskToken   + Linear(z) + e_pos(target token)
 *
 * Each of the K targets of a row has a sequence of its own: the row's context tokens, then its mask tokens.
 */

import type { DiagonalGaussian } from "../../distributions/diagonal-gaussian.js";
import { gatherRows } from "../../engine/ops/gather-rows.js";
import type { Key } from "../../engine/random.js";
import * as tf from "../../engine/tf.js";
import { applyGaussianHead, initialGaussianHead } from "../../layers/gaussian-head.js";
import { initialStandIns } from "../../layers/learned-tokens.js";
import { applyDense, initialDense } from "../../layers/mlp.js";
import type { InitialParameter, Parameters } from "../../layers/parameters.js";
import { joinSequences, repeatRows, tokensFrom } from "../../layers/sequence.js";
import {
  applyTransformer,
  type DropoutSource,
  initialTransformer,
  type TransformerConfig,
} from "../../layers/transformer.js";
import type { TokenModelConfig } from "./config.js";
import type { Masks } from "./masks.js";
import { rowPositions } from "./positions.js";

/**
 * Start values of the projections, the mask token, the transformer and the heads. The two projections of z start at 0:
 * as long as q(z|s_x) has learned nothing, z is noise N(0, I), and a predictor that sees it as strongly as s_x takes
 * several times as many steps before it uses the context at all.
 */
export function initialPredictor(
  key: Key,
  { encoder, predictor }: TokenModelConfig,
): Record<string, InitialParameter> {
  const [d, width] = [encoder.width, predictor.width];
  return {
    ...initialPredictorCore(key, d, predictor),
    ...zeroDense("predictor.contextFromZ", d, width),
    ...zeroDense("predictor.maskFromZ", d, width),
    ...initialGaussianHead(key, "predictor", width, d),
  };
}

/** Start values of what every predictor has: the projection of s_x, the mask token (N(0, 0.02²)) and the transformer. */
export function initialPredictorCore(
  key: Key,
  d: number,
  predictor: TransformerConfig,
): Record<string, InitialParameter> {
  const { width } = predictor;
  return {
    ...initialDense(key, "predictor.fromSx", d, width),
    ...initialStandIns(key, "predictor.maskToken", 1, width),
    ...initialTransformer(key, "predictor", predictor),
  };
}

/**
 * p(s_yk | s_x, z) at every token of every target mask.
 * @param features D, the tokens of a full row
 * @param sx `[rows · (clsTokens + contextSize), d]`
 * @param z `[rows, d]`
 * @param positions of a row's tokens, as in `rowPositions`; by default they are numbered one after the other
 * @returns `[rows · K · targetSize, d]`
 */
export function predictTargets(
  parameters: Parameters,
  config: Pick<TokenModelConfig, "predictor" | "clsTokens" | "logVarianceBound">,
  features: number,
  masks: Masks,
  sx: tf.Tensor2D,
  z: tf.Tensor2D,
  dropout?: DropoutSource,
  positions = rowPositions(config.clsTokens, { tokens: features }, config.predictor.width),
): DiagonalGaussian {
  const contextTokens = config.clsTokens + masks.contextSize;
  const context = tf.add(
    contextPredictorTokens(parameters, positions, config.clsTokens, masks, sx),
    repeatRows(applyDense(parameters, "predictor.contextFromZ", z), contextTokens),
  ) as tf.Tensor2D;
  const masked = tf.add(
    maskPredictorTokens(parameters, positions, config.clsTokens, masks),
    repeatRows(applyDense(parameters, "predictor.maskFromZ", z), masks.targetViews * masks.targetSize),
  ) as tf.Tensor2D;
  const hidden = runPredictor(parameters, config.predictor, masks, context, masked, dropout);
  return applyGaussianHead(parameters, "predictor", hidden, config.logVarianceBound);
}

/** Linear(s_x) + e_pos of the context: `[rows · (clsTokens + contextSize), width]`; positions as in `rowPositions`. */
export function contextPredictorTokens(
  parameters: Parameters,
  positions: tf.Tensor2D,
  clsTokens: number,
  { rows, context, contextSize }: Masks,
  sx: tf.Tensor2D,
): tf.Tensor2D {
  const length = clsTokens + contextSize;
  const places = Int32Array.from({ length: rows * length }, (_, i) => {
    const token = i % length;
    return token < clsTokens
      ? token
      : clsTokens + context[Math.floor(i / length) * contextSize + token - clsTokens];
  });
  return tf.add(applyDense(parameters, "predictor.fromSx", sx), gatherRows(positions, places));
}

/** MaskToken + e_pos of every target token: `[rows · K · targetSize, width]`. */
export function maskPredictorTokens(
  parameters: Parameters,
  positions: tf.Tensor2D,
  clsTokens: number,
  { rows, targets }: Masks,
): tf.Tensor2D {
  const maskToken = parameters["predictor.maskToken"] as tf.Tensor2D;
  const picks = targets.map((token) => clsTokens + token);
  return joinSequences(rows, [{ tokens: tf.add(positions, maskToken), rows: 1, picks }]);
}

/**
 * The transformer on every [context tokens, further tokens, mask tokens], read at the mask tokens.
 * @param context `[rows · contextTokens, width]`, shared by the K sequences of a row
 * @param masked `[rows · K · targetSize, width]`
 * @param shared tokens that join every sequence, `[count, width]`
 * @returns `[rows · K · targetSize, width]`
 */
export function runPredictor(
  parameters: Parameters,
  predictor: TransformerConfig,
  { rows, targetViews, targetSize }: Masks,
  context: tf.Tensor2D,
  masked: tf.Tensor2D,
  dropout?: DropoutSource,
  shared?: tf.Tensor2D,
): tf.Tensor2D {
  const sequences = rows * targetViews;
  const lead = context.shape[0] / rows + (shared?.shape[0] ?? 0);
  const sequence = joinSequences(sequences, [
    { tokens: context, rows },
    ...(shared ? [{ tokens: shared, rows: 1 }] : []),
    { tokens: masked, rows: sequences },
  ]);
  const source = dropout && { key: dropout.key, firstSequence: dropout.firstSequence * targetViews };
  const hidden = applyTransformer(parameters, "predictor", predictor, sequence, sequences, source);
  return tokensFrom(hidden, sequences, lead, targetSize);
}

function zeroDense(name: string, inputs: number, outputs: number): Record<string, InitialParameter> {
  return {
    [`${name}.weight`]: { shape: [inputs, outputs], values: () => new Float32Array(inputs * outputs) },
    [`${name}.bias`]: { shape: [outputs], values: () => new Float32Array(outputs) },
  };
}
