import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { type CellColumn, inferColumn, missingCells, readLabels } from "./infer.js";
import { type CsvLayout, readCsv } from "./read-csv.js";
import type { Column, Table, TableSource } from "./table.js";

/** What a CSV file does not say by itself. */
export interface TableOptions extends CsvLayout {
  /** Column with the classes. */
  readonly target?: string;
  /** Columns that are categories although they look like numbers. */
  readonly categorical?: readonly string[];
  /** Columns that must be numbers. */
  readonly numeric?: readonly string[];
  /** Columns to leave out, such as a row's number. */
  readonly ignore?: readonly string[];
  /** Cells that count as missing; by default empty, ?, NA, N/A, NaN, nan, null and NULL. */
  readonly missing?: readonly string[];
}

/**
 * Reads a table from a CSV file in UTF-8. Types are inferred (`describeTable` shows them), missing cells kept as
 * missing.
 * @throws naming line or column and the fix when the file cannot be read as a table (see `parseTable`).
 */
export async function loadTable(file: string, options: TableOptions = {}): Promise<Table> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      error.code === "ENOENT" ? `there is no file ${file}; check its path` : `${file}: ${error.message}`,
    );
  });
  const name = path.basename(file);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return parseTable(decodeUtf8(bytes, name), name, options, {
    title: name,
    files: [{ name, sha256 }],
    notes: [],
  });
}

/**
 * Reads a table from CSV text.
 * @param file name used in error messages
 * @throws naming line or column and the fix: no rows, ragged rows, unnamed or doubled columns, a wrong separator,
 * an option that names no column, text among numbers, a missing target, a class with one row, no column left.
 */
export function parseTable(text: string, file: string, options: TableOptions, source: TableSource): Table {
  const { header, rows, lines } = readCsv(text, file, options);
  const { target, categorical = [], numeric = [], ignore = [], missing = missingCells } = options;
  checkNames(file, header, {
    target: target === undefined ? [] : [target],
    categorical,
    numeric,
    ignore,
  });
  const missingSet = new Set(missing);
  const cellsOf = (name: string): CellColumn => {
    const i = header.indexOf(name);
    return { file, name, lines, cells: rows.map((row) => row[i]) };
  };
  const features = header.filter((name) => name !== target && !ignore.includes(name));
  if (features.length === 0)
    throw new Error(`${file} has no column beside target and ignored ones; give at least one feature`);
  const kindOf = (name: string): Column["kind"] | undefined =>
    categorical.includes(name) ? "categorical" : numeric.includes(name) ? "numeric" : undefined;
  return {
    name: path.basename(file, path.extname(file)),
    rows: rows.length,
    columns: features.map((name) => inferColumn(cellsOf(name), kindOf(name), missingSet)),
    labels: target === undefined ? undefined : readLabels(cellsOf(target), missingSet),
    source,
  };
}

/**
 * Text of UTF-8 bytes, without a byte-order mark.
 * @throws when the bytes are in another encoding.
 */
export function decodeUtf8(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`${file} is not UTF-8 text; save it as CSV in UTF-8`);
  }
}

function checkNames(
  file: string,
  header: readonly string[],
  named: Record<"target" | "categorical" | "numeric" | "ignore", readonly string[]>,
): void {
  for (const [option, names] of Object.entries(named))
    for (const name of names)
      if (!header.includes(name))
        throw new Error(`${file} has no column "${name}" (${option}); it has ${header.join(", ")}`);
  const twice = named.categorical.find((name) => named.numeric.includes(name));
  if (twice !== undefined)
    throw new Error(`the column "${twice}" is in categorical and in numeric; name it in one`);
}
