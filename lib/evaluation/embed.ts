import type { Views } from "../data/simulation.js";
import { type DiagonalGaussian, kl } from "../distributions/diagonal-gaussian.js";
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
import type { TrainedModel } from "../training/trained-model.js";

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
 * @param average of a model with `targetDecay`: the moving average, which encodes y
 */
export function embedViews(
  parameters: FlatParameters,
  model: VarJepaConfig,
  views: Views,
  key: Key | undefined,
  average?: FlatParameters,
): Embedding {
  const { sx, sy, z } = encodePairs({ parameters, config: model, average }, views, key);
  return { sx, sy, z };
}

/** A diagonal Gaussian per row as plain arrays, row-major `[rows, d]`. */
export interface PlainGaussian {
  readonly mean: Float32Array;
  /** log σ²; −∞ of a point. */
  readonly logVariance: Float32Array;
}

/** Latents of pairs, and the distributions that they were drawn from. */
export interface EncodedPairs extends Embedding {
  readonly qSx: PlainGaussian;
  readonly qSy: PlainGaussian;
  /** The prior of s_y given s_x and z: the predictor's. */
  readonly pSy: PlainGaussian;
}

/** A model of pairs as it is trained, or untrained. */
export type PairModel = Pick<TrainedModel<VarJepaConfig>, "parameters" | "config" | "average">;

/**
 * Latents of pairs of views with their distributions, on one sample of each posterior or on the noise-free path.
 * @param key draws a sample; `undefined` takes the noise-free path
 */
export function encodePairs(model: PairModel, views: Views, key: Key | undefined): EncodedPairs {
  const { parameters, config, average } = model;
  const read: EncodedPairs[] = [];
  tf.tidy(() => {
    const { sx, sy, z, qSx, qSy, pSy } = passViews(parameters, config, views, key, average);
    const gaussian = ({ mean, logVariance }: DiagonalGaussian) => ({
      mean: plain(mean),
      logVariance: plain(logVariance),
    });
    read.push({
      ...{ sx: plain(sx), sy: plain(sy), z: plain(z) },
      ...{ qSx: gaussian(qSx), qSy: gaussian(qSy), pSy: gaussian(pSy) },
    });
  });
  return read[0];
}

function plain(tensor: tf.Tensor2D): Float32Array {
  return tensor.dataSync<"float32">().slice();
}

/**
 * Mean KL(q(s_y|s_x,z,y) ‖ p(s_y|s_x,z)) over rows, on one sample of s_x and z per row, in nats. Points have none.
 * @param key draws a sample; `undefined` takes the noise-free path
 * @param average of a model with `targetDecay`: the moving average, which encodes y
 */
export function conditionalPriorKl(
  parameters: FlatParameters,
  model: VarJepaConfig,
  views: Views,
  key: Key | undefined,
  average?: FlatParameters,
): number {
  return tf.tidy(() => {
    const { qSy, pSy } = passViews(parameters, model, views, key, average);
    return tf.mean(kl(qSy, pSy)).dataSync()[0];
  });
}

function passViews(
  weights: FlatParameters,
  model: VarJepaConfig,
  views: Views,
  key: Key | undefined,
  average: FlatParameters | undefined,
): VarJepaPass {
  const onTensors = ({ values, layout }: FlatParameters) => unpackParameters(tf.tensor1d(values), layout);
  const x = tf.tensor2d(views.x, [views.rows, model.dx]);
  const y = tf.tensor2d(views.y, [views.rows, model.dy]);
  const noise = key ? latentNoise(key, views.rows, model) : noNoise(views.rows, model);
  return passVarJepa(onTensors(weights), model, x, y, noise, average && onTensors(average));
}
