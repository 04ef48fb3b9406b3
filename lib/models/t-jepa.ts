/**
 * T-JEPA (Thimonier et al. 2024), the deterministic baseline: the tokenizer, masks, transformers and predictor
 * of Var-T-JEPA without its latent distributions. A context encoder and a predictor are trained to match the tokens
 * that a slowly following copy of the encoder gives for the target features.
 */

import { checkNumber, checkRecord, checkWhole } from "../checks.js";
import { fold, type Key, seedKey } from "../engine/random.js";
import * as tf from "../engine/tf.js";
import { initialStandIns } from "../layers/learned-tokens.js";
import { applyDense, initialDense } from "../layers/mlp.js";
import {
  type FlatParameters,
  type InitialParameter,
  layoutOf,
  type Parameters,
  packParameters,
  type Slot,
} from "../layers/parameters.js";
import { tokensFrom } from "../layers/sequence.js";
import {
  applyLayerNorm,
  checkTransformer,
  type DropoutSource,
  initialLayerNorm,
  initialTransformer,
  type TransformerConfig,
} from "../layers/transformer.js";
import { featureCount, type TableRows } from "./modalities/tabular/table.js";
import { checkTabular, type TabularConfig } from "./modalities/tabular/tabular.js";
import { initialTokenizer, tokenize } from "./modalities/tabular/tokenizer.js";
import { encodeContext, initialClsTokens } from "./tokens/context-encoder.js";
import { fullMasks, type Masks } from "./tokens/masks.js";
import {
  contextPredictorTokens,
  initialPredictorCore,
  maskPredictorTokens,
  runPredictor,
} from "./tokens/predictor.js";
import { targetTokens } from "./tokens/target-posterior.js";
import type { PassSource } from "./var-t-jepa.js";

/** Sizes and choices of a T-JEPA. */
export interface TJepaConfig extends TabularConfig {
  /** Its width is d, the columns of every token. */
  readonly encoder: TransformerConfig;
  readonly predictor: TransformerConfig;
  /** Learned tokens in front of the encoder's sequence. */
  readonly clsTokens: number;
  /** N_aux, learned tokens that join the predictor's input. */
  readonly auxiliaryTokens: number;
  /** Decay of the target encoder, a moving average of the weights, at the first and the last step, linear between. */
  readonly ema: { readonly start: number; readonly end: number };
}

/**
 * Start weights; the target encoder starts as a copy of them.
 * @throws naming the field of the configuration that makes no sense.
 */
export function initialTJepa(key: Key, config: TJepaConfig): FlatParameters {
  return packParameters(initialParameters(key, config));
}

/**
 * Names and shapes of a model's parameters; draws none of them.
 * @throws as `initialTJepa` does.
 */
export function tJepaLayout(config: TJepaConfig): Slot[] {
  return layoutOf(initialParameters(seedKey(0), config));
}

function initialParameters(key: Key, config: TJepaConfig): Record<string, InitialParameter> {
  checkTJepa(config);
  const { encoder, predictor, auxiliaryTokens } = config;
  return {
    ...initialTokenizer(key, config.table, encoder.width),
    ...initialClsTokens(key, config.clsTokens, encoder.width),
    ...initialTransformer(key, "contextEncoder", encoder),
    ...initialDense(key, "contextEncoder.out", encoder.width, encoder.width),
    ...initialLayerNorm("contextEncoder.outNorm", encoder.width),
    ...initialPredictorCore(key, encoder.width, predictor),
    ...(auxiliaryTokens > 0
      ? initialStandIns(key, "predictor.auxiliary", auxiliaryTokens, predictor.width)
      : {}),
    ...initialDense(key, "predictor.out", predictor.width, encoder.width),
  };
}

/** What one pass of training computes: tokens of every target feature, `[rows · K · targetSize, d]` each. */
export interface TJepaPass {
  readonly predicted: tf.Tensor2D;
  readonly wanted: tf.Tensor2D;
}

/**
 * One pass: predict the target features' tokens, and have the target encoder say what they are.
 * @param parameters what is trained
 * @param target the target encoder's weights, of the same names; no gradient reaches them and nothing is dropped there
 */
export function passTJepa(
  parameters: Parameters,
  target: Parameters,
  config: TJepaConfig,
  input: TableRows,
  masks: Masks,
  source: PassSource,
): TJepaPass {
  const wanted = withoutGradient(() => targetTokens(encodeRows(target, config, input), masks));
  return { predicted: predictTokens(parameters, config, input, masks, source), wanted };
}

/** The predictor's tokens for every target feature: `[rows · K · targetSize, d]`. */
export function predictTokens(
  parameters: Parameters,
  config: TJepaConfig,
  input: TableRows,
  masks: Masks,
  { key, firstRow }: PassSource,
): tf.Tensor2D {
  const { predictor, clsTokens, auxiliaryTokens, table } = config;
  const dropout = { key: fold(key, "dropout"), firstSequence: firstRow };
  const sx = encode(parameters, config, input, masks, dropout);
  const hidden = runPredictor(
    parameters,
    predictor,
    masks,
    contextPredictorTokens(parameters, predictor.width, clsTokens, masks, sx),
    maskPredictorTokens(parameters, predictor.width, clsTokens, featureCount(table), masks),
    dropout,
    auxiliaryTokens > 0 ? (parameters["predictor.auxiliary"] as tf.Tensor2D) : undefined,
  );
  return applyDense(parameters, "predictor.out", hidden);
}

/** Tokens of full rows: of all features, `[rows · D, d]`, or the CLS tokens, `[rows · clsTokens, d]`. */
export function encodeRows(
  parameters: Parameters,
  config: TJepaConfig,
  input: TableRows,
  which: "features" | "cls" = "features",
): tf.Tensor2D {
  const { table, clsTokens } = config;
  const features = featureCount(table);
  const [first, count] = which === "cls" ? [0, clsTokens] : [clsTokens, features];
  const tokens = encode(parameters, config, input, fullMasks(features, input.rows));
  return tokensFrom(tokens, input.rows, first, count);
}

/** @throws naming the field that makes no sense. */
export function checkTJepa(config: TJepaConfig): void {
  checkRecord("the configuration", config);
  checkTabular(config);
  checkTransformer("encoder", config.encoder);
  checkTransformer("predictor", config.predictor);
  checkWhole("clsTokens", config.clsTokens, 1, 1024);
  checkWhole("auxiliaryTokens", config.auxiliaryTokens, 0, 1024);
  checkRecord("ema", config.ema);
  for (const field of ["start", "end"] as const) checkNumber(`ema.${field}`, config.ema[field], 0, 1);
}

/** Tokenizer, transformer and T-JEPA's closing affine map and norm. */
function encode(
  parameters: Parameters,
  { encoder, table, clsTokens }: TJepaConfig,
  input: TableRows,
  masks: Masks,
  dropout?: DropoutSource,
): tf.Tensor2D {
  const tokens = tokenize(parameters, table, input, clsTokens);
  const hidden = encodeContext(parameters, encoder, tokens, masks, dropout);
  const mapped = applyDense(parameters, "contextEncoder.out", hidden);
  return applyLayerNorm(parameters, "contextEncoder.outNorm", mapped);
}

/** Computes outside the gradient tape, which then keeps none of the intermediate values. */
function withoutGradient(compute: () => tf.Tensor2D): tf.Tensor2D {
  const untaped = tf.customGrad(() => ({ value: compute(), gradFunc: () => [tf.scalar(0)] }));
  return untaped(tf.scalar(0)) as tf.Tensor2D;
}
