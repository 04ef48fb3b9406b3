/**
 * Var-JEPA with multilayer perceptrons: a coupled latent-variable model of a context x and a target y.
 *
 * generative  p(s_x) p(z) p(x|s_x) p(s_y|s_x,z) p(y|s_y),  p(s_x) = p(z) = N(0, I)
 * inference   q(s_x|x) q(z|s_x) q(s_y|s_x,z,y)
 */

import { checkChoice, checkNumber, checkRecord, checkWhole } from "../checks.js";
import { type DiagonalGaussian, rsample } from "../distributions/diagonal-gaussian.js";
import { softBound } from "../engine/ops/gaussian.js";
import { randomNormal } from "../engine/ops/random-normal.js";
import { fold, type Key, seedKey } from "../engine/random.js";
import * as tf from "../engine/tf.js";
import { type ActivationName, applyDense, applyMlp, initialDense, initialMlp } from "../layers/mlp.js";
import {
  type FlatParameters,
  type InitialParameter,
  layoutOf,
  type Parameters,
  packParameters,
  type Slot,
} from "../layers/parameters.js";

/** Sizes of the model. */
export interface VarJepaConfig {
  /** Dimensions of the context x and of the target y. */
  readonly dx: number;
  readonly dy: number;
  /** Dimensions of s_x and s_y, and of the auxiliary latent z. */
  readonly d: number;
  readonly dz: number;
  /** Width of each hidden layer, and how many hidden layers each network has. */
  readonly hidden: number;
  readonly hiddenLayers: number;
  /** Nonlinearity between layers. */
  readonly activation: ActivationName;
  /** Start value of log σ_x and log σ_y, the decoders' learned scales. */
  readonly initialLogSigma: number;
  /** Bound B on every log variance, applied smoothly as B·tanh(v/B). */
  readonly logVarianceBound: number;
}

/** The model of the simulation study. */
export const varJepaDefaults: VarJepaConfig = {
  dx: 32,
  dy: 32,
  d: 16,
  dz: 8,
  hidden: 128,
  hiddenLayers: 1,
  activation: "gelu",
  initialLogSigma: 0,
  logVarianceBound: 16,
};

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
  /** Posteriors q(s_x|x), q(z|s_x), q(s_y|s_x,z,y) and the predictor's conditional prior p(s_y|s_x,z). */
  readonly qSx: DiagonalGaussian;
  readonly qZ: DiagonalGaussian;
  readonly qSy: DiagonalGaussian;
  readonly pSy: DiagonalGaussian;
  /** One sample of each latent. */
  readonly sx: tf.Tensor2D;
  readonly z: tf.Tensor2D;
  readonly sy: tf.Tensor2D;
  /** Means of p(x|s_x) and p(y|s_y), `[rows, dx]` and `[rows, dy]`, and the learned scalars log σ_x, log σ_y. */
  readonly xMean: tf.Tensor2D;
  readonly yMean: tf.Tensor2D;
  readonly logSigmaX: tf.Scalar;
  readonly logSigmaY: tf.Scalar;
}

/**
 * Start weights of a model.
 * @throws when a size is not a whole number of at least 1.
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
  checkConfig(config);
  const { dx, dy, d, dz, hidden, hiddenLayers, initialLogSigma } = config;
  const trunk = (inputs: number) => [inputs, ...Array<number>(hiddenLayers).fill(hidden)];
  const gaussian = (name: string, inputs: number, outputs: number) => ({
    ...initialMlp(key, name, trunk(inputs)),
    ...initialDense(key, `${name}.mean`, hidden, outputs),
    ...initialDense(key, `${name}.logVariance`, hidden, outputs),
  });
  return {
    ...gaussian("contextEncoder", dx, d),
    ...gaussian("auxiliaryEncoder", d, dz),
    ...gaussian("targetPosterior", d + dz + dy, d),
    ...gaussian("predictor", d + dz, d),
    ...initialMlp(key, "contextDecoder", [...trunk(d), dx]),
    ...initialMlp(key, "targetDecoder", [...trunk(d), dy]),
    logSigmaX: { shape: [], values: Float32Array.of(initialLogSigma) },
    logSigmaY: { shape: [], values: Float32Array.of(initialLogSigma) },
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
 */
export function passVarJepa(
  parameters: Parameters,
  config: VarJepaConfig,
  x: tf.Tensor2D,
  y: tf.Tensor2D,
  noise: LatentNoise,
): VarJepaPass {
  const gaussian = (name: string, input: tf.Tensor2D) => applyGaussian(parameters, config, name, input);
  const qSx = gaussian("contextEncoder", x);
  const sx = rsample(qSx, noise.sx);
  const qZ = gaussian("auxiliaryEncoder", sx);
  const z = rsample(qZ, noise.z);
  const qSy = gaussian("targetPosterior", tf.concat([sx, z, y], 1));
  const pSy = gaussian("predictor", tf.concat([sx, z], 1));
  const sy = rsample(qSy, noise.sy);
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
  const sx = rsample(applyGaussian(parameters, config, "contextEncoder", x), noise.sx);
  const pSy = applyGaussian(parameters, config, "predictor", tf.concat([sx, noise.z], 1));
  const sy = rsample(pSy, noise.sy);
  return { sy, yMean: applyMlp(parameters, "targetDecoder", sy, config.activation) };
}

function decode(
  parameters: Parameters,
  { activation }: VarJepaConfig,
  sx: tf.Tensor2D,
  sy: tf.Tensor2D,
): Pick<VarJepaPass, "xMean" | "yMean" | "logSigmaX" | "logSigmaY"> {
  return {
    xMean: applyMlp(parameters, "contextDecoder", sx, activation),
    yMean: applyMlp(parameters, "targetDecoder", sy, activation),
    logSigmaX: parameters.logSigmaX as tf.Scalar,
    logSigmaY: parameters.logSigmaY as tf.Scalar,
  };
}

function applyGaussian(
  parameters: Parameters,
  { activation, logVarianceBound }: VarJepaConfig,
  name: string,
  input: tf.Tensor2D,
): DiagonalGaussian {
  const h = applyMlp(parameters, name, input, activation, true);
  const raw = applyDense(parameters, `${name}.logVariance`, h);
  return {
    mean: applyDense(parameters, `${name}.mean`, h),
    logVariance: softBound(raw, logVarianceBound),
  };
}

function checkConfig(config: VarJepaConfig): void {
  checkRecord("the configuration", config);
  for (const field of ["dx", "dy", "d", "dz", "hidden"] as const) checkWhole(field, config[field], 1, 65_536);
  checkWhole("hiddenLayers", config.hiddenLayers, 1, 512);
  checkChoice("activation", config.activation, ["gelu", "relu", "tanh"]);
  checkNumber("initialLogSigma", config.initialLogSigma, -40, 40);
  checkNumber("logVarianceBound", config.logVarianceBound, 1e-3, 80);
}
