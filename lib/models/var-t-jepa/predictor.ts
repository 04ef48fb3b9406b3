/**
 * Component 5 of Var-T-JEPA (Section 5): p(s_yk | s_x, z), the JEPA predictor as a learned conditional prior.
 *
 * context tokens  Linear(s_x) + Linear(z) + e_pos(context feature)
 * mask tokens     MaskToken   + Linear(z) + e_pos(target feature)
 *
 * Each of the K targets of a row has a sequence of its own: the row's context tokens, then its mask tokens.
 */

import type { DiagonalGaussian } from "../../distributions/diagonal-gaussian.js";
import { gatherRows } from "../../engine/ops/gather-rows.js";
import { fold, type Key, normals } from "../../engine/random.js";
import * as tf from "../../engine/tf.js";
import { applyGaussianHead, initialGaussianHead } from "../../layers/gaussian-head.js";
import { applyDense, initialDense } from "../../layers/mlp.js";
import {
  applyTransformer,
  type DropoutSource,
  initialTransformer,
  type TransformerConfig,
} from "../../layers/transformer.js";
import type { InitialParameter, Parameters } from "../../layers/weights.js";
import type { VarTJepaConfig } from "./config.js";
import type { Masks } from "./masks.js";
import { range, sinusoidalPositions } from "./positions.js";

/**
 * Start values of the projections, the mask token, the transformer and the heads. The two projections of z start at 0:
 * as long as q(z|s_x) has learned nothing, z is noise N(0, I), and a predictor that sees it as strongly as s_x takes
 * several times as many steps before it uses the context at all.
 */
export function initialPredictor(
  key: Key,
  { encoder, predictor }: VarTJepaConfig,
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
    "predictor.maskToken": {
      shape: [1, width],
      values: () => normals(fold(key, "predictor.maskToken"), width).map((v) => 0.02 * v),
    },
    ...initialTransformer(key, "predictor", predictor),
  };
}

/**
 * p(s_yk | s_x, z) at every feature of every target mask.
 * @param sx `[rows · (clsTokens + contextSize), d]`
 * @param z `[rows, d]`
 * @returns `[rows · K · targetSize, d]`
 */
export function predictTargets(
  parameters: Parameters,
  config: Pick<VarTJepaConfig, "predictor" | "clsTokens" | "logVarianceBound">,
  features: number,
  masks: Masks,
  sx: tf.Tensor2D,
  z: tf.Tensor2D,
  dropout?: DropoutSource,
): DiagonalGaussian {
  const { width } = config.predictor;
  const contextTokens = config.clsTokens + masks.contextSize;
  const context = tf.add(
    contextPredictorTokens(parameters, width, config.clsTokens, masks, sx),
    gatherRows(applyDense(parameters, "predictor.contextFromZ", z), repeated(masks.rows, contextTokens)),
  ) as tf.Tensor2D;
  const masked = tf.add(
    maskPredictorTokens(parameters, width, config.clsTokens, features, masks),
    gatherRows(
      applyDense(parameters, "predictor.maskFromZ", z),
      repeated(masks.rows, masks.targetViews * masks.targetSize),
    ),
  ) as tf.Tensor2D;
  const hidden = runPredictor(parameters, config.predictor, masks, context, masked, dropout);
  return applyGaussianHead(parameters, "predictor", hidden, config.logVarianceBound);
}

/** Linear(s_x) + e_pos of the context: `[rows · (clsTokens + contextSize), width]`. */
export function contextPredictorTokens(
  parameters: Parameters,
  width: number,
  clsTokens: number,
  { rows, context, contextSize }: Masks,
  sx: tf.Tensor2D,
): tf.Tensor2D {
  const length = clsTokens + contextSize;
  const position = Int32Array.from({ length: rows * length }, (_, i) => {
    const token = i % length;
    return token < clsTokens
      ? token
      : clsTokens + context[Math.floor(i / length) * contextSize + token - clsTokens];
  });
  return tf.add(applyDense(parameters, "predictor.fromSx", sx), sinusoidalPositions(position, width));
}

/** MaskToken + e_pos of every target feature: `[rows · K · targetSize, width]`. */
export function maskPredictorTokens(
  parameters: Parameters,
  width: number,
  clsTokens: number,
  features: number,
  { targets }: Masks,
): tf.Tensor2D {
  const maskToken = parameters["predictor.maskToken"] as tf.Tensor2D;
  const table = tf.add<tf.Tensor2D>(sinusoidalPositions(range(clsTokens, features), width), maskToken);
  return gatherRows(table, targets);
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
  const contextTokens = context.shape[0] / rows;
  const sharedTokens = shared?.shape[0] ?? 0;
  const lead = contextTokens + sharedTokens;
  const length = lead + targetSize;
  const sequences = rows * targetViews;
  const maskedFrom = rows * contextTokens;
  const sharedFrom = maskedFrom + sequences * targetSize;
  const index = new Int32Array(sequences * length);
  const maskRows = new Int32Array(sequences * targetSize);
  for (let s = 0; s < sequences; s++) {
    const at = s * length;
    const contextFrom = Math.floor(s / targetViews) * contextTokens;
    for (let i = 0; i < contextTokens; i++) index[at + i] = contextFrom + i;
    for (let i = 0; i < sharedTokens; i++) index[at + contextTokens + i] = sharedFrom + i;
    for (let i = 0; i < targetSize; i++) {
      index[at + lead + i] = maskedFrom + s * targetSize + i;
      maskRows[s * targetSize + i] = at + lead + i;
    }
  }
  const parts = shared ? [context, masked, shared] : [context, masked];
  const sequence = gatherRows(tf.concat(parts, 0), index);
  const source = dropout && { key: dropout.key, firstSequence: dropout.firstSequence * targetViews };
  return gatherRows(
    applyTransformer(parameters, "predictor", predictor, sequence, sequences, source),
    maskRows,
  );
}

/** 0, 0, …, 1, 1, …: every row's index `times` times. */
export function repeated(rows: number, times: number): Int32Array {
  return Int32Array.from({ length: rows * times }, (_, i) => Math.floor(i / times));
}

function zeroDense(name: string, inputs: number, outputs: number): Record<string, InitialParameter> {
  return {
    [`${name}.weight`]: { shape: [inputs, outputs], values: () => new Float32Array(inputs * outputs) },
    [`${name}.bias`]: { shape: [outputs], values: () => new Float32Array(outputs) },
  };
}
