/** What a table's cells tell a model: which are there, and which hold what the model was fitted on. */
import type { TableSchema } from "./preprocess.js";
import { type Column, columnNamed, type Table } from "./table.js";

/** The names of a schema's features, numeric ones first. */
export function featureNames({ numeric, categorical }: TableSchema): string[] {
  return [...numeric, ...categorical].map(({ name }) => name);
}

/**
 * Of each feature, `[rows]`: 1 where the cell is present and, if it is a category, one that the model was fitted on.
 * @throws naming the column that the table lacks.
 */
export function knownCells(schema: TableSchema, table: Table): Uint8Array[] {
  const numbers = schema.numeric.map(({ name }) => presentCells(columnNamed(table, name)));
  const names = schema.categorical.map(({ name, categories }) => {
    const column = columnNamed(table, name);
    if (column.kind === "numeric") return presentCells(column);
    const known = column.categories.map((category) => categories.includes(category));
    return Uint8Array.from(column.codes, (code) => Number(code >= 0 && known[code]));
  });
  return [...numbers, ...names];
}

/** `[rows]`: 1 where the cell is not missing. */
export function presentCells(column: Column): Uint8Array {
  return column.kind === "numeric"
    ? Uint8Array.from(column.values, (value) => Number(!Number.isNaN(value)))
    : Uint8Array.from(column.codes, (code) => Number(code >= 0));
}
