/** Embeddings of rows and how sure the model is of them. */

import type { DiagonalGaussian } from "../distributions/diagonal-gaussian.js";
import type { FlatParameters, Parameters } from "../layers/parameters.js";
import { tokensFrom } from "../layers/sequence.js";
import { featureCount, type TableRows } from "../models/modalities/tabular/table.js";
import { tabular } from "../models/modalities/tabular/tabular.js";
import { encodeRows, type TJepaConfig } from "../models/t-jepa.js";
import { fullMasks } from "../models/tokens/masks.js";
import { noNoise, passTokens } from "../models/tokens/pass.js";
import { type VarTJepaConfig, type VarTJepaPass, varTJepa } from "../models/var-t-jepa.js";
import { mean as average } from "../moments.js";
import { inPieces, type RowPiece } from "./load-parameters.js";
import { meanTokens, type Pooling, pooledTokens } from "./pooling.js";

/**
 * Standard deviations of q(s_w) over all features, made one number per row: their mean, which the paper takes on AD,
 * CO, EL, CC and BM, and their 90th percentile, which it takes on MNIST and SIM; `[rows]` each.
 */
export interface RowUncertainty {
  readonly mean: Float32Array;
  readonly p90: Float32Array;
}

/** Which of the two. */
export type Aggregation = keyof RowUncertainty;

/** A posterior of some rows that follow each other, such as q(s_w | s_x, z, w). */
export interface RowPosteriors extends RowPiece {
  /** Means, row-major `[count, D · d]`. */
  readonly mean: Float32Array;
  /** Standard deviations, row-major `[count, D · d]`. */
  readonly deviation: Float32Array;
}

/** Embeddings of a table. */
export interface TableEmbedding {
  /**
   * Posterior means: of s_w over all features, row-major `[rows, D · d]`; averaged over them, `[rows, d]`; or of s_x at
   * the CLS tokens, `[rows, clsTokens · d]`.
   */
  readonly values: Float32Array;
  /** However `values` are pooled. */
  readonly uncertainty: RowUncertainty;
}

/**
 * Embeds every row: the means of s_w over all D features or what `pooling` makes of them, and how uncertain it is.
 * @throws when the rows do not fit the model's table.
 */
export function embedTable(
  parameters: FlatParameters,
  config: VarTJepaConfig,
  input: TableRows,
  pooling: Pooling = "none",
): TableEmbedding {
  const features = featureCount(config.table);
  const { width } = config.encoder;
  const columns = pooledTokens(pooling, features, config.clsTokens) * width;
  const values = new Float32Array(input.rows * columns);
  const uncertainty = { mean: new Float32Array(input.rows), p90: new Float32Array(input.rows) };
  for (const { first, count, mean, deviation, cls } of rowPosteriors(parameters, config, input)) {
    values.set(
      pooling === "none" ? mean : pooling === "mean" ? meanTokens(mean, features, width) : cls,
      first * columns,
    );
    for (let i = 0; i < count; i++) {
      const own = deviation.subarray(i * features * width, (i + 1) * features * width);
      uncertainty.mean[first + i] = average(own);
      uncertainty.p90[first + i] = ninetiethPercentile(own);
    }
  }
  return { values, uncertainty };
}

/**
 * Reads the pass of all rows, a bounded number of tokens at a time, on the noise-free path s_x = μ, z = μ.
 *
 * In training, s_x encodes a context of some features and w always is the full row. There is no mask when a row is
 * embedded: nothing is hidden, so all D features form the context. Every row then has one embedding, no draw enters
 * it, and s_w sees no less than in training. A context this large never occurred there; s_x is pooled by attention,
 * a weighted mean over tokens, which does not grow with their number.
 * @throws when the rows do not fit the model's table.
 */
export function fullRows<Read>(
  weights: FlatParameters,
  config: VarTJepaConfig,
  input: TableRows,
  read: (pass: VarTJepaPass, parameters: Parameters, first: number) => Read,
): Generator<RowPiece & Read> {
  const modality = tabular(config);
  const tokensPerRow = config.clsTokens + config.poolTokens + 1 + modality.tokens;
  return inPieces(weights, modality, input, tokensPerRow, (parameters, rows, piece) => {
    const masks = fullMasks(modality.tokens, rows.rows);
    const pass = passTokens(varTJepa(parameters, config), rows, masks, noNoise);
    return { ...piece, ...read(pass, parameters, piece.first) };
  });
}

/**
 * q(s_w | s_x, z, w) of all rows, as `fullRows` takes them through the model, and the means of q(s_x | x) at the CLS
 * tokens, row-major `[count, clsTokens · d]`.
 * @throws when the rows do not fit the model's table.
 */
export function rowPosteriors(
  parameters: FlatParameters,
  config: VarTJepaConfig,
  input: TableRows,
): Generator<RowPosteriors & { readonly cls: Float32Array }> {
  return fullRows(parameters, config, input, ({ sx, qSw, masks }) => ({
    ...readPosterior(qSw),
    cls: tokensFrom(sx, masks.rows, 0, config.clsTokens).dataSync<"float32">(),
  }));
}

/** Means and standard deviations of a posterior, shaped as it is. */
export function readPosterior({ mean, logVariance }: DiagonalGaussian): Omit<RowPosteriors, keyof RowPiece> {
  const deviation = logVariance.dataSync<"float32">().map((v) => Math.exp(v / 2));
  return { mean: mean.dataSync<"float32">(), deviation };
}

/** The 90th percentile, interpolated linearly between order statistics. */
export function ninetiethPercentile(values: Float32Array): number {
  const sorted = values.slice().sort();
  const at = 0.9 * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/**
 * Embeddings of rows: the target encoder's tokens of all features, row-major `[rows, D · d]`; averaged over them,
 * `[rows, d]`; or its CLS tokens, `[rows, clsTokens · d]`.
 * @param target weights of the target encoder
 * @throws when the rows do not fit the model's table.
 */
export function embedTJepa(
  target: FlatParameters,
  config: TJepaConfig,
  input: TableRows,
  pooling: Pooling = "none",
): Float32Array {
  const features = featureCount(config.table);
  const { width } = config.encoder;
  const columns = pooledTokens(pooling, features, config.clsTokens) * width;
  const values = new Float32Array(input.rows * columns);
  const which = pooling === "cls" ? "cls" : "features";
  const length = config.clsTokens + features;
  const pieces = inPieces(target, tabular(config), input, length, (parameters, rows, { first }) => {
    const tokens = encodeRows(parameters, config, rows, which).dataSync<"float32">();
    values.set(pooling === "mean" ? meanTokens(tokens, features, width) : tokens, first * columns);
  });
  for (const _ of pieces);
  return values;
}
