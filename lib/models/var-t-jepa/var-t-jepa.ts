/**
 * Var-T-JEPA: the coupled latent-variable model for rows of a table (Section 5, Appendix A and Algorithm 1 of the paper).
 * w is the full row, x its features in the context mask, y_k those in target mask k, k = 1 … K.
 *
 * generative  p(s_x) p(z) Π_j p(x_j|s_x) p(s_yk|s_x,z) Π_j p(y_kj|s_yk)
 * inference   q(s_x|x) q(z|s_x) q(s_w|s_x,z,w), and q(s_yk|s_x,z,y_k) is q(s_w|·) on the features of mask k
 */

import type { DiagonalGaussian } from "../../distributions/diagonal-gaussian.js";
import { rsample } from "../../distributions/diagonal-gaussian.js";
import { gatherRows } from "../../engine/ops/gather-rows.js";
import { randomNormal } from "../../engine/ops/random-normal.js";
import { fold, type Key, seedKey } from "../../engine/random.js";
import * as tf from "../../engine/tf.js";
import {
  type InitialParameter,
  layoutOf,
  type Parameters,
  packWeights,
  type Slot,
  type Weights,
} from "../../layers/weights.js";
import { auxiliaryPosterior, initialAuxiliaryEncoder, poolContext } from "./auxiliary-encoder.js";
import { checkVarTJepa, type VarTJepaConfig } from "./config.js";
import { contextPosterior, initialContextEncoder } from "./context-encoder.js";
import { type Cells, type Decoded, type DecoderPath, decode, initialDecoder, logSigma } from "./decoders.js";
import type { Masks } from "./masks.js";
import { initialPredictor, predictTargets } from "./predictor.js";
import { featureCount, type TableRows } from "./table.js";
import { initialTargetPosterior, targetFeatureRows, targetPosterior } from "./target-posterior.js";
import { initialTokenizer, tokenize } from "./tokenizer.js";

/** Everything one pass computes, K = target views, D = features, S = samples of s_w. */
export interface VarTJepaPass {
  readonly input: TableRows;
  readonly masks: Masks;
  /** q(s_x|x): `[rows · (clsTokens + contextSize), d]`, of each row the CLS tokens first. */
  readonly qSx: DiagonalGaussian;
  /** q(z|s_x): `[rows, d]`. */
  readonly qZ: DiagonalGaussian;
  /** q(s_w|s_x,z,w): `[rows · D, d]`, one entry per feature of the full row. */
  readonly qSw: DiagonalGaussian;
  /** q(s_yk|s_x,z,y_k) and p(s_yk|s_x,z): `[rows · K · targetSize, d]`. */
  readonly qSy: DiagonalGaussian;
  readonly pSy: DiagonalGaussian;
  /** One sample of s_x and z, shaped as their posteriors. */
  readonly sx: tf.Tensor2D;
  readonly z: tf.Tensor2D;
  /** S samples of s_w: `[S · rows · D, d]`, one sample of all rows after the other. */
  readonly sw: tf.Tensor2D;
  /** p(x|s_x) at the features in the context, p(w|s_w) at all features of every sample. */
  readonly contextDecoded: Decoded;
  readonly targetDecoded: Decoded;
  /** log σ_x and log σ_y. */
  readonly logSigmaX: tf.Scalar;
  readonly logSigmaY: tf.Scalar;
}

/** Where a pass draws its noise and dropout from. */
export interface PassSource {
  readonly key: Key;
  /** Place of the pass's first row in the batch: a batch cut in pieces has the noise of the whole. */
  readonly firstRow: number;
}

/**
 * Start weights of a model.
 * @throws naming the field of the configuration that makes no sense.
 */
export function initialVarTJepa(key: Key, config: VarTJepaConfig): Weights {
  return packWeights(initialParameters(key, config));
}

/**
 * Names and shapes of a model's parameters; draws none of them.
 * @throws as `initialVarTJepa` does.
 */
export function varTJepaLayout(config: VarTJepaConfig): Slot[] {
  return layoutOf(initialParameters(seedKey(0), config));
}

