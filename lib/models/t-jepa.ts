/**
 * T-JEPA (Thimonier et al. 2024), the deterministic baseline: the tokenizer, masks, transformers and predictor
 * of Var-T-JEPA without its latent distributions. A context encoder and a predictor are trained to match the tokens
 * that a slowly following copy of the encoder gives for the target features.
 */

import { checkNumber, checkRecord, checkWhole } from "../checks.js";
import { gatherRows } from "../engine/ops/gather-rows.js";
import { fold, type Key, normals, seedKey } from "../engine/random.js";
import * as tf from "../engine/tf.js";
import { applyDense, initialDense } from "../layers/mlp.js";
import {
  applyLayerNorm,
  checkTransformer,
  type DropoutSource,
  initialLayerNorm,
  initialTransformer,
  type TransformerConfig,
} from "../layers/transformer.js";
import {
  type InitialParameter,
  layoutOf,
  type Parameters,
  packWeights,
  type Slot,
  type Weights,
} from "../layers/weights.js";
import { encodeContext } from "./var-t-jepa/context-encoder.js";
import { loadWeights } from "./var-t-jepa/load-weights.js";
import { checkMasks, fullMasks, type MaskConfig, type Masks } from "./var-t-jepa/masks.js";
import { meanTokens, type Pooling, pooledColumns, tokenPlaces } from "./var-t-jepa/pooling.js";
import {
  contextPredictorTokens,
  initialPredictorCore,
  maskPredictorTokens,
  runPredictor,
} from "./var-t-jepa/predictor.js";
import {
  checkTableRows,
  checkTableShape,
  featureCount,
  rowPieces,
  selectRows,
  type TableRows,
  type TableShape,
} from "./var-t-jepa/table.js";
import { targetFeatureRows } from "./var-t-jepa/target-posterior.js";
import { initialTokenizer, tokenize } from "./var-t-jepa/tokenizer.js";
import type { PassSource } from "./var-t-jepa/var-t-jepa.js";

/** Sizes and choices of a T-JEPA. */
export interface TJepaConfig {
  readonly table: TableShape;
  readonly masks: MaskConfig;
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
export function initialTJepa(key: Key, config: TJepaConfig): Weights {
  return packWeights(initialParameters(key, config));
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
  const auxiliary: Record<string, InitialParameter> =
    auxiliaryTokens > 0
      ? {
          "predictor.auxiliary": {
            shape: [auxiliaryTokens, predictor.width],
            values: () =>
              normals(fold(key, "predictor.auxiliary"), auxiliaryTokens * predictor.width).map(
                (v) => 0.02 * v,
              ),
          },
        }
      : {};
  return {
    ...initialTokenizer(key, config.table, encoder.width, config.clsTokens),
    ...initialTransformer(key, "contextEncoder", encoder),
    ...initialDense(key, "contextEncoder.out", encoder.width, encoder.width),
    ...initialLayerNorm("contextEncoder.outNorm", encoder.width),
    ...initialPredictorCore(key, encoder.width, predictor),
    ...auxiliary,
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
  const inTargets = targetFeatureRows(masks, featureCount(config.table));
  const wanted = withoutGradient(() => gatherRows(encodeRows(target, config, input), inTargets));
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
  const { encoder, predictor, clsTokens, auxiliaryTokens, table } = config;
  const dropout = { key: fold(key, "dropout"), firstSequence: firstRow };
  const sx = encode(parameters, encoder, table, input, masks, dropout);
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
  const tokens = encode(parameters, config.encoder, table, input, fullMasks(features, input.rows));
  return gatherRows(tokens, tokenPlaces(input.rows, clsTokens + features, first, count));
}

/**
 * Embeddings of rows: the target encoder's tokens of all features, row-major `[rows, D · d]`; averaged over them,
 * `[rows, d]`; or its CLS tokens, `[rows, clsTokens · d]`.
 * @param target weights of the target encoder
 * @throws when the rows do not fit the model's table.
 */
export function embedTJepa(
  target: Weights,
  config: TJepaConfig,
  input: TableRows,
  pooling: Pooling = "none",
): Float32Array {
  checkTableRows(config.table, input);
  const features = featureCount(config.table);
  const { width } = config.encoder;
  const columns = pooledColumns(pooling, features, config.clsTokens, width);
  const values = new Float32Array(input.rows * columns);
  const parameters = loadWeights(target);
  for (const piece of rowPieces(input.rows, config.clsTokens + features))
    tf.tidy(() => {
      const rows = selectRows(config.table, input, piece);
      const tokens = encodeRows(parameters, config, rows, pooling === "cls" ? "cls" : "features");
      const numbers = tokens.dataSync<"float32">();
      values.set(pooling === "mean" ? meanTokens(numbers, features, width) : numbers, piece[0] * columns);
    });
  tf.dispose(parameters);
  return values;
}

/** @throws naming the field that makes no sense. */
export function checkTJepa(config: TJepaConfig): void {
  checkRecord("the configuration", config);
  checkTableShape(config.table);
  checkMasks(config.masks, featureCount(config.table));
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
  encoder: TransformerConfig,
  table: TableShape,
  input: TableRows,
  masks: Masks,
  dropout?: DropoutSource,
): tf.Tensor2D {
  const tokens = tokenize(parameters, table, input);
  const hidden = encodeContext(parameters, encoder, tokens, masks, dropout);
  const mapped = applyDense(parameters, "contextEncoder.out", hidden);
  return applyLayerNorm(parameters, "contextEncoder.outNorm", mapped);
}

/** Computes outside the gradient tape, which then keeps none of the intermediate values. */
function withoutGradient(compute: () => tf.Tensor2D): tf.Tensor2D {
  const untaped = tf.customGrad(() => ({ value: compute(), gradFunc: () => [tf.scalar(0)] }));
  return untaped(tf.scalar(0)) as tf.Tensor2D;
}
