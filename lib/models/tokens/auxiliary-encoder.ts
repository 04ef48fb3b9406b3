/**
 * Component 3 of Var-T-JEPA (Section 5): q(z | s_x). It sees the context only, so no target leaks into z.
 */

import type { DiagonalGaussian } from "../../distributions/diagonal-gaussian.js";
import { gelu } from "../../engine/ops/gelu.js";
import type { Key } from "../../engine/random.js";
import * as tf from "../../engine/tf.js";
import { applyAttentionPool, initialAttentionPool } from "../../layers/attention-pool.js";
import { applyGaussianHead, initialGaussianHead } from "../../layers/gaussian-head.js";
import { applyDense, initialDense } from "../../layers/mlp.js";
import type { InitialParameter, Parameters } from "../../layers/parameters.js";
import { applyLayerNorm, initialLayerNorm } from "../../layers/transformer.js";
import type { TokenModelConfig } from "./config.js";

/** Start values of the pooling queries, the layers and the heads; d_z = d. */
export function initialAuxiliaryEncoder(
  key: Key,
  { encoder: { width: d }, poolTokens, auxiliaryLayers }: TokenModelConfig,
): Record<string, InitialParameter> {
  const layers = Array.from({ length: auxiliaryLayers }, (_, i) => ({
    ...initialDense(key, `auxiliaryEncoder.${i}`, i === 0 ? poolTokens * d : d, d),
    ...initialLayerNorm(`auxiliaryEncoder.${i}.norm`, d),
  }));
  return Object.assign(
    initialAttentionPool(key, "auxiliaryEncoder.pool", d, poolTokens),
    ...layers,
    initialGaussianHead(key, "auxiliaryEncoder", d, d),
  );
}

/** s_x pooled to a fixed number of tokens: `[rows · poolTokens, d]`. The target posterior reads them too. */
export function poolContext(parameters: Parameters, sx: tf.Tensor2D, rows: number): tf.Tensor2D {
  return applyAttentionPool(parameters, "auxiliaryEncoder.pool", sx, rows);
}

/**
 * q(z | s_x) = N(μ_z, σ_z²).
 * @param pooled `[rows · poolTokens, d]`
 * @returns `[rows, d]`
 */
export function auxiliaryPosterior(
  parameters: Parameters,
  { encoder: { width: d }, poolTokens, auxiliaryLayers, logVarianceBound }: TokenModelConfig,
  pooled: tf.Tensor2D,
): DiagonalGaussian {
  let h: tf.Tensor2D = tf.reshape(pooled, [pooled.shape[0] / poolTokens, poolTokens * d]);
  for (let i = 0; i < auxiliaryLayers; i++) {
    const name = `auxiliaryEncoder.${i}`;
    h = gelu(applyLayerNorm(parameters, `${name}.norm`, applyDense(parameters, name, h)));
  }
  return applyGaussianHead(parameters, "auxiliaryEncoder", h, logVarianceBound);
}
