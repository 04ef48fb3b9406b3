/**
 * A JEPA on tokens without latent distributions: the tokenizer, masks, transformers and predictor of the model in `pass.ts`.
 * A context encoder and a predictor are trained to match the tokens that a slowly following copy of the encoder gives for
 * the targets. On a table it is T-JEPA (Thimonier et al. 2024), on patches of images I-JEPA (Assran et al. 2023).
 */

import { checkNumber, checkRecord, checkWhole } from "../../checks.js";
import { fold, type Key } from "../../engine/random.js";
import * as tf from "../../engine/tf.js";
import { initialStandIns } from "../../layers/learned-tokens.js";
import { applyDense, initialDense } from "../../layers/mlp.js";
import { type InitialParameter, type Parameters, scaledStart } from "../../layers/parameters.js";
import { tokensFrom } from "../../layers/sequence.js";
import {
  applyLayerNorm,
  checkTransformer,
  type DropoutSource,
  initialLayerNorm,
  initialTransformer,
  type TransformerConfig,
} from "../../layers/transformer.js";
import { encodeContext, initialClsTokens } from "./context-encoder.js";
import { fullMasks, type Masks } from "./masks.js";
import type { Tokenization } from "./modality.js";
import type { PassSource } from "./pass.js";
import { rowPositions } from "./positions.js";
import {
  contextPredictorTokens,
  initialPredictorCore,
  maskPredictorTokens,
  runPredictor,
} from "./predictor.js";
import { targetTokens } from "./target-posterior.js";

/** Sizes and choices of the deterministic model, whatever its tokens are. */
export interface TokenJepaConfig {
  /** Its width is d, the columns of every token. */
  readonly encoder: TransformerConfig;
  readonly predictor: TransformerConfig;
  /** Learned tokens in front of the encoder's sequence. */
  readonly clsTokens: number;
  /** Factor on the start values of tokenizer and CLS tokens, 1 when left out. */
  readonly tokenScale?: number;
  /** N_aux, learned tokens that join the predictor's input. */
  readonly auxiliaryTokens: number;
  /** Decay of the target encoder, a moving average of the weights, at the first and the last step, linear between. */
  readonly ema: { readonly start: number; readonly end: number };
}

/** A deterministic model of tokens: what it is made of, and what its tokens are. */
export interface TokenJepa<Input> {
  readonly config: TokenJepaConfig;
  readonly modality: Tokenization<Input>;
}

/** Start values of a model's parameters; the target encoder starts as a copy of them. */
export function initialTokenJepa<Input>(
  key: Key,
  { config, modality }: TokenJepa<Input>,
): Record<string, InitialParameter> {
  const { encoder, predictor, auxiliaryTokens } = config;
  return {
    ...scaledStart(
      {
        ...modality.initialTokenizer(key, encoder.width),
        ...initialClsTokens(key, config.clsTokens, encoder.width),
      },
      config.tokenScale ?? 1,
    ),
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

/** What one pass of training computes: every target's tokens, `[rows · K · targetSize, d]` each. */
export interface TokenJepaPass {
  readonly predicted: tf.Tensor2D;
  readonly wanted: tf.Tensor2D;
}

/**
 * One pass: predict the tokens of the targets, and have the target encoder say what they are.
 * @param parameters what is trained
 * @param target the target encoder's weights, of the same names; no gradient reaches them and nothing is dropped there
 */
export function passTokenJepa<Input extends { readonly rows: number }>(
  parameters: Parameters,
  target: Parameters,
  jepa: TokenJepa<Input>,
  input: Input,
  masks: Masks,
  source: PassSource,
): TokenJepaPass {
  const wanted = withoutGradient(() => targetTokens(encodeRows(target, jepa, input), masks));
  return { predicted: predictTokens(parameters, jepa, input, masks, source), wanted };
}

/** The predictor's tokens for every target token: `[rows · K · targetSize, d]`. */
export function predictTokens<Input>(
  parameters: Parameters,
  jepa: TokenJepa<Input>,
  input: Input,
  masks: Masks,
  { key, firstRow }: PassSource,
): tf.Tensor2D {
  const { predictor, clsTokens, auxiliaryTokens } = jepa.config;
  const dropout = { key: fold(key, "dropout"), firstSequence: firstRow };
  const sx = encode(parameters, jepa, input, masks, dropout);
  const positions = rowPositions(clsTokens, jepa.modality, predictor.width);
  const hidden = runPredictor(
    parameters,
    predictor,
    masks,
    contextPredictorTokens(parameters, positions, clsTokens, masks, sx),
    maskPredictorTokens(parameters, positions, clsTokens, masks),
    dropout,
    auxiliaryTokens > 0 ? (parameters["predictor.auxiliary"] as tf.Tensor2D) : undefined,
  );
  return applyDense(parameters, "predictor.out", hidden);
}

/** Tokens of full rows: all D, `[rows · D, d]`, or the CLS tokens, `[rows · clsTokens, d]`. */
export function encodeRows<Input extends { readonly rows: number }>(
  parameters: Parameters,
  jepa: TokenJepa<Input>,
  input: Input,
  which: "all" | "cls" = "all",
): tf.Tensor2D {
  const { clsTokens } = jepa.config;
  const { tokens: D } = jepa.modality;
  const [first, count] = which === "cls" ? [0, clsTokens] : [clsTokens, D];
  const tokens = encode(parameters, jepa, input, fullMasks(D, input.rows));
  return tokensFrom(tokens, input.rows, first, count);
}

/** @throws naming the field that makes no sense. */
export function checkTokenJepa(config: TokenJepaConfig): void {
  checkTransformer("encoder", config.encoder);
  checkTransformer("predictor", config.predictor);
  checkWhole("clsTokens", config.clsTokens, 1, 1024);
  if (config.tokenScale !== undefined) checkNumber("tokenScale", config.tokenScale, 1e-3, 1e3);
  checkWhole("auxiliaryTokens", config.auxiliaryTokens, 0, 1024);
  checkRecord("ema", config.ema);
  for (const field of ["start", "end"] as const) checkNumber(`ema.${field}`, config.ema[field], 0, 1);
}

/** Tokenizer, transformer and the closing affine map and norm. */
function encode<Input>(
  parameters: Parameters,
  { config: { encoder, clsTokens }, modality }: TokenJepa<Input>,
  input: Input,
  masks: Masks,
  dropout?: DropoutSource,
): tf.Tensor2D {
  const tokens = modality.tokenize(parameters, input, clsTokens);
  const hidden = encodeContext(parameters, encoder, tokens, masks, dropout);
  const mapped = applyDense(parameters, "contextEncoder.out", hidden);
  return applyLayerNorm(parameters, "contextEncoder.outNorm", mapped);
}

/** Computes outside the gradient tape, which then keeps none of the intermediate values. */
function withoutGradient(compute: () => tf.Tensor2D): tf.Tensor2D {
  const untaped = tf.customGrad(() => ({ value: compute(), gradFunc: () => [tf.scalar(0)] }));
  return untaped(tf.scalar(0)) as tf.Tensor2D;
}
