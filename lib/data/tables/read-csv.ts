import Papa from "papaparse";

/** How a CSV text is laid out. */
export interface CsvLayout {
  /** Separator between cells; when not given, the one of , ; tab | that cuts the first line into most cells. */
  readonly delimiter?: string;
  /** Column names of a file whose first line is already data. */
  readonly header?: readonly string[];
}

/** The cells of a CSV text, all trimmed, with the line that each row begins on. */
export interface CsvCells {
  readonly header: readonly string[];
  readonly rows: readonly string[][];
  /** `[rows]`, counted from 1. */
  readonly lines: Int32Array;
}

/**
 * Reads CSV text (RFC 4180 quoting, any line ending); empty lines are passed over.
 * @param file name used in error messages
 * @throws naming file and line when there is no row, a column has no name or one that is taken, rows differ in
 * length, a quote is not closed, or the separator looks wrong.
 */
export function readCsv(text: string, file: string, layout: CsvLayout = {}): CsvCells {
  const { header, delimiter = findSeparator(text) } = layout;
  const parsed = Papa.parse<string[]>(text, { delimiter });
  const { rows, lines } = withoutEmptyLines(parsed.data);
  const quote = parsed.errors.find(({ type }) => type === "Quotes");
  if (quote)
    throw new Error(
      `${file}, line ${lineAt(text, quote.index ?? 0)}: a quote (") is not closed or stands inside a cell; double it ("") or quote the whole cell`,
    );
  const names = header ?? rows.shift() ?? [];
  const lineOf = header ? lines : lines.subarray(1);
  if (names.length === 0) throw new Error(`${file} is empty; give a file with a header line and rows`);
  checkHeader(names, file);
  checkSeparator(names, file);
  if (rows.length === 0) throw new Error(`${file} has a header but no rows; add at least one row of data`);
  const ragged = rows.findIndex((row) => row.length !== names.length);
  if (ragged >= 0)
    throw new Error(
      `${file}, line ${lineOf[ragged]} has ${rows[ragged].length} cells, the header ${names.length} (separator ${JSON.stringify(delimiter)}): fill the missing cells, quote cells that hold the separator, or set delimiter`,
    );
  return { header: names, rows, lines: lineOf };
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split(/\r\n|\r|\n/).length;
}

const separators = [",", ";", "\t", "|"];

function findSeparator(text: string): string {
  const start = text.trimStart();
  const cells = separators.map(
    (delimiter) => Papa.parse<string[]>(start, { delimiter, preview: 1 }).data[0]?.length,
  );
  return separators[cells.indexOf(Math.max(...cells))] ?? ",";
}

/** Trims the cells and counts lines; a quoted cell can span several. */
function withoutEmptyLines(parsed: readonly string[][]): { rows: string[][]; lines: Int32Array } {
  const rows: string[][] = [];
  const lines = new Int32Array(parsed.length);
  let line = 1;
  for (const row of parsed) {
    lines[rows.length] = line++;
    for (let i = 0; i < row.length; i++) {
      if (row[i].includes("\n")) line += row[i].split("\n").length - 1;
      row[i] = row[i].trim();
    }
    if (row.length > 1 || row[0] !== "") rows.push(row);
  }
  return { rows, lines: lines.slice(0, rows.length) };
}

function checkHeader(names: readonly string[], file: string): void {
  const unnamed = names.indexOf("");
  if (unnamed >= 0)
    throw new Error(`${file}, line 1: column ${unnamed + 1} has no name; name it in the header`);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new Error(
      `${file}, line 1: the columns ${names.indexOf(twice) + 1} and ${names.lastIndexOf(twice) + 1} are both called "${twice}"; rename one`,
    );
}

/** A header that is one name with separators in it was read with the wrong one. */
function checkSeparator(names: readonly string[], file: string): void {
  const likely = names.length === 1 && separators.find((separator) => names[0].includes(separator));
  if (likely)
    throw new Error(
      `${file}, line 1: the whole header "${names[0]}" was read as one column; set delimiter: ${JSON.stringify(likely)}`,
    );
}
