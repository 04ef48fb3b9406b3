/** Missing cells of a table filled in by a trained Var-T-JEPA. */
import { featureNames, knownCells, presentCells } from "../data/tables/known-cells.js";
import type { NumericFeature } from "../data/tables/preprocess.js";
import { type Column, columnNamed, type Table } from "../data/tables/table.js";
import { mostProbable } from "../distributions/categorical.js";
import type { TableModel } from "../training/trained-model.js";
import { isMoved, underRule } from "./column-rule.js";
import {
  type GeneratedColumn,
  type GenerateOptions,
  generatePatterns,
  groupRows,
} from "./generate-columns.js";

/** One cell that was missing. */
export type ImputedCell =
  | {
      readonly kind: "numeric";
      /** Place of the row in the table. */
      readonly row: number;
      readonly column: string;
      /** The mean over all samples, as the column's numbers are (`underRule`) unless raw ones are asked for, in its units. */
      readonly value: number;
      /** The standard deviation over all samples. */
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

/** What was filled in of all rows, apart from the cells. */
interface Filled {
  /** Rows without a cell that the model knows: there is nothing to fill them in from, and they stay as they are. */
  readonly emptyRows: readonly number[];
  /** How many numbers were moved into the range seen in fitting, of every column where any was; over all draws. */
  readonly moved: readonly { readonly column: string; readonly numbers: number }[];
}

/** A table without missing cells in the model's columns, and what was filled in. */
export interface ImputedTable extends Filled {
  readonly table: Table;
  /** By row, then in the order of the schema's features. */
  readonly cells: readonly ImputedCell[];
}

/** One cell that was missing, drawn several times. */
export interface DrawnCell {
  /** Place of the row in the table. */
  readonly row: number;
  readonly column: string;
  /** Its value in each draw. The cells of a row belong together draw by draw. */
  readonly values: readonly (number | string)[];
}

/** What every draw fills in. */
export interface DrawnCells extends Filled {
  /** By row, then in the order of the schema's features. */
  readonly cells: readonly DrawnCell[];
}

/** A table completed several times. */
export interface ImputedDraws extends DrawnCells {
  /** One of each draw; columns without a missing cell are shared. */
  readonly tables: readonly Table[];
}

/** How many samples to take, from where, and what becomes of numbers. */
export type ImputeOptions = Pick<GenerateOptions, "samples" | "seed" | "rawNumbers" | "onRows">;

/** The same with how many completed tables there are to be. */
export interface DrawOptions extends Omit<ImputeOptions, "samples"> {
  readonly draws: number;
}

/**
 * Fills in every missing cell of the model's columns, each row's from the cells that the row has, through the predictor:
 * rows with the same missing cells are generated together. All other cells, labels and columns stay as they are.
 * @throws when the family has no predictive distribution or the table lacks a column.
 */
export function imputeTable(model: TableModel, table: Table, options: ImputeOptions = {}): ImputedTable {
  const { rawNumbers = false } = options;
  const filled = fillRows(model, table, options, (column, rows) => {
    const feature = model.schema.numeric.find(({ name }) => name === column.column);
    return imputedCells(column, rows, rawNumbers ? undefined : feature);
  });
  return { table: withCells(table, filled.cells, ({ value }) => value), ...filled };
}

/**
 * Completes a table several times, its missing cells drawn from p(missing | known cells of the row) as the model has it: s_x, z, s_y
 * and the decoder's noise anew for each draw, and one s_x and z for all missing cells of a row, so that they go together, but
 * for a number's being a peak or from its marginal, which is drawn for each cell by itself. The tables differ by what the rows do
 * not tell, as Rubin's rules need; what training left open of the weights is not in them.
 * @param draws how many tables there are to be; those of fewer are the first of those of more
 * @throws as `imputeTable` does.
 */
export function imputeDraws(model: TableModel, table: Table, options: DrawOptions): ImputedDraws {
  const drawn = drawCells(model, table, options);
  const tables = Array.from({ length: options.draws }, (_, draw) =>
    withCells(table, drawn.cells, ({ values }) => values[draw]),
  );
  return { ...drawn, tables };
}

/** The cells of `imputeDraws`, without its tables. */
export function drawCells(model: TableModel, table: Table, { draws, ...options }: DrawOptions): DrawnCells {
  return fillRows(model, table, { ...options, samples: draws }, drawnCells);
}

/** Generates for every row that lacks a cell, and makes cells of it. */
function fillRows<Cell extends { readonly row: number; readonly column: string }>(
  model: TableModel,
  table: Table,
  options: ImputeOptions,
  cellsOf: (column: GeneratedColumn, rows: Int32Array) => { readonly cells: Cell[]; readonly moved: number },
): Filled & { readonly cells: readonly Cell[] } {
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
  const cells: Cell[] = [];
  const moved = new Map<string, number>();
  for (const { rows, generated } of generatePatterns(model, table, patterns, options))
    for (const column of generated) {
      const own = cellsOf(column, rows);
      for (const cell of own.cells) cells.push(cell);
      moved.set(column.column, (moved.get(column.column) ?? 0) + own.moved);
    }
  const place = new Map(names.map((name, j) => [name, j]));
  cells.sort((a, b) => a.row - b.row || place.get(a.column)! - place.get(b.column)!);
  return {
    cells,
    emptyRows: emptyRows.sort((a, b) => a - b),
    moved: names.flatMap((column) => {
      const numbers = moved.get(column) ?? 0;
      return numbers > 0 ? { column, numbers } : [];
    }),
  };
}

/** @param feature whose numbers the means shall be like */
function imputedCells(
  generated: GeneratedColumn,
  rows: Int32Array,
  feature: NumericFeature | undefined,
): { cells: ImputedCell[]; moved: number } {
  const { column } = generated;
  if (generated.kind === "numeric") {
    const cells = Array.from(rows, (row, i) => ({
      kind: "numeric" as const,
      row,
      column,
      value: feature ? underRule(feature, generated.mean[i]) : generated.mean[i],
      deviation: generated.deviation[i],
    }));
    return { cells, moved: feature ? generated.mean.filter((value) => isMoved(feature, value)).length : 0 };
  }
  const { categories, probabilities } = generated;
  const best = mostProbable(probabilities, categories.length);
  const cells = Array.from(rows, (row, i) => ({
    kind: "categorical" as const,
    row,
    column,
    value: categories[best[i]],
    probability: probabilities[i * categories.length + best[i]],
  }));
  return { cells, moved: 0 };
}

function drawnCells(generated: GeneratedColumn, rows: Int32Array): { cells: DrawnCell[]; moved: number } {
  const { column, draws } = generated;
  const values = (row: number) =>
    Array.from({ length: draws.length / rows.length }, (_, draw) => {
      const at = draw * rows.length + row;
      return generated.kind === "numeric" ? generated.draws[at] : generated.categories[generated.draws[at]];
    });
  return {
    cells: Array.from(rows, (row, i) => ({ row, column, values: values(i) })),
    moved: generated.kind === "numeric" ? generated.moved : 0,
  };
}

/** The table with some cells filled in; a category that a column did not have yet comes after those it had. */
function withCells<Cell extends { readonly row: number; readonly column: string }>(
  table: Table,
  cells: readonly Cell[],
  filled: (cell: Cell) => number | string,
): Table {
  const columns = table.columns.map((column): Column => {
    const own = cells.filter((cell) => cell.column === column.name);
    if (own.length === 0) return column;
    if (column.kind === "numeric") {
      const values = column.values.slice();
      for (const cell of own) values[cell.row] = Number(filled(cell));
      return { ...column, values };
    }
    const codes = column.codes.slice();
    const texts = own.map((cell) => String(filled(cell)));
    const categories = [...new Set([...column.categories, ...texts])];
    const codeOf = new Map(categories.map((category, code) => [category, code]));
    own.forEach(({ row }, i) => {
      codes[row] = codeOf.get(texts[i])!;
    });
    return { ...column, categories, codes };
  });
  return { ...table, columns };
}
