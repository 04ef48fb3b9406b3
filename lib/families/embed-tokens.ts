/** Embeddings of rows by a model of their tokens, and how sure it is of them. */

import type { DiagonalGaussian } from "../distributions/diagonal-gaussian.js";
import type { FlatParameters, Parameters } from "../layers/parameters.js";
import { tokensFrom } from "../layers/sequence.js";
import { fullMasks } from "../models/tokens/masks.js";
import { noNoise, passTokens, type TokenModel, type TokenPass } from "../models/tokens/pass.js";
import { encodeRows, type TokenJepa } from "../models/tokens/token-jepa.js";
import { mean as average } from "../moments.js";
import { inPieces, type RowPiece } from "./load-parameters.js";
import { meanTokens, type Pooling, pooledTokens } from "./pooling.js";

/**
 * Standard deviations of q(s_w) over all tokens, made one number per row: their mean, which the paper takes on AD,
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

/** Embeddings of rows with their uncertainty. */
export interface TokenEmbedding {
  /**
   * Posterior means: of s_w over all tokens, row-major `[rows, D · d]`; averaged over them, `[rows, d]`; or of s_x at
   * the CLS tokens, `[rows, clsTokens · d]`.
   */
  readonly values: Float32Array;
  /** However `values` are pooled. */
  readonly uncertainty: RowUncertainty;
}

/** A model of tokens whose parameters are still one vector. */
export type TokenModelOf<Input, Decoded> = Omit<TokenModel<Input, Decoded>, "parameters">;

/**
 * Embeds every row: the means of s_w over all D tokens or what `pooling` makes of them, and how uncertain it is.
 * @throws when the rows do not fit the modality.
 */
export function embedTokens<Input extends { readonly rows: number }, Decoded>(
  weights: FlatParameters,
  model: TokenModelOf<Input, Decoded>,
  input: Input,
  pooling: Pooling = "none",
): TokenEmbedding {
  const { tokens: D } = model.modality;
  const { clsTokens, encoder } = model.config;
  const { width } = encoder;
  const columns = pooledTokens(pooling, D, clsTokens) * width;
  const values = new Float32Array(input.rows * columns);
  const uncertainty = { mean: new Float32Array(input.rows), p90: new Float32Array(input.rows) };
  for (const { first, count, mean, deviation, cls } of tokenPosteriors(weights, model, input)) {
    values.set(
      pooling === "none" ? mean : pooling === "mean" ? meanTokens(mean, D, width) : cls,
      first * columns,
    );
    for (let i = 0; i < count; i++) {
      const own = deviation.subarray(i * D * width, (i + 1) * D * width);
      uncertainty.mean[first + i] = average(own);
      uncertainty.p90[first + i] = ninetiethPercentile(own);
    }
  }
  return { values, uncertainty };
}

/**
 * Reads the pass of all rows, a bounded number of tokens at a time, on the noise-free path s_x = μ, z = μ.
 *
 * In training, s_x encodes a context of some tokens and w always is the full row. There is no mask when a row is
 * embedded: nothing is hidden, so all D tokens form the context. Every row then has one embedding, no draw enters
 * it, and s_w sees no less than in training. A context this large never occurred there; s_x is pooled by attention,
 * a weighted mean over tokens, which does not grow with their number.
 * @throws when the rows do not fit the modality.
 */
export function passFullRows<Input extends { readonly rows: number }, Decoded, Read>(
  weights: FlatParameters,
  { config, modality }: TokenModelOf<Input, Decoded>,
  input: Input,
  read: (pass: TokenPass<Input, Decoded>, parameters: Parameters, first: number) => Read,
): Generator<RowPiece & Read> {
  const tokensPerRow = config.clsTokens + config.poolTokens + 1 + modality.tokens;
  return inPieces(weights, modality, input, tokensPerRow, (parameters, rows, piece) => {
    const masks = fullMasks(modality.tokens, rows.rows);
    const pass = passTokens({ parameters, config, modality }, rows, masks, noNoise);
    return { ...piece, ...read(pass, parameters, piece.first) };
  });
}

/**
 * q(s_w | s_x, z, w) of all rows, as `passFullRows` takes them through the model, and the means of q(s_x | x) at the CLS
 * tokens, row-major `[count, clsTokens · d]`.
 * @throws when the rows do not fit the modality.
 */
export function tokenPosteriors<Input extends { readonly rows: number }, Decoded>(
  weights: FlatParameters,
  model: TokenModelOf<Input, Decoded>,
  input: Input,
): Generator<RowPosteriors & { readonly cls: Float32Array }> {
  return passFullRows(weights, model, input, ({ sx, qSw, masks }) => ({
    ...readPosterior(qSw),
    cls: tokensFrom(sx, masks.rows, 0, model.config.clsTokens).dataSync<"float32">(),
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
 * Embeddings of rows: the target encoder's tokens, all D, row-major `[rows, D · d]`; averaged over them, `[rows, d]`; or
 * its CLS tokens, `[rows, clsTokens · d]`.
 * @param target weights of the target encoder
 * @throws when the rows do not fit the modality.
 */
export function embedTargetTokens<Input extends { readonly rows: number }>(
  target: FlatParameters,
  jepa: TokenJepa<Input>,
  input: Input,
  pooling: Pooling = "none",
): Float32Array {
  const { tokens: D } = jepa.modality;
  const { clsTokens, encoder } = jepa.config;
  const { width } = encoder;
  const columns = pooledTokens(pooling, D, clsTokens) * width;
  const values = new Float32Array(input.rows * columns);
  const which = pooling === "cls" ? "cls" : "all";
  const pieces = inPieces(target, jepa.modality, input, clsTokens + D, (parameters, rows, { first }) => {
    const tokens = encodeRows(parameters, jepa, rows, which).dataSync<"float32">();
    values.set(pooling === "mean" ? meanTokens(tokens, D, width) : tokens, first * columns);
  });
  for (const _ of pieces);
  return values;
}
