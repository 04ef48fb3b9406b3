/** Generation of hidden features from given ones, without a target: imputation with its spread, held-out likelihood. */
import * as tf from "@tensorflow/tfjs";
import { rsample } from "../../distributions/diagonal-gaussian.js";
import { randomNormal } from "../../engine/ops/random-normal.js";
import { fold, type Key } from "../../engine/random.js";
import type { Weights } from "../../layers/weights.js";
import type { VarTJepaConfig } from "./config.js";
import { contextPosterior } from "./context-encoder.js";
import { type Cells, categoryCodes, decode, logSigma, numericValues } from "./decoders.js";
import { loadWeights } from "./load-weights.js";
import { fixedMasks } from "./masks.js";
import { predictTargets } from "./predictor.js";
import { checkTableRows, featureCount, rowPieces, selectRows, type TableRows } from "./table.js";
import { tokenize } from "./tokenizer.js";

/** p(y_j | s_y) of a hidden feature under every sample of the latents. */
export type GeneratedFeature =
  | {
      readonly kind: "numeric";
      readonly feature: number;
      /** Means, row-major `[samples, rows]`. */
      readonly mean: Float32Array;
      /** σ_y, the decoder's scale. */
      readonly sigma: number;
    }
  | {
      readonly kind: "categorical";
      readonly feature: number;
      readonly categories: number;
      /** Probabilities, row-major `[samples, rows, categories]`. */
      readonly probabilities: Float32Array;
    };

/** What generation gives, one entry per hidden feature in the order asked for. */
export interface GeneratedTable {
  readonly samples: number;
  readonly rows: number;
  readonly hidden: readonly GeneratedFeature[];
}

/**
 * Generates hidden features of every row from given ones: s_x ~ q(s_x|x), z ~ p(z) = N(0, I), s_y ~ p(s_y|s_x,z), then
 * p(y|s_y) from the target path's decoder (SPEC 1). The values that `input` holds in other features are not looked at.
 * @param given features that form the context, at least one
 * @param hidden features to generate, none of them given
 * @param samples draws of the latents per row
 * @throws when features overlap, repeat or do not exist, or the rows do not fit the model's table.
 */
export function generateFeatures(
  weights: Weights,
  config: VarTJepaConfig,
  input: TableRows,
  given: readonly number[],
  hidden: readonly number[],
  samples: number,
  key: Key,
): GeneratedTable {
  checkTableRows(config.table, input);
  checkFeatures(config, given, hidden, samples);
  const parameters = loadWeights(weights);
  const sigma = tf.tidy(() => Math.exp(logSigma(parameters, "targetDecoder", config).dataSync()[0]));
  const generated = hidden.map((feature) => emptyFeature(config, feature, samples, input.rows, sigma));
  for (const piece of rowPieces(input.rows, config.clsTokens + given.length + hidden.length))
    tf.tidy(() => {
      const masks = fixedMasks(given, hidden, piece.length);
      const tokens = tokenize(parameters, config.table, selectRows(config.table, input, piece));
      const qSx = contextPosterior(parameters, config, tokens, masks);
      const cells: Cells = {
        row: masks.targets.map((_, i) => Math.floor(i / hidden.length)),
        feature: masks.targets,
      };
      for (let sample = 0; sample < samples; sample++)
        tf.tidy(() => {
          const noise = (name: string, each: number) =>
            randomNormal(
              fold(fold(key, name), sample),
              piece.length * each,
              config.encoder.width,
              piece[0] * each,
            );
          const sx = rsample(qSx, noise("s_x", config.clsTokens + given.length));
          const pSy = predictTargets(
            parameters,
            config,
            featureCount(config.table),
            masks,
            sx,
            noise("z", 1),
          );
          const sy = rsample(pSy, noise("s_y", hidden.length));
          const { numeric, categorical } = decode(parameters, "targetDecoder", config.table, sy, cells);
          const at = (feature: number) => generated.find((entry) => entry.feature === feature)!;
          const rowOf = (row: number) => sample * input.rows + piece[0] + row;
          numeric?.mean.dataSync().forEach((mean, i) => {
            const entry = at(numeric.cells.feature[i]);
            if (entry.kind === "numeric") entry.mean[rowOf(numeric.cells.row[i])] = mean;
          });
          for (const { cells, logits } of categorical) {
            const entry = at(cells.feature[0]);
            if (entry.kind === "categorical")
              entry.probabilities.set(tf.softmax(logits).dataSync(), rowOf(0) * entry.categories);
          }
        });
    });
  tf.dispose(parameters);
  return { samples, rows: input.rows, hidden: generated };
}