function initialParameters(key: Key, config: VarTJepaConfig): Record<string, InitialParameter> {
  checkVarTJepa(config);
  const scale = (path: DecoderPath): Record<string, InitialParameter> =>
    config.sigma === "learned"
      ? { [`${path}.logSigma`]: { shape: [], values: Float32Array.of(config.initialLogSigma) } }
      : {};
  return {
    ...initialTokenizer(key, config.table, config.encoder.width, config.clsTokens),
    ...initialContextEncoder(key, config),
    ...initialAuxiliaryEncoder(key, config),
    ...initialTargetPosterior(key, config),
    ...initialPredictor(key, config),
    ...initialDecoder(key, "contextDecoder", config),
    ...initialDecoder(key, "targetDecoder", config),
    ...scale("contextDecoder"),
    ...scale("targetDecoder"),
  };
}

/**
 * One pass (Algorithm 1): encode the context, sample s_x and z, infer s_w and predict every target, decode both.
 * The target posterior depends on no mask, so it is computed once and sampled, not once per target.
 */
export function passVarTJepa(
  parameters: Parameters,
  config: VarTJepaConfig,
  input: TableRows,
  masks: Masks,
  { key, firstRow }: PassSource,
): VarTJepaPass {
  const features = featureCount(config.table);
  const noise = (name: string, rowsEach: number): tf.Tensor2D =>
    randomNormal(fold(key, name), input.rows * rowsEach, config.encoder.width, firstRow * rowsEach);
  const dropout = { key: fold(key, "dropout"), firstSequence: firstRow };

  const tokens = tokenize(parameters, config.table, input);
  const qSx = contextPosterior(parameters, config, tokens, masks, dropout);
  const sx = rsample(qSx, noise("s_x", config.clsTokens + masks.contextSize));
  const pooled = poolContext(parameters, sx, input.rows);
  const qZ = auxiliaryPosterior(parameters, config, pooled);
  const z = rsample(qZ, noise("z", 1));
  const qSw = targetPosterior(parameters, config, tokens, pooled, z, dropout);
  const pSy = predictTargets(parameters, config, features, masks, sx, z, dropout);

  const samples = Array.from({ length: config.targetSamples }, (_, s) =>
    rsample(qSw, noise(`s_w.${s}`, features)),
  );
  const sw = samples.length === 1 ? samples[0] : tf.concat(samples, 0);
  const inTargets = targetFeatureRows(masks, features);
  return {
    input,
    masks,
    qSx,
    qZ,
    qSw,
    qSy: { mean: gatherRows(qSw.mean, inTargets), logVariance: gatherRows(qSw.logVariance, inTargets) },
    pSy,
    sx,
    z,
    sw,
    contextDecoded: decodeContext(parameters, config, sx, masks),
    targetDecoded: decode(
      parameters,
      "targetDecoder",
      config.table,
      sw,
      allCells(input.rows, features, samples.length),
    ),
    logSigmaX: logSigma(parameters, "contextDecoder", config),
    logSigmaY: logSigma(parameters, "targetDecoder", config),
  };
}

/** p(x|s_x): every feature in the context by its own token; the CLS tokens stand for no feature. */
function decodeContext(
  parameters: Parameters,
  config: VarTJepaConfig,
  sx: tf.Tensor2D,
  { rows, context, contextSize }: Masks,
): Decoded {
  const length = config.clsTokens + contextSize;
  const cells: Cells = {
    row: context.map((_, i) => Math.floor(i / contextSize)),
    feature: context,
  };
  const places = Int32Array.from(
    { length: rows * contextSize },
    (_, i) => Math.floor(i / contextSize) * length + config.clsTokens + (i % contextSize),
  );
  return decode(parameters, "contextDecoder", config.table, gatherRows(sx, places), cells);
}

/** Every feature of every row, `times` times over. */
function allCells(rows: number, features: number, times: number): Cells {
  const length = times * rows * features;
  return {
    row: Int32Array.from({ length }, (_, i) => Math.floor(i / features) % rows),
    feature: Int32Array.from({ length }, (_, i) => i % features),
  };
}
