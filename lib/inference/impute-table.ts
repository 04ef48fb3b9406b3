/** Missing cells of a table filled in by a trained Var-T-JEPA. */
import type { Column, Table } from "../data/tables/table.js";
import { mostProbable } from "../distributions/categorical.js";
import type { TableModel } from "../training/trained-model.js";
import {
  columnNamed,
  defaultSamples,
  featureNames,
  type GeneratedColumn,
  type GenerateOptions,
  generatePatterns,
  groupRows,
  knownCells,
  presentCells,
} from "./generate-columns.js";

/** One cell that was missing. */
export type ImputedCell =
  | {
      readonly kind: "numeric";
      /** Place of the row in the table. */
      readonly row: number;
      readonly column: string;
      /** The mean over all samples and their standard deviation, in the column's units. */
      readonly value: number;
      readonly deviation: number;
    }
  | {
      readonly kind: "categorical";
      readonly row: number;
      readonly column: string;
      /** The most probable of the categories that the model was fitted on, and how probable it is among them. */
      readonly value: string;
      readonly probability: number;
    };

/** A table without missing cells in the model's columns, and what was filled in. */
export interface ImputedTable {
  readonly table: Table;
  /** By row, then in the order of the schema's features. */
  readonly cells: readonly ImputedCell[];
  /** Rows without a cell that the model knows: there is nothing to fill them in from, and they stay as they are. */
  readonly emptyRows: readonly number[];
}

/**
 * Fills in every missing cell of the model's columns, each row's from the cells that the row has, through the predictor:
 * rows with the same missing cells are generated together. All other cells, labels and columns stay as they are.
 * @throws when the family has no predictive distribution or the table lacks a column.
 */
export function imputeTable(
  model: TableModel,
  table: Table,
  { samples = defaultSamples, seed = 1, onRows }: Pick<GenerateOptions, "samples" | "seed" | "onRows"> = {},
): ImputedTable {
  const names = featureNames(model.schema);
  const known = knownCells(model.schema, table);
  const present = names.map((name) => presentCells(columnNamed(table, name)));
  const features = [...names.keys()];
  const groups = groupRows(table.rows, (row) => ({
    given: features.filter((j) => known[j][row]),
    hidden: features.filter((j) => !present[j][row]),
  }));
  const patterns = groups.filter(({ given }) => given.length > 0);
  const emptyRows = groups.filter(({ given }) => given.length === 0).flatMap(({ rows }) => [...rows]);
  const cells: ImputedCell[] = [];
  for (const { rows, generated } of generatePatterns(model, table, patterns, samples, seed, onRows))
    for (const column of generated) cells.push(...imputedCells(column, rows));
  const place = new Map(names.map((name, j) => [name, j]));
  cells.sort((a, b) => a.row - b.row || place.get(a.column)! - place.get(b.column)!);
  return { table: filledTable(table, cells), cells, emptyRows: emptyRows.sort((a, b) => a - b) };
}

function imputedCells(generated: GeneratedColumn, rows: Int32Array): ImputedCell[] {
  const { column } = generated;
  if (generated.kind === "numeric")
    return Array.from(rows, (row, i) => ({
      kind: "numeric",
      row,
      column,
      value: generated.mean[i],
      deviation: generated.deviation[i],
    }));
  const { categories, probabilities } = generated;
  const best = mostProbable(probabilities, categories.length);
  return Array.from(rows, (row, i) => ({
    kind: "categorical",
    row,
    column,
    value: categories[best[i]],
    probability: probabilities[i * categories.length + best[i]],
  }));
}

function filledTable(table: Table, cells: readonly ImputedCell[]): Table {
  return {
    ...table,
    columns: table.columns.map((column) =>
      filledColumn(
        column,
        cells.filter((cell) => cell.column === column.name),
      ),
    ),
  };
}

/** A category that the column did not have yet comes after those it had. */
function filledColumn(column: Column, cells: readonly ImputedCell[]): Column {
  if (column.kind === "numeric") {
    const values = column.values.slice();
    for (const cell of cells) if (cell.kind === "numeric") values[cell.row] = cell.value;
    return { ...column, values };
  }
  const codes = column.codes.slice();
  const categories = [...new Set([...column.categories, ...cells.map(({ value }) => String(value))])];
  for (const { row, value } of cells) codes[row] = categories.indexOf(String(value));
  return { ...column, categories, codes };
}
