import path from "node:path";
import { type CellColumn, inferColumn, missingCells, readLabels } from "./infer.js";
import { readNumber } from "./number-text.js";
import { listed, quoted } from "./quote.js";
import { type CsvCells, type CsvLayout, columnPlace, columnTexts, lineOf, readCsv } from "./read-csv.js";
import type { Column, Labels, Table, TableNote, TableSource } from "./table.js";
import { readTableFile } from "./table-file.js";

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
  /** Cells that count as missing, in place of the usual ones (`missingCells`). */
  readonly missing?: readonly string[];
}

/**
 * Reads a table from a CSV file in UTF-8, gzipped or not, or from a Parquet file. Types are inferred (`describeTable` shows
 * them, `tableNotes` says what to look at), missing cells kept as missing. Text columns of a Parquet file are categorical.
 * @param file its path, or `-` for standard input
 * @throws naming line or column and the fix when the file cannot be read as a table (see `parseTable`).
 */
export async function loadTable(file: string, options: TableOptions = {}): Promise<Table> {
  const { fileName, name, tableName, bytes, sha256, text } = await readTableFile(file);
  const { categorical = [], numeric = [] } = options;
  const settled = [...categorical, ...text.filter((column) => !numeric.includes(column))];
  const source = { title: fileName, files: [{ name: fileName, sha256 }], notes: [] };
  return { ...tableOfCells(bytes, name, { ...options, categorical: settled }, source), name: tableName };
}

/**
 * Reads a table from CSV text.
 * @param file name used in error messages
 * @throws naming line or column and the fix: no rows, ragged rows, unnamed or doubled columns, a wrong separator,
 * an option that names no column, text among numbers, numbers written in another way, a missing target, a class with one
 * row, no column left.
 */
export function parseTable(text: string, file: string, options: TableOptions, source: TableSource): Table {
  return tableOfCells(Buffer.from(text), file, options, source);
}

function tableOfCells(bytes: Buffer, file: string, options: TableOptions, source: TableSource): Table {
  const csv = readCsv(bytes, file, options);
  const { target, categorical = [], numeric = [], ignore = [], missing = missingCells } = options;
  checkNames(csv, {
    target: target === undefined ? [] : [target],
    categorical,
    numeric,
    ignore,
  });
  const missingSet = new Set(missing);
  const features = csv.header.filter((name) => name !== target && !ignore.includes(name));
  if (features.length === 0)
    throw new Error(`${file} has no column beside target and ignored ones; give at least one feature`);
  const kindOf = (name: string): Column["kind"] | undefined =>
    categorical.includes(name) ? "categorical" : numeric.includes(name) ? "numeric" : undefined;
  const inferred = features.map((name) => inferColumn(cellColumn(csv, name), kindOf(name), missingSet));
  const columns = inferred.map(({ column }) => column);
  const labels = target === undefined ? undefined : readLabels(cellColumn(csv, target), missingSet);
  const found = [
    ...(options.header === undefined ? headerNotes(columns, labels, missingSet) : []),
    ...lineNotes(csv),
    ...inferred.flatMap(({ notes }) => notes),
  ];
  return {
    name: path.basename(file, path.extname(file)),
    rows: csv.rows,
    columns,
    labels,
    source,
    ...(found.length > 0 ? { notes: found } : {}),
  };
}

/**
 * One column of a CSV file.
 * @throws naming the columns there are when it is none of them.
 */
export function cellColumn(csv: CsvCells, name: string, why = ""): CellColumn {
  const cells = columnTexts(csv, columnPlace(csv, name, why));
  return { file: csv.file, name, cells, lineOf: (row) => lineOf(csv, row) };
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

/** A header whose every name could be a cell of its column is probably the first row. */
function headerNotes(
  columns: readonly Column[],
  labels: Labels | undefined,
  missing: ReadonlySet<string>,
): TableNote[] {
  const fits = ({ name, ...column }: Column) => {
    if (missing.has(name)) return true;
    if (column.kind === "categorical") return column.categories.includes(name);
    return Number.isFinite(readNumber(name));
  };
  if (!columns.every(fits) || (labels && !labels.classes.includes(labels.name))) return [];
  const examples = columns.slice(0, 4).map(({ name }) => name);
  const message = `the first line looks like data, not like names (${listed(examples)}${columns.length > 4 ? ", …" : ""}): if it is, say that there is no header (--no-header)`;
  return [{ kind: "header", message, examples }];
}

/** In a file of one column an empty line may have been meant as a missing cell. */
function lineNotes({ header, emptyLines }: CsvCells): TableNote[] {
  if (header.length > 1 || emptyLines === 0) return [];
  const message = `${emptyLines} empty line${emptyLines === 1 ? " is" : "s are"} passed over: write "" for a missing cell`;
  return [{ kind: "empty lines", message, examples: [] }];
}

function checkNames(
  csv: CsvCells,
  named: Record<"target" | "categorical" | "numeric" | "ignore", readonly string[]>,
): void {
  for (const [option, names] of Object.entries(named))
    for (const name of names) columnPlace(csv, name, ` (${option})`);
  const twice = named.categorical.find((name) => named.numeric.includes(name));
  if (twice !== undefined)
    throw new Error(`the column ${quoted(twice)} is in categorical and in numeric; name it in one`);
}