/**
 * Mean and standard deviation of a numeric feature per row under the mixture of all samples: the spread of the sampled
 * means and σ_y together.
 */
export function imputeNumeric(
  { samples, rows }: GeneratedTable,
  { mean, sigma }: Extract<GeneratedFeature, { kind: "numeric" }>,
): { mean: Float64Array; deviation: Float64Array } {
  const average = overSamples(samples, rows, (i) => mean[i]);
  const square = overSamples(samples, rows, (i, row) => (mean[i] - average[row]) ** 2);
  return { mean: average, deviation: square.map((variance) => Math.sqrt(variance + sigma * sigma)) };
}

/** Probabilities of a categorical feature's categories per row under all samples, row-major `[rows, categories]`. */
export function imputeCategory(
  { samples, rows }: GeneratedTable,
  { probabilities, categories }: Extract<GeneratedFeature, { kind: "categorical" }>,
): Float64Array {
  return overSamples(samples, rows * categories, (i) => probabilities[i]);
}

/**
 * log p(y_j | x) per row, estimated as the log of the mean likelihood over samples (a lower bound in expectation).
 * @param input the rows generated for, with the true values of the hidden feature
 */
export function heldOutLogLikelihood(
  generated: GeneratedTable,
  entry: GeneratedFeature,
  config: VarTJepaConfig,
  input: TableRows,
): Float64Array {
  const row = Int32Array.from({ length: input.rows }, (_, i) => i);
  const cells: Cells = { row, feature: row.map(() => entry.feature) };
  const logDensity = logDensityOf(entry, config, input, cells);
  const largest = new Float64Array(input.rows).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < generated.samples * input.rows; i++)
    largest[i % input.rows] = Math.max(largest[i % input.rows], logDensity(i));
  const mean = overSamples(generated.samples, input.rows, (i, r) => Math.exp(logDensity(i) - largest[r]));
  return mean.map((value, r) => Math.log(value) + largest[r]);
}

/** log p(y | sample) as a function of the place in `[samples, rows]`. */
function logDensityOf(
  entry: GeneratedFeature,
  { table }: VarTJepaConfig,
  input: TableRows,
  cells: Cells,
): (at: number) => number {
  if (entry.kind === "numeric") {
    const values = numericValues(table, input, cells);
    const constant = Math.log(entry.sigma) + 0.5 * Math.log(2 * Math.PI);
    return (at) => -0.5 * ((values[at % input.rows] - entry.mean[at]) / entry.sigma) ** 2 - constant;
  }
  const codes = categoryCodes(table, input, cells);
  return (at) => Math.log(entry.probabilities[at * entry.categories + codes[at % input.rows]]);
}

/** Mean over samples of f at each place of `[samples, count]`. */
function overSamples(samples: number, count: number, f: (at: number, place: number) => number): Float64Array {
  const mean = new Float64Array(count);
  for (let at = 0; at < samples * count; at++) mean[at % count] += f(at, at % count) / samples;
  return mean;
}

function emptyFeature(
  { table }: VarTJepaConfig,
  feature: number,
  samples: number,
  rows: number,
  sigma: number,
): GeneratedFeature {
  if (feature < table.numeric)
    return { kind: "numeric", feature, mean: new Float32Array(samples * rows), sigma };
  const categories = table.cardinalities[feature - table.numeric];
  const probabilities = new Float32Array(samples * rows * categories);
  return { kind: "categorical", feature, categories, probabilities };
}

function checkFeatures(
  { table }: VarTJepaConfig,
  given: readonly number[],
  hidden: readonly number[],
  samples: number,
): void {
  if (given.length === 0) throw new Error("given is empty; name at least one feature");
  if (hidden.length === 0) throw new Error("hidden is empty; name at least one feature");
  const seen = new Set<number>();
  for (const feature of [...given, ...hidden]) {
    if (!Number.isInteger(feature) || feature < 0 || feature >= featureCount(table))
      throw new Error(`feature ${feature} does not exist; use 0 … ${featureCount(table) - 1}`);
    if (seen.has(feature)) throw new Error(`feature ${feature} is named twice in given and hidden`);
    seen.add(feature);
  }
  if (!Number.isInteger(samples) || samples < 1)
    throw new Error(`samples is ${samples}; use a whole number of at least 1`);
}
