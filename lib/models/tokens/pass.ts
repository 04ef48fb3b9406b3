/**
 * Var-T-JEPA's coupled latent-variable model on tokens (Section 5, Appendix A and Algorithm 1 of the paper).
 * w is the full row, x its tokens in the context mask, y_k those in target mask k, k = 1 … K.
 *
 * generative  p(s_x) p(z) Π_j p(x_j|s_x) p(s_yk|s_x,z) Π_j p(y_kj|s_yk)
 * inference   q(s_x|x) q(z|s_x) q(s_w|s_x,z,w), and q(s_yk|s_x,z,y_k) is q(s_w|·) on the tokens of mask k
 */

import { type DiagonalGaussian, rsample } from "../../distributions/diagonal-gaussian.js";
import { randomNormal } from "../../engine/ops/random-normal.js";
import { fold, type Key } from "../../engine/random.js";
import * as tf from "../../engine/tf.js";
import { type InitialParameter, type Parameters, scaledStart } from "../../layers/parameters.js";
import { tokensFrom } from "../../layers/sequence.js";
import type { DropoutSource } from "../../layers/transformer.js";
import { auxiliaryPosterior, initialAuxiliaryEncoder, poolContext } from "./auxiliary-encoder.js";
import { checkTokenModel, type TokenModelConfig } from "./config.js";
import { contextPosterior, initialClsTokens, initialContextEncoder } from "./context-encoder.js";
import { fullMasks, type Masks } from "./masks.js";
import type { Cells, DecoderPath, LogSigma, Modality } from "./modality.js";
import { rowPositions } from "./positions.js";
import { initialPredictor, predictTargets } from "./predictor.js";
import { initialTargetPosterior, targetPosterior, targetTokens } from "./target-posterior.js";

/** Everything one pass computes, K = target views, D = tokens of a row, S = samples of s_w. */
export interface TokenPass<Input, Decoded> {
  readonly input: Input;
  readonly masks: Masks;
  /** Tokens of the full rows: `[rows · D, d]`. */
  readonly tokens: tf.Tensor2D;
  /** q(s_x|x): `[rows · (clsTokens + contextSize), d]`, of each row the CLS tokens first. */
  readonly qSx: DiagonalGaussian;
  /** s_x, shaped as its posterior, and pooled: `[rows · poolTokens, d]`. */
  readonly sx: tf.Tensor2D;
  readonly pooled: tf.Tensor2D;
  /** q(z|s_x) and z: `[rows, d]`. */
  readonly qZ: DiagonalGaussian;
  readonly z: tf.Tensor2D;
  /** q(s_w|s_x,z,w): `[rows · D, d]`, one entry per token of the full row. */
  readonly qSw: DiagonalGaussian;
  /** p(s_yk|s_x,z) and q(s_yk|s_x,z,y_k): `[rows · K · targetSize, d]`. */
  readonly pSy: DiagonalGaussian;
  readonly qSy: DiagonalGaussian;
  /** S samples of s_w: `[S · rows · D, d]`, one sample of all rows after the other. */
  readonly sw: tf.Tensor2D;
  /** p(x|s_x) at the tokens in the context, p(w|s_w) at all tokens of every sample. */
  readonly contextDecoded: Decoded;
  readonly targetDecoded: Decoded;
  /** log σ_x and log σ_y. */
  readonly logSigmaX: LogSigma;
  readonly logSigmaY: LogSigma;
  /** −log p(x|s_x) and −log p(w|s_w), averaged over the tokens that are decoded. */
  readonly negativeLogX: () => tf.Scalar;
  readonly negativeLogW: () => tf.Scalar;
  /** −log p(y|s_x,z), s_y integrated out as far as its modality can, averaged over the K targets and their tokens. */
  readonly negativeLogY: () => tf.Scalar;
  /** −log p(y|s_y) at the mean of p(s_y|s_x,z), averaged likewise. */
  readonly negativeLogYAtMean: () => tf.Scalar;
}

/** A model of tokens: what it is trained to be, what it is made of, and what its tokens are. */
export interface TokenModel<Input, Decoded> {
  readonly parameters: Parameters;
  readonly config: TokenModelConfig;
  readonly modality: Modality<Input, Decoded>;
}

