import { featureNames, knownCells } from "../data/tables/known-cells.js";
import { sampleRows } from "../data/tables/sample.js";
import { type Column, columnNamed, type Table, takeTableRows } from "../data/tables/table.js";
import { fold, type Key, keyOf, permutation } from "../engine/random.js";
import { type GeneratedColumn, generateColumns } from "../inference/generate-columns.js";
import { squares } from "../moments.js";
import type { TableModel } from "../training/trained-model.js";

/** Share of a column's variance that counts as none; a correlation of 0.14 explains as much. */
const LEAST = 0.02;

/** So that this takes seconds: columns hidden, draws, and cells of all rows looked at. */
const LOOKED_AT = { columns: 16, samples: 20, cells: 1536 };

/**
 * What must be said of a model for imputation that fills in nothing better than averages, not even in the rows that it was
 * trained on: of at most 16 columns, each hidden in turn in some of these rows, it explains less than 2 % of the variance
 * (of a category: of its indicators). Nothing is said of other models. A model is judged as it was trained, whatever it is
 * shrunk to.
 * @param table what the model was trained on
 */
export function imputationRemark(
  { shrinkage: _, ...model }: TableModel,
  { labels: __, ...table }: Table,
): string | undefined {
  const names = featureNames(model.schema);
  const key = fold(keyOf(model.seed), "imputation remark");
  const some = sampleRows(table, Math.max(32, Math.ceil(LOOKED_AT.cells / names.length)), fold(key, "rows"));
  const shares = columnsLookedAt(names, key).map((name) => explainedShare(model, some, names, name));
  const told = shares.filter(Number.isFinite);
  const best = Math.max(...told);
  if (told.length === 0 || best >= LEAST) return undefined;
  return `note: this model fills in nothing better than averages, not even in rows that it was trained on: each of ${told.length} columns was hidden in turn, and at best ${(100 * Math.max(0, best)).toFixed(1)} % of a column's variance was explained (under 2 %, what a correlation of 0.14 explains, counts as nothing). Either the columns tell nothing of each other, or the training was too short to find it: try more --epochs or --preset standard, and let evaluate compare it with a linear model`;
}

function columnsLookedAt(names: readonly string[], key: Key): string[] {
  return Array.from(
    permutation(fold(key, "columns"), names.length).slice(0, LOOKED_AT.columns),
    (j) => names[j],
  );
}

/** 1 − squared error of the imputation / that of the mean, where the truth is known; NaN where there is nothing to tell. */
function explainedShare(model: TableModel, table: Table, names: readonly string[], name: string): number {
  const known = knownCells(model.schema, table);
  const hidden = names.indexOf(name);
  const usable = Int32Array.from({ length: table.rows }, (_, row) => row).filter(
    (row) => known[hidden][row] && known.some((cells, j) => j !== hidden && cells[row]),
  );
  if (usable.length === 0) return Number.NaN;
  const rows = takeTableRows(table, usable);
  const [generated] = generateColumns(model, rows, {
    hidden: [name],
    samples: LOOKED_AT.samples,
    seed: model.seed,
  });
  const pairs = truthAndImputed(columnNamed(rows, name), generated);
  const [error, variance] = pairs.reduce(
    ([error, variance], [truth, imputed]) => {
      return [
        error + truth.reduce((sum, value, row) => sum + (value - imputed[row]) ** 2, 0),
        variance + squares(truth),
      ];
    },
    [0, 0],
  );
  return variance > 0 ? 1 - error / variance : Number.NaN;
}

/** What is known and what is filled in, `[rows]` each: a number, or every category's indicator and its probability. */
function truthAndImputed(column: Column, generated: GeneratedColumn): [Float64Array, Float64Array][] {
  if (generated.kind === "numeric")
    return column.kind === "numeric" ? [[Float64Array.from(column.values), generated.mean]] : [];
  const cell = (row: number) =>
    column.kind === "numeric" ? String(column.values[row]) : column.categories[column.codes[row]];
  const { categories, probabilities } = generated;
  const rows = probabilities.length / categories.length;
  const eachRow = (of: (row: number) => number) => Float64Array.from({ length: rows }, (_, row) => of(row));
  return categories.map((category, c) => [
    eachRow((row) => Number(cell(row) === category)),
    eachRow((row) => probabilities[row * categories.length + c]),
  ]);
}
