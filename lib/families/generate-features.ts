/** Hidden features of rows, generated from given ones through the predictor. */

import { drawnCategory } from "../distributions/categorical.js";
import { logSumExp } from "../distributions/log-sum-exp.js";
import { logNormal } from "../distributions/normal.js";
import { logWithPeaks, type PeakedGaussian } from "../distributions/peaked-gaussian.js";
import { fold, type Key, normals, uniforms } from "../engine/random.js";
import type { FlatParameters } from "../layers/parameters.js";
import { decodeMarginal } from "../models/modalities/tabular/decoders.js";
import type { TableRows } from "../models/modalities/tabular/table.js";
import { tabular } from "../models/modalities/tabular/tabular.js";
import type { VarTJepaConfig } from "../models/var-t-jepa.js";
import { checkHiddenTokens, type SampledTargets, sampleTargets } from "./sample-targets.js";

/** p(y_j | s_x, z) of a hidden feature under every sample of s_x and z, s_y integrated out; see `shrunk` of what it may be mixed with. */
export type GeneratedFeature =
  | {
      readonly kind: "numeric";
      readonly feature: number;
      /** Means and standard deviations of y_j, σ_y included, row-major `[samples, rows]`. */
      readonly mean: Float32Array;
      readonly deviation: Float32Array;
      /** What else it may be. */
      readonly mixed?: NumberMixture;
    }
  | {
      readonly kind: "categorical";
      readonly feature: number;
      readonly categories: number;
      /** Logarithms of probabilities, row-major `[samples, rows, categories]`. */
      readonly logProbabilities: Float32Array;
    };

/** A number that is, in some rows more often than in others, a peak, or from a Gaussian that is the same in all. */
export interface NumberMixture {
  readonly peaks: PeakedGaussian["peaks"];
  readonly rest: Pick<PeakedGaussian["rest"], "mean" | "deviation">;
  /** Shares of the peaks, of what was generated and of the rest; they add up to 1. `[rows, peaks + 2]` */
  readonly shares: Float64Array;
}

/** What generation gives, one entry per hidden feature in the order asked for. */
export interface GeneratedTable {
  readonly samples: number;
  readonly rows: number;
  readonly hidden: readonly GeneratedFeature[];
}

/** Draws of s_y per sample of s_x and z where the integral over s_y has no closed form: for categories. */
export const categoryDraws = 16;

/**
 * Generates hidden features of every row from given ones: s_x ~ q(s_x|x), z ~ p(z) = N(0, I), s_y ~ p(s_y|s_x,z), then
 * p(y|s_y) from the target path's decoder (Section 3.6 of the paper). s_y is integrated out: exactly for numbers, over
 * `categoryDraws` draws per sample for categories. The values that `input` holds in other features are not looked at.
 * @param given the features that form each row's context: `input.rows` lists of one length, at least 1
 * @param hidden features to generate, none of them given
 * @param samples draws of s_x and z per row
 * @throws when features overlap, repeat or do not exist, contexts differ in length, or the rows do not fit the model's
 * table.
 */
export function generateFeatures(
  weights: FlatParameters,
  config: VarTJepaConfig,
  input: TableRows,
  given: readonly (readonly number[])[],
  hidden: readonly number[],
  samples: number,
  key: Key,
): GeneratedTable {
  const model = { config, modality: tabular(config) };
  const asked = { given, hidden, samples, key };
  checkHiddenTokens(asked, "feature", model.modality.tokens, input.rows);
  const generated = hidden.map((feature) => emptyFeature(config, feature, samples, input.rows));
  const { width } = config.encoder;
  const drawnLogits = generated.map((entry) =>
    entry.kind === "categorical" ? Math.ceil((categoryDraws * entry.categories) / width) : 0,
  );
  const read = ({ sample, first, parameters, pSy, cells, logSigmaY, syNoise }: SampledTargets) => {
    const { table } = config;
    const said = decodeMarginal(
      parameters,
      "targetDecoder",
      table,
      pSy,
      cells,
      logSigmaY,
      syNoise,
      categoryDraws,
    );
    storeSample(generated, said, sample * input.rows + first);
  };
  sampleTargets(weights, model, input, asked, Math.max(...drawnLogits), read);
  return { samples, rows: input.rows, hidden: generated };
}