/** ε of a latent, standard normal `[rows · perRow, d]`; without it the latent is its posterior's mean. */
export type Noise = (latent: string, perRow: number) => tf.Tensor2D | undefined;

/** Where a pass of training draws its noise and dropout from. */
export interface PassSource {
  readonly key: Key;
  /** Place of the pass's first row in the batch: a batch cut in pieces has the noise of the whole. */
  readonly firstRow: number;
}

/** The noise-free path: s_x = μ, z = μ, s_w = μ. */
export const noNoise: Noise = () => undefined;

/** Noise of `rows` rows of width d, drawn from a key; `firstRow` is the place of the first of them in the whole. */
export function noiseFrom(key: Key, rows: number, d: number, firstRow = 0): Noise {
  return (latent, perRow) => randomNormal(fold(key, latent), rows * perRow, d, firstRow * perRow);
}

/** Start values of a model's parameters; `config` is checked. */
export function initialTokenModel<Input, Decoded>(
  key: Key,
  config: TokenModelConfig,
  modality: Modality<Input, Decoded>,
): Record<string, InitialParameter> {
  checkTokenModel(config);
  const { width } = config.encoder;
  const logSigma =
    config.sigma === "learned"
      ? { shape: [], values: Float32Array.of(config.initialLogSigma) }
      : { shape: [modality.tokens], values: new Float32Array(modality.tokens).fill(config.initialLogSigma) };
  return {
    ...scaledStart(
      { ...modality.initialTokenizer(key, width), ...initialClsTokens(key, config.clsTokens, width) },
      config.tokenScale ?? 1,
    ),
    ...initialContextEncoder(key, config),
    ...initialAuxiliaryEncoder(key, config),
    ...initialTargetPosterior(key, config),
    ...initialPredictor(key, config),
    ...modality.initialDecoder(key, "contextDecoder", width),
    ...modality.initialDecoder(key, "targetDecoder", width),
    ...(config.sigma === "fixed"
      ? {}
      : { "contextDecoder.logSigma": logSigma, "targetDecoder.logSigma": logSigma }),
  };
}

/**
 * One pass (Algorithm 1): encode the context, sample s_x and z, infer s_w and predict every target, decode both. Training,
 * embedding, generation and diagnosis differ in their noise and in what they read: each entry is computed, together with
 * what it follows from, when it is read first. The target posterior depends on no mask, so it is computed once and
 * sampled, not once per target.
 * @param noise ε of s_x, z and s_w
 * @param given entries that are not to be computed, such as a z drawn from its prior
 * @param dropout without it nothing is dropped
 */
