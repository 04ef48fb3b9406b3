/**
 * Var-JEPA with multilayer perceptrons: a coupled latent-variable model of a context x and a target y.
 *
 * generative  p(s_x) p(z) p(x|s_x) p(s_y|s_x,z) p(y|s_y),  p(s_x) = p(z) = N(0, I)
 * inference   q(s_x|x) q(z|s_x) q(s_y|s_x,z,y)
 *
 * The configuration takes parts of it away (`pairs/config.ts`): at the far end stands a deterministic JEPA.
 */

import { type DiagonalGaussian, rsample } from "../distributions/diagonal-gaussian.js";
import { randomNormal } from "../engine/ops/random-normal.js";
import { fold, type Key, seedKey } from "../engine/random.js";
import * as tf from "../engine/tf.js";
import { applyGaussianHead, initialGaussianHead } from "../layers/gaussian-head.js";
import { applyDense, applyMlp, initialDense, initialMlp } from "../layers/mlp.js";
import {
  type FlatParameters,
  type InitialParameter,
  layoutOf,
  type Parameters,
  packParameters,
  type Slot,
} from "../layers/parameters.js";
import { checkVarJepa, choicesOf, type VarJepaConfig } from "./pairs/config.js";

export { type VarJepaConfig, varJepaDefaults } from "./pairs/config.js";

/** The noise ε of one reparameterised sample of each latent: `[rows, d]`, `[rows, dz]`, `[rows, d]`. */
export interface LatentNoise {
  readonly sx: tf.Tensor2D;
  readonly z: tf.Tensor2D;
  readonly sy: tf.Tensor2D;
}

/** What one pass through the model sees and computes; every tensor has `rows` rows. */
export interface VarJepaPass {
  /** `[rows, dx]` and `[rows, dy]` */
  readonly x: tf.Tensor2D;
  readonly y: tf.Tensor2D;
  /**
   * Posteriors q(s_x|x), q(z|s_x), q(s_y|s_x,z,y) and the predictor's conditional prior p(s_y|s_x,z), or what the configuration
   * has in their place. Points are Gaussians of log variance −∞; without z, its distribution is that on R⁰.
   */
  readonly qSx: DiagonalGaussian;
  readonly qZ: DiagonalGaussian;
  readonly qSy: DiagonalGaussian;
  readonly pSy: DiagonalGaussian;
  /** One sample of each latent. */
  readonly sx: tf.Tensor2D;
  readonly z: tf.Tensor2D;
  readonly sy: tf.Tensor2D;
  /**
   * Means of p(x|s_x) and p(y|s_y), `[rows, dx]` and `[rows, dy]`, and the scalars log σ_x, log σ_y; of the views that
   * are decoded.
   */
  readonly xMean?: tf.Tensor2D;
  readonly yMean?: tf.Tensor2D;
  readonly logSigmaX?: tf.Scalar;
  readonly logSigmaY?: tf.Scalar;
}

/**
 * Start weights of a model.
 * @throws naming the field of the configuration that makes no sense.
 */
export function initialVarJepa(key: Key, config: VarJepaConfig): FlatParameters {
  return packParameters(initialParameters(key, config));
}

/**
 * Names and shapes of a model's parameters; draws none of them.
 * @throws as `initialVarJepa` does.
 */
export function varJepaLayout(config: VarJepaConfig): Slot[] {
  return layoutOf(initialParameters(seedKey(0), config));
}

function initialParameters(key: Key, config: VarJepaConfig): Record<string, InitialParameter> {
  checkVarJepa(config);
  const { dx, dy, d, dz, hidden, hiddenLayers, initialLogSigma } = config;
  const { latents, target, prior, decodes } = choicesOf(config);
  const trunk = (inputs: number) => [inputs, ...Array<number>(hiddenLayers).fill(hidden)];
  const encoder = (name: string, inputs: number, outputs: number) => ({
    ...initialMlp(key, name, trunk(inputs)),
    ...(latents === "gaussian"
      ? initialGaussianHead(key, name, hidden, outputs)
      : initialDense(key, `${name}.mean`, hidden, outputs)),
  });
  const logSigma = { shape: [], values: Float32Array.of(initialLogSigma) };
  return {
    ...encoder("contextEncoder", dx, d),
    ...(dz > 0 && encoder("auxiliaryEncoder", d, dz)),
    ...(target === "posterior" && encoder("targetPosterior", d + dz + dy, d)),
    ...(target === "own" && encoder("targetEncoder", dy, d)),
    ...(prior === "predictor" && encoder("predictor", d + dz, d)),
    ...(decodes.x && initialMlp(key, "contextDecoder", [...trunk(d), dx])),
    ...(decodes.y && initialMlp(key, "targetDecoder", [...trunk(d), dy])),
    ...(decodes.x && { logSigmaX: logSigma }),
    ...(decodes.y && { logSigmaY: logSigma }),
  };
}

/** ε ~ N(0, I) for every latent: rows `first` … `first + rows − 1` of an endless stream, however it is cut. */
export function latentNoise(key: Key, rows: number, { d, dz }: VarJepaConfig, first = 0): LatentNoise {
  const draw = (label: string, columns: number) => randomNormal(fold(key, label), rows, columns, first);
  return { sx: draw("s_x", d), z: draw("z", dz), sy: draw("s_y", d) };
}

/** ε = 0: the noise-free path s_x = μ, z = μ, s_y = μ. */
export function noNoise(rows: number, { d, dz }: VarJepaConfig): LatentNoise {
  return { sx: tf.zeros([rows, d]), z: tf.zeros([rows, dz]), sy: tf.zeros([rows, d]) };
}

