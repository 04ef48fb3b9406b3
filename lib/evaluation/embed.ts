import type { Views } from "../data/simulation.js";
import { kl } from "../distributions/diagonal-gaussian.js";
import type { Key } from "../engine/random.js";
import * as tf from "../engine/tf.js";
import { type FlatParameters, unpackParameters } from "../layers/parameters.js";
import {
  latentNoise,
  noNoise,
  passVarJepa,
  type VarJepaConfig,
  type VarJepaPass,
} from "../models/var-jepa.js";

/** Latents of many rows as plain arrays. */
export interface Embedding {
  /** Row-major `[rows, d]`. */
  readonly sx: Float32Array;
  readonly sy: Float32Array;
  /** Row-major `[rows, dz]`. */
  readonly z: Float32Array;
}

/**
 * Latents of pairs of views: one sample of each posterior, or the noise-free path s_x = μ, z = μ, s_y = μ.
 * @param key draws a sample; `undefined` takes the noise-free path
 */
export function embedViews(
  parameters: FlatParameters,
  model: VarJepaConfig,
  views: Views,
  key: Key | undefined,
): Embedding {
  const { sx, sy, z } = tf.tidy(() => {
    const { sx, sy, z } = passViews(parameters, model, views, key);
    return { sx, sy, z };
  });
  const embedding = { sx: plain(sx), sy: plain(sy), z: plain(z) };
  tf.dispose([sx, sy, z]);
  return embedding;
}

function plain(tensor: tf.Tensor2D): Float32Array {
  return tensor.dataSync<"float32">().slice();
}

/** Mean KL(q(s_y|s_x,z,y) ‖ p(s_y|s_x,z)) over rows, on one sample of s_x and z per row, in nats. */
export function conditionalPriorKl(
  parameters: FlatParameters,
  model: VarJepaConfig,
  views: Views,
  key: Key,
): number {
  return tf.tidy(() => {
    const { qSy, pSy } = passViews(parameters, model, views, key);
    return tf.mean(kl(qSy, pSy)).dataSync()[0];
  });
}

function passViews(
  weights: FlatParameters,
  model: VarJepaConfig,
  views: Views,
  key: Key | undefined,
): VarJepaPass {
  const parameters = unpackParameters(tf.tensor1d(weights.values), weights.layout);
  const x = tf.tensor2d(views.x, [views.rows, model.dx]);
  const y = tf.tensor2d(views.y, [views.rows, model.dy]);
  const noise = key ? latentNoise(key, views.rows, model) : noNoise(views.rows, model);
  return passVarJepa(parameters, model, x, y, noise);
}
