/** Tables in memory: one typed array per column. */
import { world } from "../../engine/world.js";
import { listed, quoted } from "./quote.js";

/** A column of numbers; NaN marks a missing one. */
export interface NumericColumn {
  readonly name: string;
  readonly kind: "numeric";
  /** `[rows]` */
  readonly values: Float64Array;
}

/** A column of names out of a short list; code −1 marks a missing one. */
export interface CategoricalColumn {
  readonly name: string;
  readonly kind: "categorical";
  readonly categories: readonly string[];
  /** `[rows]`, positions in `categories`. */
  readonly codes: Int32Array;
}

/** A column of a table, numbers or categories. */
export type Column = NumericColumn | CategoricalColumn;

/** The class of every row. */
export interface Labels {
  readonly name: string;
  readonly classes: readonly string[];
  /** `[rows]`, positions in `classes`. */
  readonly codes: Int32Array;
}

/** Where a table comes from. */
export interface TableSource {
  readonly title: string;
  /** The files read, with the SHA-256 of their content. */
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
  readonly licence?: string;
  /** What was done on the way that the files alone do not tell. */
  readonly notes: readonly string[];
}

/** What should be known of a table before it is used: plain data, with the sentence to print. */
export interface TableNote {
  readonly kind:
    | "header"
    | "empty lines"
    | "numbers and text"
    | "leading zeros"
    | "written differently"
    | "beyond 2^53"
    | "empty"
    | "constant"
    | "identifier"
    | "many categories"
    | "marks of missing cells"
    | "dates"
    | "far value"
    | "repeated rows"
    | "new categories"
    | "newly missing"
    | "far numbers";
  /** The column it is about; a note without one is about the whole table. */
  readonly column?: string;
  readonly message: string;
  /** Some of the cells that it is about. */
  readonly examples: readonly string[];
}

/** Rows with named, typed columns. */
export interface Table {
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly Column[];
  readonly labels?: Labels;
  /** Known ambiguity u of every row, between 0 and 1, in data made with it: `[rows]`. */
  readonly ambiguity?: Float64Array;
  readonly source: TableSource;
  /** What was noticed while it was read; `tableNotes` tells more. */
  readonly notes?: readonly TableNote[];
}

/** The numeric columns of a table, in its order. */
export function numericColumns({ columns }: Pick<Table, "columns">): NumericColumn[] {
  return columns.filter((column): column is NumericColumn => column.kind === "numeric");
}

/** The categorical columns of a table, in its order. */
export function categoricalColumns({ columns }: Pick<Table, "columns">): CategoricalColumn[] {
  return columns.filter((column): column is CategoricalColumn => column.kind === "categorical");
}

/** @throws naming the column that the table lacks. */
export function columnNamed({ name, columns }: Pick<Table, "name" | "columns">, wanted: string): Column {
  const column = columns.find((candidate) => candidate.name === wanted);
  if (!column)
    throw new Error(
      `the table ${quoted(name)} has no column ${quoted(wanted)}; it has ${listed(columns.map((c) => c.name))}`,
    );
  return column;
}

/** The chosen rows of a table, in the order given; categories and classes stay as they are. */
export function takeTableRows(table: Table, rows: Int32Array): Table {
  return {
    ...table,
    rows: rows.length,
    columns: table.columns.map((column) =>
      column.kind === "numeric"
        ? { ...column, values: Float64Array.from(rows, (row) => column.values[row]) }
        : { ...column, codes: Int32Array.from(rows, (row) => column.codes[row]) },
    ),
    labels: table.labels && {
      ...table.labels,
      codes: Int32Array.from(rows, (row) => table.labels!.codes[row]),
    },
    ambiguity: table.ambiguity && Float64Array.from(rows, (row) => table.ambiguity![row]),
  };
}

/** How many rows each class has, in the order of `classes`. */
export function classCounts({ classes, codes }: Labels): number[] {
  const counts = classes.map(() => 0);
  for (const code of codes) counts[code]++;
  return counts;
}

/** SHA-256 of everything in a table but its name and source: equal sums mean equal columns, labels and ambiguity. */
export function tableSha256({ rows, columns, labels, ambiguity }: Table): string {
  return world().sha256([
    JSON.stringify([rows, labels?.name, labels?.classes]),
    ...columns.flatMap((column) => [
      JSON.stringify([column.name, column.kind === "categorical" ? column.categories : null]),
      column.kind === "numeric" ? column.values : column.codes,
    ]),
    ...(labels ? [labels.codes] : []),
    ...(ambiguity ? [ambiguity] : []),
  ]);
}
