/** Observations that a trained model makes, as plain arrays. */

import type { Views } from "../data/simulation.js";
import type { Key } from "../engine/random.js";
import * as tf from "../engine/tf.js";
import { type FlatParameters, type Parameters, unpackParameters } from "../layers/parameters.js";
import { generateTarget, latentNoise, noNoise, passVarJepa, type VarJepaConfig } from "../models/var-jepa.js";

/** Decoder means of both views. */
export interface Decoded {
  /** Row-major `[rows, dx]`. */
  readonly x: Float32Array;
  /** Row-major `[rows, dy]`. */
  readonly y: Float32Array;
}

/**
 * Both views seen, encoded on the noise-free path and decoded again.
 * @param average of a model with `targetDecay`: the moving average, which encodes y
 * @throws when the model does not decode both.
 */
export function reconstructViews(
  parameters: FlatParameters,
  model: VarJepaConfig,
  views: Views,
  average?: FlatParameters,
): Decoded {
  const { xMean, yMean } = tf.tidy(() => {
    const { xMean, yMean } = passVarJepa(
      onTensors(parameters),
      model,
      tf.tensor2d(views.x, [views.rows, model.dx]),
      tf.tensor2d(views.y, [views.rows, model.dy]),
      noNoise(views.rows, model),
      average && onTensors(average),
    );
    if (!xMean || !yMean)
      throw new Error(`decoders is "${model.decoders}"; reconstruction of both views needs "both"`);
    return { xMean, yMean };
  });
  return { x: take(xMean), y: take(yMean) };
}

/**
 * Targets drawn from contexts alone: s_x ~ q(s_x|x), z ~ p(z), s_y ~ p(s_y|s_x,z), and the decoder's mean of y.
 * @param x row-major `[rows, dx]`
 * @returns row-major `[rows, dy]`; another key gives another draw
 */
export function generateTargets(
  weights: FlatParameters,
  model: VarJepaConfig,
  x: Float32Array,
  key: Key,
): Float32Array {
  const rows = x.length / model.dx;
  if (!Number.isInteger(rows))
    throw new Error(`x holds ${x.length} values; give a multiple of dx = ${model.dx}`);
  const yMean = tf.tidy(() => {
    return generateTarget(
      onTensors(weights),
      model,
      tf.tensor2d(x, [rows, model.dx]),
      latentNoise(key, rows, model),
    ).yMean;
  });
  return take(yMean);
}

function onTensors({ values, layout }: FlatParameters): Parameters {
  return unpackParameters(tf.tensor1d(values), layout);
}

/** The values of a tensor, which is freed. */
function take(tensor: tf.Tensor2D): Float32Array {
  const values = tensor.dataSync<"float32">().slice();
  tensor.dispose();
  return values;
}
