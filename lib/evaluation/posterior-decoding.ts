import { gatherRows } from "../engine/ops/gather-rows.js";
import { randomNormal } from "../engine/ops/random-normal.js";
import { fold, type Key } from "../engine/random.js";
import * as tf from "../engine/tf.js";
import { fullRows } from "../families/embed-table.js";
import {
  emptyFeature,
  type GeneratedFeature,
  type GeneratedTable,
  storeSample,
} from "../families/generate-features.js";
import type { FlatParameters } from "../layers/parameters.js";
import { decodeMarginal } from "../models/modalities/tabular/decoders.js";
import { featureCount, type TableRows } from "../models/modalities/tabular/table.js";
import { cellsOf } from "../models/tokens/pass.js";
import type { VarTJepaConfig } from "../models/var-t-jepa.js";

/** Draws of s_w for categories. */
const DRAWS = 512;

/** Most logits that are held at once. */
const LOGITS_AT_ONCE = 4_000_000;

/**
 * Decodes features of rows that the model has seen whole: p(w) = ∫ p(w | s_w) q(s_w | s_x, z, w) ds_w on the path that
 * rows are embedded on, exact for numbers and over 512 draws for categories. It says how well the embedding of a row
 * tells a cell that it was made from; a model of the other cells alone may tell it better or worse.
 * @param features which ones to decode
 * @returns in the form of `generateFeatures`, `samples` being 1
 * @throws when the rows do not fit the model's table.
 */
export function decodePosteriors(
  weights: FlatParameters,
  config: VarTJepaConfig,
  input: TableRows,
  features: readonly number[],
  key: Key,
): GeneratedTable {
  const { table, encoder } = config;
  const d = encoder.width;
  const hidden = features.map((feature): GeneratedFeature => emptyFeature(config, feature, 1, input.rows));
  const largest = Math.max(1, ...hidden.map((of) => (of.kind === "categorical" ? of.categories : 0)));
  const rowsAtOnce = Math.max(1, Math.floor(LOGITS_AT_ONCE / (DRAWS * Math.max(largest, d))));
  const D = featureCount(table);
  const pieces = fullRows(weights, config, input, ({ qSw, logSigmaY, masks }, parameters, first) => {
    for (const feature of features)
      for (let from = 0; from < masks.rows; from += rowsAtOnce)
        tf.tidy(() => {
          const rows = Math.min(rowsAtOnce, masks.rows - from);
          const cells = cellsOf(new Int32Array(rows).fill(feature), 1, rows);
          const places = cells.row.map((row) => (from + row) * D + feature);
          const q = { mean: gatherRows(qSw.mean, places), logVariance: gatherRows(qSw.logVariance, places) };
          const noise = (draw: number) =>
            randomNormal(fold(fold(fold(key, "s_w"), feature), draw), rows, d, first + from);
          const said = decodeMarginal(parameters, "targetDecoder", table, q, cells, logSigmaY, noise, DRAWS);
          storeSample(hidden, said, first + from);
        });
  });
  for (const _ of pieces);
  return { samples: 1, rows: input.rows, hidden };
}
