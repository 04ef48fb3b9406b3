import * as tf from "@tensorflow/tfjs";
import { randomNormal } from "../engine/ops/random-normal.js";
import { fold, type Key } from "../engine/random.js";
import type { Weights } from "../layers/weights.js";
import type { VarTJepaConfig } from "../models/var-t-jepa/config.js";
import { type Cells, decode, logSigma } from "../models/var-t-jepa/decoders.js";
import { rowPosteriors } from "../models/var-t-jepa/embed.js";
import type { GeneratedFeature, GeneratedTable } from "../models/var-t-jepa/generate.js";
import { loadWeights } from "../models/var-t-jepa/load-weights.js";
import type { TableRows } from "../models/var-t-jepa/table.js";

/** Decoded features of some rows that follow each other. */
export interface DecodedRows extends GeneratedTable {
  /** Place of the first of these rows in the table. */
  readonly first: number;
}

/**
 * Decodes features of rows that the model has seen whole: s_w ~ q(s_w | s_x, z, w) on the path that rows are embedded
 * on, then p(w | s_w). What the decoder makes of a latent that was told the answer bounds what it can make of one
 * that was predicted.
 * @param features which ones to decode
 * @param samples draws of s_w per row
 * @returns a bounded number of rows at a time, in the form of `generateFeatures`
 * @throws when the rows do not fit the model's table.
 */
export function* decodePosteriors(
  weights: Weights,
  config: VarTJepaConfig,
  input: TableRows,
  features: readonly number[],
  samples: number,
  key: Key,
): Generator<DecodedRows> {
  const { table, encoder } = config;
  const d = encoder.width;
  const parameters = loadWeights(weights);
  const sigma = tf.tidy(() => Math.exp(logSigma(parameters, "targetDecoder", config).dataSync()[0]));
  try {
    for (const { first, count, mean, deviation } of rowPosteriors(weights, config, input)) {
      const hidden = features.map((feature): GeneratedFeature => {
        if (feature < table.numeric)
          return { kind: "numeric", feature, mean: new Float32Array(samples * count), sigma };
        const categories = table.cardinalities[feature - table.numeric];
        const probabilities = new Float32Array(samples * count * categories);
        return { kind: "categorical", feature, categories, probabilities };
      });
      const take = (values: Float32Array) => chosenTokens(values, count, features, d);
      const cells: Cells = {
        row: Int32Array.from({ length: count * features.length }, (_, i) => Math.floor(i / features.length)),
        feature: Int32Array.from(
          { length: count * features.length },
          (_, i) => features[i % features.length],
        ),
      };
      tf.tidy(() => {
        const [center, spread] = [take(mean), take(deviation)];
        for (let sample = 0; sample < samples; sample++)
          tf.tidy(() => {
            const noise = randomNormal(
              fold(fold(key, "s_w"), sample),
              cells.row.length,
              d,
              first * features.length,
            );
            const sw = tf.add<tf.Tensor2D>(center, tf.mul(spread, noise));
            const { numeric, categorical } = decode(parameters, "targetDecoder", table, sw, cells);
            const at = (feature: number) => hidden[features.indexOf(feature)];
            numeric?.mean.dataSync().forEach((value, i) => {
              const entry = at(numeric.cells.feature[i]);
              if (entry.kind === "numeric") entry.mean[sample * count + numeric.cells.row[i]] = value;
            });
            for (const { cells, logits } of categorical) {
              const entry = at(cells.feature[0]);
              if (entry.kind === "categorical")
                entry.probabilities.set(tf.softmax(logits).dataSync(), sample * count * entry.categories);
            }
          });
      });
      yield { first, samples, rows: count, hidden };
    }
  } finally {
    tf.dispose(parameters);
  }
}

/** Of `[rows, D · d]` the chosen features' parts, `[rows · features, d]`. */
function chosenTokens(
  values: Float32Array,
  rows: number,
  features: readonly number[],
  d: number,
): tf.Tensor2D {
  const width = values.length / rows;
  const out = new Float32Array(rows * features.length * d);
  for (let row = 0; row < rows; row++)
    features.forEach((feature, i) => {
      const from = row * width + feature * d;
      out.set(values.subarray(from, from + d), (row * features.length + i) * d);
    });
  return tf.tensor2d(out, [rows * features.length, d]);
}
