/** CSV files read for a model that is there already: its schema settles columns and types. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { type CellColumn, inferColumn, missingCells, readLabels } from "../data/tables/infer.js";
import { decodeUtf8 } from "../data/tables/load-table.js";
import type { TableSchema } from "../data/tables/preprocess.js";
import { type CsvCells, type CsvLayout, readCsv } from "../data/tables/read-csv.js";
import type { Column, Table } from "../data/tables/table.js";

/** What a CSV file for a model does not say by itself. */
export interface ModelTableOptions extends CsvLayout {
  /** Cells that count as missing, as in training; by default those of `loadTable`. */
  readonly missing?: readonly string[];
  /** Whether the column with the schema's classes is read too, which then must be there and whole. */
  readonly labels?: boolean;
}

/** A table with the features of a model, and the text of the whole file. */
export interface ModelTable {
  readonly table: Table;
  /** Every cell of the file, those that the model does not know too. */
  readonly cells: CsvCells;
}

/**
 * Reads a CSV file whose columns are found by name, in any order and among others, and have the schema's types.
 * @throws naming line or column and the fix: no such file, a column is not there, text among numbers, and what
 * `readCsv` and, with `labels`, `readLabels` throw.
 */
export async function readModelTable(
  schema: TableSchema,
  file: string,
  { missing = missingCells, labels = false, ...layout }: ModelTableOptions = {},
): Promise<ModelTable> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      error.code === "ENOENT" ? `there is no file ${file}; check its path` : `${file}: ${error.message}`,
    );
  });
  const name = path.basename(file);
  const cells = readCsv(decodeUtf8(bytes, name), name, layout);
  const missingSet = new Set(missing);
  const read = (column: string): CellColumn => {
    const at = cells.header.indexOf(column);
    if (at < 0)
      throw new Error(
        `${name} has no column "${column}", which the model needs; it has ${cells.header.join(", ")}`,
      );
    return { file: name, name: column, lines: cells.lines, cells: cells.rows.map((row) => row[at]) };
  };
  const column = (kind: Column["kind"]) => (feature: { readonly name: string }) =>
    inferColumn(read(feature.name), kind, missingSet);
  if (labels && !schema.labels)
    throw new Error("the model was trained without a target; train it with one to have classes");
  const table: Table = {
    name: path.basename(file, path.extname(file)),
    rows: cells.rows.length,
    columns: [...schema.numeric.map(column("numeric")), ...schema.categorical.map(column("categorical"))],
    labels: labels && schema.labels ? readLabels(read(schema.labels.name), missingSet) : undefined,
    source: { title: name, files: [], notes: [] },
  };
  return { table, cells };
}
