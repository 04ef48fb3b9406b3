/** Embeddings of rows and how sure the model is of them. */

import type { DiagonalGaussian } from "../../distributions/diagonal-gaussian.js";
import { gatherRows } from "../../engine/ops/gather-rows.js";
import * as tf from "../../engine/tf.js";
import type { Weights } from "../../layers/weights.js";
import { auxiliaryPosterior, poolContext } from "./auxiliary-encoder.js";
import type { VarTJepaConfig } from "./config.js";
import { contextPosterior } from "./context-encoder.js";
import { loadWeights } from "./load-weights.js";
import { fullMasks } from "./masks.js";
import { meanTokens, type Pooling, pooledColumns, tokenPlaces } from "./pooling.js";
import { checkTableRows, featureCount, rowPieces, selectRows, type TableRows } from "./table.js";
import { targetPosterior } from "./target-posterior.js";
import { tokenize } from "./tokenizer.js";

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
export interface RowPosteriors {
  /** Place of the first of these rows in the table. */
  readonly first: number;
  readonly count: number;
  /** Means, row-major `[count, D · d]`. */
  readonly mean: Float32Array;
  /** Standard deviations, row-major `[count, D · d]`. */
  readonly deviation: Float32Array;
}

/** q(s_w | s_x, z, w), and the CLS tokens of s_x that it was inferred with. */
export interface FullRowPosteriors extends RowPosteriors {
  /** Means of q(s_x | x) at the CLS tokens, row-major `[count, clsTokens · d]`. */
  readonly cls: Float32Array;
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
  weights: Weights,
  config: VarTJepaConfig,
  input: TableRows,
  pooling: Pooling = "none",
): TableEmbedding {
  const features = featureCount(config.table);
  const { width } = config.encoder;
  const columns = pooledColumns(pooling, features, config.clsTokens, width);
  const values = new Float32Array(input.rows * columns);
  const uncertainty = { mean: new Float32Array(input.rows), p90: new Float32Array(input.rows) };
  for (const { first, count, mean, deviation, cls } of rowPosteriors(weights, config, input)) {
    values.set(
      pooling === "none" ? mean : pooling === "mean" ? meanTokens(mean, features, width) : cls,
      first * columns,
    );
    for (let i = 0; i < count; i++) {
      const own = deviation.subarray(i * features * width, (i + 1) * features * width);
      uncertainty.mean[first + i] = own.reduce((sum, v) => sum + v, 0) / own.length;
      uncertainty.p90[first + i] = ninetiethPercentile(own);
    }
  }
  return { values, uncertainty };
}

/**
 * q(s_w | s_x, z, w) of all rows, a bounded number of tokens at a time, on the noise-free path s_x = μ, z = μ.
 *
 * In training, s_x encodes a context of some features and w always is the full row. There is no mask when a row is
 * embedded: nothing is hidden, so all D features form the context. Every row then has one embedding, no draw enters
 * it, and s_w sees no less than in training. A context this large never occurred there; s_x is pooled by attention,
 * a weighted mean over tokens, which does not grow with their number.
 * @throws when the rows do not fit the model's table.
 */
export function* rowPosteriors(
  weights: Weights,
  config: VarTJepaConfig,
  input: TableRows,
): Generator<FullRowPosteriors> {
  checkTableRows(config.table, input);
  const features = featureCount(config.table);
  const parameters = loadWeights(weights);
  try {
    for (const piece of rowPieces(input.rows, features + config.clsTokens + config.poolTokens + 1)) {
      const { cls, ...qSw } = readNumbers(() => {
        const tokens = tokenize(parameters, config.table, selectRows(config.table, input, piece));
        const masks = fullMasks(features, piece.length);
        const sx = contextPosterior(parameters, config, tokens, masks).mean;
        const pooled = poolContext(parameters, sx, piece.length);
        const z = auxiliaryPosterior(parameters, config, pooled).mean;
        const places = tokenPlaces(piece.length, config.clsTokens + features, 0, config.clsTokens);
        return { ...targetPosterior(parameters, config, tokens, pooled, z), cls: gatherRows(sx, places) };
      });
      yield { first: piece[0], count: piece.length, cls, ...meanAndDeviation(qSw) };
    }
  } finally {
    tf.dispose(parameters);
  }
}

/** Means and standard deviations of a posterior, shaped as it is; all that computes it is disposed of. */
export function readPosterior(compute: () => DiagonalGaussian): {
  mean: Float32Array;
  deviation: Float32Array;
} {
  return meanAndDeviation(
    readNumbers(() => {
      const { mean, logVariance } = compute();
      return { mean, logVariance };
    }),
  );
}

function meanAndDeviation({ mean, logVariance }: Record<"mean" | "logVariance", Float32Array>): {
  mean: Float32Array;
  deviation: Float32Array;
} {
  return { mean, deviation: logVariance.map((v) => Math.exp(v / 2)) };
}

/** The numbers of named tensors; all that computes them is disposed of. */
function readNumbers<Name extends string>(
  compute: () => Record<Name, tf.Tensor>,
): Record<Name, Float32Array> {
  // Read outside of tidy, which looks at every single number of an array that it hands on.
  const tensors = tf.tidy(compute);
  const names = Object.keys(tensors) as Name[];
  const numbers = Object.fromEntries(names.map((name) => [name, tensors[name].dataSync<"float32">()]));
  tf.dispose(tensors);
  return numbers as Record<Name, Float32Array>;
}

/** The 90th percentile, interpolated linearly between order statistics. */
export function ninetiethPercentile(values: Float32Array): number {
  const sorted = values.slice().sort();
  const at = 0.9 * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}