export function passTokens<Input, Decoded>(
  { parameters, config, modality }: TokenModel<Input, Decoded>,
  input: Input,
  masks: Masks,
  noise: Noise,
  given: Partial<TokenPass<Input, Decoded>> = {},
  dropout?: DropoutSource,
): TokenPass<Input, Decoded> {
  const { clsTokens, targetSamples } = config;
  const { rows, contextSize } = masks;
  const { tokens: D, negativeLogLikelihood, negativeLogMarginal } = modality;
  const draw = (q: DiagonalGaussian, latent: string, perRow: number) => {
    const epsilon = noise(latent, perRow);
    return epsilon ? rsample(q, epsilon) : q.mean;
  };
  const decode = (path: DecoderPath, s: tf.Tensor2D, feature: Int32Array, perRow: number) =>
    modality.decode(parameters, path, s, cellsOf(feature, perRow, rows));
  // Learned, or the start value when σ is fixed.
  const logSigma = (path: DecoderPath) =>
    (parameters[`${path}.logSigma`] ?? tf.scalar(config.initialLogSigma)) as LogSigma;
  return lazily<TokenPass<Input, Decoded>>(
    {
      input: () => input,
      masks: () => masks,
      // Component 1: t_j of every token of w.
      tokens: () => modality.tokenize(parameters, input, clsTokens),
      // Component 2: q(s_x|x) = N(μ_x, Σ_x), s_x = μ_x + σ_x ⊙ ε.
      qSx: ({ tokens }) => contextPosterior(parameters, config, tokens, masks, dropout),
      sx: ({ qSx }) => draw(qSx, "s_x", clsTokens + contextSize),
      // Component 3: q(z|s_x) = N(μ_z, σ_z²), z = μ_z + σ_z ⊙ ε.
      pooled: ({ sx }) => poolContext(parameters, sx, rows),
      qZ: ({ pooled }) => auxiliaryPosterior(parameters, config, pooled),
      z: ({ qZ }) => draw(qZ, "z", 1),
      // Component 4: q(s_w|s_x,z,w).
      qSw: ({ tokens, pooled, z }) => targetPosterior(parameters, config, tokens, pooled, z, dropout),
      // Component 5: p(s_yk|s_x,z).
      pSy: ({ sx, z }) => {
        const positions = rowPositions(clsTokens, modality, config.predictor.width);
        return predictTargets(parameters, config, D, masks, sx, z, dropout, positions);
      },
      sw: ({ qSw }) => {
        const samples = Array.from({ length: targetSamples }, (_, s) => draw(qSw, `s_w.${s}`, D));
        return samples.length === 1 ? samples[0] : tf.concat(samples, 0);
      },
      // q(s_yk|s_x,z,y_k) = q(s_w|s_x,z,w) on mask k.
      qSy: ({ qSw }) => ({
        mean: targetTokens(qSw.mean, masks),
        logVariance: targetTokens(qSw.logVariance, masks),
      }),
      // Component 6: Π_j p(x_j|s_x), each token by its own latent, the CLS tokens standing for none; Π_j p(w_j|s_w).
      contextDecoded: ({ sx }) =>
        decode("contextDecoder", tokensFrom(sx, rows, clsTokens, contextSize), masks.context, contextSize),
      targetDecoded: ({ sw }) => decode("targetDecoder", sw, fullMasks(D, targetSamples * rows).context, D),
      logSigmaX: () => logSigma("contextDecoder"),
      logSigmaY: () => logSigma("targetDecoder"),
      negativeLogX: (pass) => () => negativeLogLikelihood(pass.contextDecoded, input, pass.logSigmaX),
      negativeLogW: (pass) => () => negativeLogLikelihood(pass.targetDecoded, input, pass.logSigmaY),
      negativeLogYAtMean:
        ({ pSy, logSigmaY }) =>
        () => {
          const decoded = decode(
            "targetDecoder",
            pSy.mean,
            masks.targets,
            masks.targetViews * masks.targetSize,
          );
          return negativeLogLikelihood(decoded, input, logSigmaY);
        },
      negativeLogY:
        ({ pSy, logSigmaY }) =>
        () => {
          const perRow = masks.targetViews * masks.targetSize;
          const cells = cellsOf(masks.targets, perRow, rows);
          const epsilon = noise("s_y", perRow);
          return negativeLogMarginal(parameters, "targetDecoder", pSy, cells, input, logSigmaY, epsilon);
        },
    },
    given,
  );
}

/** One pass of training, all of it (Algorithm 1): noise and dropout are drawn from the source. */
export function trainingPass<Input, Decoded>(
  model: TokenModel<Input, Decoded>,
  input: Input,
  masks: Masks,
  { key, firstRow }: PassSource,
): TokenPass<Input, Decoded> {
  const noise = noiseFrom(key, masks.rows, model.config.encoder.width, firstRow);
  const dropout = { key: fold(key, "dropout"), firstSequence: firstRow };
  return { ...passTokens(model, input, masks, noise, {}, dropout) };
}

/** The cells that `perRow` tokens of each row are, rows starting again after the last. */
export function cellsOf(feature: Int32Array, perRow: number, rows: number): Cells {
  return { row: feature.map((_, i) => Math.floor(i / perRow) % rows), feature };
}

/** A record whose entries, but for the given ones, follow from each other and are computed when they are read first. */
function lazily<T extends object>(
  equations: { readonly [Name in keyof T]: (record: T) => T[Name] },
  given: Partial<T>,
): T {
  const record = {} as T;
  for (const name of Object.keys(equations) as (keyof T)[]) {
    const keep = (value: T[typeof name]) =>
      Object.defineProperty(record, name, { value, enumerable: true, configurable: true })[name];
    const get = () => keep(equations[name](record));
    Object.defineProperty(record, name, { get, enumerable: true, configurable: true });
    if (name in given) keep(given[name] as T[typeof name]);
  }
  return record;
}