/**
 * One pass: encode x, sample s_x and z, infer and predict s_y, decode both.
 * @param x `[rows, dx]`
 * @param y `[rows, dy]`
 * @param average the moving average of the parameters, which encodes y where `targetDecay` says so: tensors of its own, so that
 * no gradient goes from there to the parameters
 * @throws when the average is needed and not given.
 */
export function passVarJepa(
  parameters: Parameters,
  config: VarJepaConfig,
  x: tf.Tensor2D,
  y: tf.Tensor2D,
  noise: LatentNoise,
  average: Parameters = {},
): VarJepaPass {
  const { target } = choicesOf(config);
  const qSx = encode(parameters, config, "contextEncoder", x);
  const sx = draw(config, qSx, noise.sx);
  const qZ =
    config.dz > 0 ? encode(parameters, config, "auxiliaryEncoder", sx) : standardNormal(x.shape[0], 0);
  const z = draw(config, qZ, noise.z);
  const qSy =
    target === "posterior"
      ? encode(parameters, config, "targetPosterior", joined([sx, z, y]))
      : encode(
          targetParameters(parameters, config, average),
          config,
          target === "own" ? "targetEncoder" : "contextEncoder",
          y,
        );
  const pSy = predict(parameters, config, sx, z);
  const sy = draw(config, qSy, noise.sy);
  return { x, y, qSx, qZ, qSy, pSy, sx, z, sy, ...decode(parameters, config, sx, sy) };
}

/** What generation gives: a draw of s_y and the decoder's mean of y given x alone. */
export interface Generated {
  /** `[rows, d]` */
  readonly sy: tf.Tensor2D;
  /** `[rows, dy]` */
  readonly yMean: tf.Tensor2D;
}

/**
 * Generates targets without seeing them: s_x ~ q(s_x|x), z ~ p(z) = N(0, I), s_y ~ p(s_y|s_x,z), y = E p(y|s_y).
 * @param x `[rows, dx]`
 */
export function generateTarget(
  parameters: Parameters,
  config: VarJepaConfig,
  x: tf.Tensor2D,
  noise: LatentNoise,
): Generated {
  if (!choicesOf(config).decodes.y)
    throw new Error(
      `decoders is "${config.decoders}"; generation needs a decoder of y, so train one with "both" or "y"`,
    );
  const sx = draw(config, encode(parameters, config, "contextEncoder", x), noise.sx);
  const sy = draw(config, predict(parameters, config, sx, noise.z), noise.sy);
  return { sy, yMean: applyMlp(parameters, "targetDecoder", sy, config.activation) };
}

/** What an encoder of y alone has as its parameters. */
function targetParameters(
  parameters: Parameters,
  { targetDecay }: VarJepaConfig,
  average: Parameters,
): Parameters {
  if (targetDecay === undefined) return parameters;
  if (Object.keys(average).length === 0)
    throw new Error(`targetDecay is ${targetDecay}, so y is encoded by the moving average; give it too`);
  return average;
}

/** The prior of s_y. */
function predict(
  parameters: Parameters,
  config: VarJepaConfig,
  sx: tf.Tensor2D,
  z: tf.Tensor2D,
): DiagonalGaussian {
  return choicesOf(config).prior === "predictor"
    ? encode(parameters, config, "predictor", joined([sx, z]))
    : standardNormal(sx.shape[0], config.d);
}

function decode(
  parameters: Parameters,
  config: VarJepaConfig,
  sx: tf.Tensor2D,
  sy: tf.Tensor2D,
): Pick<VarJepaPass, "xMean" | "yMean" | "logSigmaX" | "logSigmaY"> {
  const { decodes, sigma } = choicesOf(config);
  const scale = (learned: tf.Tensor) =>
    sigma === "fixed" ? tf.scalar(config.initialLogSigma) : (learned as tf.Scalar);
  return {
    ...(decodes.x && { xMean: applyMlp(parameters, "contextDecoder", sx, config.activation) }),
    ...(decodes.y && { yMean: applyMlp(parameters, "targetDecoder", sy, config.activation) }),
    ...(decodes.x && { logSigmaX: scale(parameters.logSigmaX) }),
    ...(decodes.y && { logSigmaY: scale(parameters.logSigmaY) }),
  };
}

/** The distribution that the network `name` gives for its input; a point where latents are deterministic. */
function encode(
  parameters: Parameters,
  config: VarJepaConfig,
  name: string,
  input: tf.Tensor2D,
): DiagonalGaussian {
  const h = applyMlp(parameters, name, input, config.activation, true);
  if (choicesOf(config).latents === "deterministic") {
    const mean = applyDense(parameters, `${name}.mean`, h);
    return { mean, logVariance: tf.fill(mean.shape, Number.NEGATIVE_INFINITY) };
  }
  return applyGaussianHead(parameters, name, h, config.logVarianceBound);
}

function draw({ latents }: VarJepaConfig, q: DiagonalGaussian, noise: tf.Tensor2D): tf.Tensor2D {
  return latents === "deterministic" ? q.mean : rsample(q, noise);
}

function standardNormal(rows: number, d: number): DiagonalGaussian {
  return { mean: tf.zeros([rows, d]), logVariance: tf.zeros([rows, d]) };
}

/** Side by side; what has no columns is left out. */
function joined(parts: tf.Tensor2D[]): tf.Tensor2D {
  return tf.concat(
    parts.filter((part) => part.shape[1] > 0),
    1,
  );
}
