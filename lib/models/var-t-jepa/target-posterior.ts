/**
 * Component 4 of Var-T-JEPA (Section 5): q(s_w | s_x, z, w), a Gaussian for every feature of the full row w.
 * The posterior of a target, q(s_yk | s_x, z, y_k), is its restriction to the features of mask k.
 */

import type { DiagonalGaussian } from "../../distributions/diagonal-gaussian.js";
import { gatherRows } from "../../engine/ops/gather-rows.js";
import type { Key } from "../../engine/random.js";
import * as tf from "../../engine/tf.js";
import { applyGaussianHead, initialGaussianHead } from "../../layers/gaussian-head.js";
import { applyDense, initialDense } from "../../layers/mlp.js";
import { applyTransformer, type DropoutSource, initialTransformer } from "../../layers/transformer.js";
import type { InitialParameter, Parameters } from "../../layers/weights.js";
import type { VarTJepaConfig } from "./config.js";
import type { Masks } from "./masks.js";
import { featureCount } from "./table.js";
import { clsTokens, type Tokens, tokenRow } from "./tokenizer.js";

/** Start values of the projections of s_x and z (each projection's bias is its type vector), transformer and heads. */
export function initialTargetPosterior(
  key: Key,
  { encoder }: VarTJepaConfig,
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
 * q(s_w | s_x, z, w): the transformer on [CLS…, pooled s_x, z, all D feature tokens], read at the features.
 * @param pooled s_x pooled, `[rows · poolTokens, d]`
 * @param z `[rows, d]`
 * @returns `[rows · D, d]`, the features of a row one below the other
 */
export function targetPosterior(
  parameters: Parameters,
  config: VarTJepaConfig,
  tokens: Tokens,
  pooled: tf.Tensor2D,
  z: tf.Tensor2D,
  dropout?: DropoutSource,
): DiagonalGaussian {
  const { rows, shape } = tokens;
  const features = featureCount(shape);
  const cls = clsTokens(parameters);
  const parts = [
    cls,
    applyDense(parameters, "targetPosterior.fromSx", pooled),
    applyDense(parameters, "targetPosterior.fromZ", z),
    tokens.values,
  ];
  const { clsTokens: clsCount, poolTokens } = config;
  const lead = clsCount + poolTokens + 1;
  const length = lead + features;
  const pooledFrom = clsCount;
  const zFrom = pooledFrom + rows * poolTokens;
  const tokensFrom = zFrom + rows;
  const index = new Int32Array(rows * length);
  const featureRows = new Int32Array(rows * features);
  for (let row = 0; row < rows; row++) {
    const at = row * length;
    for (let i = 0; i < clsCount; i++) index[at + i] = i;
    for (let i = 0; i < poolTokens; i++) index[at + clsCount + i] = pooledFrom + row * poolTokens + i;
    index[at + lead - 1] = zFrom + row;
    for (let j = 0; j < features; j++) {
      index[at + lead + j] = tokensFrom + tokenRow(tokens, row, j);
      featureRows[row * features + j] = at + lead + j;
    }
  }
  const sequence = gatherRows(tf.concat(parts, 0), index);
  const hidden = applyTransformer(parameters, "targetPosterior", config.encoder, sequence, rows, dropout);
  const read = gatherRows(hidden, featureRows);
  return applyGaussianHead(parameters, "targetPosterior", read, config.logVarianceBound);
}

/** Where the target features of every mask stand among `[rows · D]`: `[rows · K · targetSize]`. */
export function targetFeatureRows(masks: Masks, features: number): Int32Array {
  const perRow = masks.targetViews * masks.targetSize;
  return masks.targets.map((feature, i) => Math.floor(i / perRow) * features + feature);
}
