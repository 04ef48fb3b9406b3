/** CSV files read for a model that is there already: its schema settles columns and types. */
import { inferColumn, missingCells, readLabels } from "../data/tables/infer.js";
import { cellColumn } from "../data/tables/load-table.js";
import { newValueNotes } from "../data/tables/notes.js";
import type { TableSchema } from "../data/tables/preprocess.js";
import { type CsvCells, type CsvLayout, readCsv } from "../data/tables/read-csv.js";
import type { Column, Table } from "../data/tables/table.js";
import { readTableFile } from "../data/tables/table-file.js";

/** What a CSV file for a model does not say by itself. */
export interface ModelTableOptions extends CsvLayout {
  /** Cells that count as missing, as in training; by default those of `loadTable`. */
  readonly missing?: readonly string[];
  /** Whether the column with the schema's classes is read too, which then must be there and whole. */
  readonly labels?: boolean;
}

/** A table with the features of a model, and the whole file. */
export interface ModelTable {
  /** Its notes count what the model did not meet in training (`newValueNotes`). */
  readonly table: Table;
  /** Every cell of the file (`cellText`, `columnTexts`), those that the model does not know too. */
  readonly cells: CsvCells;
}

/**
 * Reads a file as `loadTable` does, whose columns are found by name, in any order and among others, and have the schema's types.
 * @throws naming line or column and the fix: no such file, a column is not there, text among numbers, and what
 * `readCsv` and, with `labels`, `readLabels` throw.
 */
export async function readModelTable(
  schema: TableSchema,
  file: string,
  { missing = missingCells, labels = false, ...layout }: ModelTableOptions = {},
): Promise<ModelTable> {
  const { fileName, name, tableName, bytes, sha256 } = await readTableFile(file);
  const cells = readCsv(bytes, name, layout);
  const missingSet = new Set(missing);
  const read = (column: string) => cellColumn(cells, column, ", which the model needs");
  const column = (kind: Column["kind"]) => (feature: { readonly name: string }) =>
    inferColumn({ ...read(feature.name), settled: true }, kind, missingSet).column;
  if (labels && !schema.labels)
    throw new Error("the model was trained without a target; train it with one to have classes");
  const table: Table = {
    name: tableName,
    rows: cells.rows,
    columns: [...schema.numeric.map(column("numeric")), ...schema.categorical.map(column("categorical"))],
    labels: labels && schema.labels ? readLabels(read(schema.labels.name), missingSet) : undefined,
    source: { title: fileName, files: [{ name: fileName, sha256 }], notes: [] },
  };
  return { table: { ...table, notes: newValueNotes(schema, table) }, cells };
}