/**
 * Writes what was decoded for some rows that follow each other into the features' arrays.
 * @param first place of their first row in `[samples, rows]`
 */
export function storeSample(
  features: readonly GeneratedFeature[],
  { numeric, categorical }: ReturnType<typeof decodeMarginal>,
  first: number,
): void {
  const at = (feature: number) => features.find((entry) => entry.feature === feature);
  if (numeric) {
    const [means, variances] = [numeric.mean.dataSync(), numeric.variance.dataSync()];
    numeric.cells.feature.forEach((feature, i) => {
      const entry = at(feature);
      if (entry?.kind !== "numeric") return;
      entry.mean[first + numeric.cells.row[i]] = means[i];
      entry.deviation[first + numeric.cells.row[i]] = Math.sqrt(variances[i]);
    });
  }
  for (const { cells, logProbabilities } of categorical) {
    const entry = at(cells.feature[0]);
    if (entry?.kind === "categorical")
      entry.logProbabilities.set(logProbabilities.dataSync(), first * entry.categories);
  }
}

/** Mean and standard deviation of a numeric feature per row under the mixture of all samples, the width of peaks aside; `[rows]` each. */
export function imputeNumeric(
  { samples, rows }: GeneratedTable,
  { mean, deviation, mixed }: Extract<GeneratedFeature, { kind: "numeric" }>,
): { mean: Float64Array; deviation: Float64Array } {
  const average = new Float64Array(rows);
  const variance = new Float64Array(rows);
  for (let at = 0; at < samples * rows; at++) average[at % rows] += mean[at] / samples;
  for (let at = 0; at < samples * rows; at++)
    variance[at % rows] += ((mean[at] - average[at % rows]) ** 2 + deviation[at] ** 2) / samples;
  if (!mixed) return { mean: average, deviation: variance.map(Math.sqrt) };
  const parts = (row: number) => [
    ...mixed.peaks.map(({ value }) => ({ centre: value, squared: 0 })),
    { centre: average[row], squared: variance[row] },
    { centre: mixed.rest.mean, squared: mixed.rest.deviation ** 2 },
  ];
  const over = (row: number, of: (part: { centre: number; squared: number }) => number) =>
    parts(row).reduce((sum, part, i) => sum + sharesOfRow(mixed, row)[i] * of(part), 0);
  const all = average.map((_, row) => over(row, ({ centre }) => centre));
  return {
    mean: all,
    deviation: all.map((own, row) =>
      Math.sqrt(over(row, ({ centre, squared }) => squared + (centre - own) ** 2)),
    ),
  };
}

function sharesOfRow({ peaks, shares }: NumberMixture, row: number): Float64Array {
  return shares.subarray(row * (peaks.length + 2), (row + 1) * (peaks.length + 2));
}

/** One draw of a numeric feature from every sample, row-major `[samples, rows]`. */
export function drawNumbers(
  { mean, deviation, mixed }: Extract<GeneratedFeature, { kind: "numeric" }>,
  key: Key,
): Float64Array {
  const noise = Float64Array.from(normals(key, mean.length));
  const generated = noise.map((v, at) => mean[at] + deviation[at] * v);
  if (!mixed) return generated;
  const { peaks, rest, shares } = mixed;
  const rows = shares.length / (peaks.length + 2);
  const u = uniforms(fold(key, "marginal"), mean.length);
  return generated.map((value, at) => {
    const parts = [...peaks.map((peak) => peak.value), value, rest.mean + rest.deviation * noise[at]];
    return parts[drawnCategory(sharesOfRow(mixed, at % rows), u[at])];
  });
}

