/** How far what a model says of each column is to be shrunk towards its marginal, chosen on rows that no parameter was trained on. */
import { encodeTable } from "../data/tables/preprocess.js";
import { type Table, takeTableRows } from "../data/tables/table.js";
import { smoothedFrequencies } from "../distributions/categorical.js";
import { logMixture } from "../distributions/log-mixture.js";
import { fold, type Key, keyOf } from "../engine/random.js";
import { heldOutLogLikelihood, logNormal } from "../families/generate-features.js";
import {
  type CategoryShrinkage,
  type NumberShrinkage,
  type Shrinkage,
  withSigma,
} from "../families/shrinkage.js";
import type { TableRows } from "../models/modalities/tabular/table.js";
import type { VarTJepaConfig } from "../models/var-t-jepa.js";
import { mean } from "../moments.js";
import type { TableModel } from "../training/trained-model.js";
import { knownCells } from "./generate-columns.js";
import { generateFeature } from "./generate-encoded.js";

/** Shares of the marginal to choose from, beside the smallest. */
const SHARES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** Factors of the trained σ_y to choose from are e to these. */
const SIGMA_STEPS = [0, -0.25, 0.25, -0.5, 0.5, -0.75, 0.75, -1, 1, -1.5, 1.5, -2, -3, -4];

/** As of the regressions that a model is compared with: what is told exactly would have an infinite density. */
const SMALLEST_SIGMA = 1e-3;

/** Draws of s_x and z per cell, as imputation is measured with. */
const SAMPLES = 32;

/** Cells of a column that are looked at, at most: the mean of 1,000 is known to a thirtieth of a deviation. */
export const mostCells = 1_000;

/**
 * Hides each column in turn in rows that were not trained on, all other known cells in sight, and chooses its ε and, of a
 * number, its σ_y jointly by the likelihood of the true values. ε is at least 1 / (n + 1) for n such cells: they show nothing
 * of what one row in as many does. It is 1 for a column without such a cell, or where the marginal alone tells the cells best.
 * @param training the rows that the model was trained on, whose frequencies are the marginals of categories
 * @param choosing rows that were not trained on
 * @param onProgress called with columns done of all
 * @throws when a table lacks a column of the model.
 */
export function chooseShrinkage(
  model: TableModel<VarTJepaConfig>,
  { labels: _, ...training }: Table,
  { labels: __, ...choosing }: Table,
  onProgress?: (done: number, columns: number) => void,
): Shrinkage {
  const { schema } = model;
  const [seen, asked] = [training, choosing].map((table) => encodeTable(schema, table));
  const key = fold(keyOf(model.seed), "shrinkage");
  const known = knownCells(schema, choosing);
  const columns = known.length;
  const cellsOf = (feature: number): Cells => {
    onProgress?.(feature, columns);
    const others = known.flatMap((cells, j) => (j === feature ? [] : [{ cells, j }]));
    const contexts = Array.from({ length: choosing.rows }, (_, row) =>
      others.filter(({ cells }) => cells[row]).map(({ j }) => j),
    );
    const rows = [...contexts.keys()].filter((row) => known[feature][row] && contexts[row].length > 0);
    return { asked, rows: rows.slice(0, mostCells), contexts, feature, key: fold(key, feature) };
  };
  const shrinkage = {
    rows: choosing.rows,
    numeric: schema.numeric.map((_, j) => numberShrinkage(model, cellsOf(j))),
    categorical: schema.categorical.map(({ categories }, c) => {
      const codes = columnOf(seen.categorical, schema.categorical.length, c);
      const occurring = codes.filter((code) => code < categories.length);
      const marginal = Array.from(smoothedFrequencies(occurring, categories.length));
      return categoryShrinkage(model, cellsOf(schema.numeric.length + c), marginal);
    }),
  };
  onProgress?.(columns, columns);
  return shrinkage;
}
