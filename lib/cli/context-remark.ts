import { encodeTable } from "../data/tables/preprocess.js";
import { sampleRows } from "../data/tables/sample.js";
import type { Table } from "../data/tables/table.js";
import { fold, seedKey } from "../engine/random.js";
import { contextUse } from "../evaluation/context-use.js";
import type { TrainedVarTJepa } from "../training/tabular-model.js";

/** Nats per hidden cell; two normal variables with a correlation of 0.14 tell as much of each other. */
const LEAST = 0.01;

/** Rows that are looked at. */
const ROWS = 256;

/**
 * What must be said of a model for imputation whose predictor makes nothing of a row's known cells: with the cells of
 * another row its KL from the target's posterior is the same, to less than 0.01 nats per hidden cell. Such a model
 * fills in averages. Nothing is said of other models, and of tables of one row.
 * @param table what the model was trained on
 */
export function contextRemark(model: TrainedVarTJepa, { labels: _, ...table }: Table): string | undefined {
  if (table.rows < 2) return undefined;
  const key = fold(seedKey(model.seed), "context remark");
  const rows = encodeTable(model.schema, sampleRows(table, ROWS, fold(key, "rows")));
  const { kl, shuffledKl } = contextUse(model.weights, model.config, rows, key);
  const use = shuffledKl - kl;
  if (use >= LEAST) return undefined;
  return `note: this model fills in averages. Its predictor does as well with the known cells of another row as with those of the row itself: the difference is ${use.toPrecision(2)} nats per hidden cell, and less than ${LEAST} (what a correlation of 0.14 tells) counts as none. Either the columns tell nothing of each other, or training was too short for them: try more --epochs or --preset standard, and let evaluate compare it with a linear model`;
}