/**
 * Probabilities of a categorical feature's first `known` categories per row under all samples, given that it is one of
 * them: the ratio of the means, row-major `[rows, known]`.
 */
export function imputeCategory(
  { samples, rows }: GeneratedTable,
  { logProbabilities, categories }: Extract<GeneratedFeature, { kind: "categorical" }>,
  known = categories,
): Float64Array {
  const probabilities = new Float64Array(rows * known);
  const logs = new Float64Array(samples);
  for (let row = 0; row < rows; row++) {
    const means = Float64Array.from({ length: known }, (_, c) => {
      for (let s = 0; s < samples; s++) logs[s] = logProbabilities[(s * rows + row) * categories + c];
      return logSumExp(logs);
    });
    const all = logSumExp(means);
    means.forEach((mean, c) => {
      probabilities[row * known + c] = Math.exp(mean - all);
    });
  }
  return probabilities;
}

/**
 * log p(y_j | x) per row, estimated as the log of the mean likelihood over samples. A lower bound in expectation that
 * rises with the number of samples: look at it with half of them too. Of a category, given that it is one of the first
 * `known`.
 * @param truth the true values of the feature: numbers in encoded units, or codes below `known`; `[rows]`
 * @param use how many samples to use, from the first; all by default
 * @returns nats, `[rows]`
 */
export function heldOutLogLikelihood(
  { samples, rows }: Pick<GeneratedTable, "samples" | "rows">,
  entry: GeneratedFeature,
  truth: ArrayLike<number>,
  { use = samples, known }: { readonly use?: number; readonly known?: number } = {},
): Float64Array {
  const logs = new Float64Array(use);
  const meanOver = (log: (at: number) => number) => {
    for (let s = 0; s < use; s++) logs[s] = log(s);
    return logSumExp(logs) - Math.log(use);
  };
  if (entry.kind === "numeric") {
    const { mean, deviation, mixed } = entry;
    return Float64Array.from({ length: rows }, (_, row) => {
      const own = meanOver((s) => logNormal(truth[row], mean[s * rows + row], deviation[s * rows + row]));
      return mixed ? logMixed(mixed, row, own, truth[row]) : own;
    });
  }
  const { categories, logProbabilities } = entry;
  const slots = known ?? categories;
  return Float64Array.from({ length: rows }, (_, row) => {
    const first = (s: number) => (s * rows + row) * categories;
    const ofTruth = meanOver((s) => logProbabilities[first(s) + truth[row]]);
    if (slots === categories) return ofTruth;
    return ofTruth - meanOver((s) => logSumExp(logProbabilities.subarray(first(s), first(s) + slots)));
  });
}

/** @param own log density of the value as it was generated */
function logMixed(mixed: NumberMixture, row: number, own: number, value: number): number {
  const shares = sharesOfRow(mixed, row);
  const [generated, rest] = shares.subarray(mixed.peaks.length);
  const other = logSumExp(
    Float64Array.of(
      Math.log(generated) + own,
      Math.log(rest) + logNormal(value, mixed.rest.mean, mixed.rest.deviation),
    ),
  );
  return logWithPeaks(mixed.peaks, shares, other, value);
}

/** A feature's arrays, to be filled. */
export function emptyFeature(
  { table }: Pick<VarTJepaConfig, "table">,
  feature: number,
  samples: number,
  rows: number,
): GeneratedFeature {
  if (feature < table.numeric) {
    const [mean, deviation] = [new Float32Array(samples * rows), new Float32Array(samples * rows)];
    return { kind: "numeric", feature, mean, deviation };
  }
  const categories = table.cardinalities[feature - table.numeric];
  const logProbabilities = new Float32Array(samples * rows * categories);
  return { kind: "categorical", feature, categories, logProbabilities };
}
