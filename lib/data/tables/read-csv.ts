import { isUtf8 } from "node:buffer";
import { counted, listed, quoted } from "./quote.js";
import { type CellSpans, lineAt, QuoteError, scanCsv } from "./scan-csv.js";

/** How a CSV text is laid out. */
export interface CsvLayout {
  /** Separator between cells; when not given, the one of , ; tab | that cuts the first lines alike, and into most cells. */
  readonly delimiter?: string;
  /** Column names of a file whose first line is already data; `false` names them c1, c2, … */
  readonly header?: readonly string[] | false;
}

/** The cells of a CSV file: where they lie in its bytes. Their text is read by `cellText` and `columnTexts`. */
export interface CsvCells extends CellSpans {
  readonly file: string;
  readonly header: readonly string[];
  readonly rows: number;
  /** The whole file; `starts` and `ends` are `[rows, columns]`, row-major, places in it. */
  readonly bytes: Buffer;
  readonly separator: string;
  /** Lines without anything, which are passed over. */
  readonly emptyLines: number;
}

/** Lines that the separator is found out from. */
const linesLookedAt = 10;

/**
 * Finds the cells of CSV bytes (see `scanCsv`).
 * @param file name used in error messages
 * @throws naming file and line when the bytes are not UTF-8, there is no row, a column has no name or one that is taken,
 * rows differ in length, a quote is not closed, or the separator is none or looks wrong.
 */
export function readCsv(bytes: Buffer, file: string, layout: CsvLayout = {}): CsvCells {
  checkText(bytes, file);
  const separator = layout.delimiter ?? findSeparator(bytes, file);
  checkSeparator(separator, file);
  let width = layout.header ? layout.header.length : 0;
  const spans = withPlace(bytes, file, () =>
    scanCsv(bytes, separator, (cells, start) => {
      if (width === 0) width = cells;
      if (cells !== width)
        throw new Error(
          `${file}, line ${lineAt(bytes, start)} has ${counted(cells, "cell")}, the header ${width} (separator ${JSON.stringify(separator)}): fill the missing cells, quote cells that hold the separator, or set delimiter (--delimiter)`,
        );
      return true;
    }),
  );
  if (spans.starts.length === 0) throw new Error(`${file} is empty; give a file with a header line and rows`);
  const named = layout.header === undefined;
  const header = layout.header
    ? layout.header
    : Array.from({ length: width }, (_, i) => (named ? textAt(bytes, spans, i) : `c${i + 1}`));
  const line = named ? lineAt(bytes, spans.starts[0]) : 1;
  checkWidth(bytes, header, file, layout);
  checkHeader(header, `${file}, line ${line}`);
  const first = named ? width : 0;
  if (spans.starts.length === first)
    throw new Error(`${file} has a header but no rows; add at least one row of data`);
  return {
    file,
    header,
    rows: (spans.starts.length - first) / width,
    bytes,
    separator,
    starts: spans.starts.subarray(first),
    ends: spans.ends.subarray(first),
    emptyLines: spans.emptyLines,
  };
}

/** The text of a cell without its quotes, trimmed. */
export function cellText(csv: CsvCells, row: number, column: number): string {
  return textAt(csv.bytes, csv, row * csv.header.length + column);
}

/** The texts of a column, `[rows]`. */
export function columnTexts(csv: CsvCells, column: number): string[] {
  return Array.from({ length: csv.rows }, (_, row) => cellText(csv, row, column));
}

/**
 * The cells of one line with commas.
 * @throws QuoteError
 */
export function cellsOfLine(line: string): string[] {
  const bytes = Buffer.from(line);
  const spans = scanCsv(bytes, ",");
  return Array.from(spans.starts, (_, cell) => textAt(bytes, spans, cell));
}

/** The line that a row begins on, counted from 1. */
export function lineOf(csv: CsvCells, row: number): number {
  return lineAt(csv.bytes, csv.starts[row * csv.header.length]);
}

/** Another text for a cell. */
export interface CellChange {
  readonly row: number;
  readonly column: number;
  readonly text: string;
}

/**
 * The file with other texts in some cells, in pieces. All else stays byte for byte: other cells with their quotes and
 * blanks, header, separators, line ends, empty lines, byte-order mark.
 */
export function* withChanges(csv: CsvCells, changes: readonly CellChange[]): Generator<Uint8Array> {
  const place = ({ row, column }: CellChange) => row * csv.header.length + column;
  let from = 0;
  for (const change of [...changes].sort((a, b) => place(a) - place(b))) {
    const [start, end] = trimmedSpan(csv.bytes, csv.starts[place(change)], csv.ends[place(change)]);
    yield csv.bytes.subarray(from, start);
    yield Buffer.from(asCell(change.text, csv.separator));
    from = end;
  }
  yield csv.bytes.subarray(from);
}

function asCell(text: string, separator: string): string {
  const plain = !text.includes(separator) && !/["\r\n]/.test(text) && text.trim() === text && text !== "";
  return plain ? text : `"${text.replaceAll('"', '""')}"`;
}

function textAt(bytes: Buffer, { starts, ends }: CellSpans, cell: number): string {
  const [first, last] = trimmedSpan(bytes, starts[cell], ends[cell]);
  const quotes = bytes[first] === 34 && first < last;
  if (!quotes) return bytes.toString("utf8", first, last).trim();
  return bytes
    .toString("utf8", first + 1, last - 1)
    .replaceAll('""', '"')
    .trim();
}

function trimmedSpan(bytes: Buffer, start: number, end: number): [number, number] {
  const blank = (byte: number) => byte === 32 || byte === 9;
  let [first, last] = [start, end];
  while (first < last && blank(bytes[first])) first++;
  while (last > first && blank(bytes[last - 1])) last--;
  return [first, last];
}

function checkText(bytes: Buffer, file: string): void {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    throw new Error(`${file} is UTF-16 text; save it as CSV in UTF-8`);
  const nothing = bytes.indexOf(0);
  if (nothing >= 0)
    throw new Error(
      `${file}, line ${lineAt(bytes, nothing)} holds a NUL byte, which no text has; save it as CSV in UTF-8`,
    );
  if (!isUtf8(bytes))
    throw new Error(
      `${file}, line ${lineAt(bytes, firstInvalid(bytes))} is not UTF-8 text; save it as CSV in UTF-8`,
    );
}

/** The line feed before the first byte that is not UTF-8, found by halving. */
function firstInvalid(bytes: Buffer): number {
  let [valid, invalid] = [0, bytes.length];
  for (;;) {
    let middle = bytes.indexOf(10, Math.floor((valid + invalid) / 2)) + 1;
    if (middle === 0 || middle >= invalid)
      middle = bytes.lastIndexOf(10, Math.floor((valid + invalid) / 2)) + 1;
    if (middle <= valid || middle >= invalid) return valid;
    if (isUtf8(bytes.subarray(valid, middle))) valid = middle;
    else invalid = middle;
  }
}

const separators = [",", ";", "\t", "|"];

/** Cells of each of the first rows; none where a quote does not close. */
function firstWidths(bytes: Buffer, separator: string): number[] {
  const widths: number[] = [];
  try {
    scanCsv(bytes, separator, (cells) => widths.push(cells) < linesLookedAt);
  } catch (error) {
    if (!(error instanceof QuoteError)) throw error;
  }
  return widths;
}

/** How many cells a separator makes in all of the first rows alike, or 1. */
function commonWidth(widths: readonly number[]): number {
  return widths.every((width) => width === widths[0]) ? (widths[0] ?? 1) : 1;
}

function findSeparator(bytes: Buffer, file: string): string {
  const widths = separators.map((separator) => firstWidths(bytes, separator));
  const common = widths.map(commonWidth);
  const most = Math.max(...common);
  const best = separators.filter((_, i) => common[i] === most);
  if (most > 1 && best.length > 1)
    throw new Error(
      `${file}, line 1: ${best.map((one) => JSON.stringify(one)).join(" and ")} cut the first lines alike; say which one separates cells (--delimiter)`,
    );
  if (most > 1) return best[0];
  const first = widths.map(([width = 0]) => width);
  return separators[first.indexOf(Math.max(...first))];
}

function checkSeparator(separator: string, file: string): void {
  if ([...separator].length !== 1 || /["\r\n]/.test(separator))
    throw new Error(
      `${file} cannot be read with the separator ${quoted(separator)}; give a single character that is neither a quote nor a line end`,
    );
}

/** A header that is one name with separators in it was read with the wrong one. */
function checkWidth(bytes: Buffer, names: readonly string[], file: string, layout: CsvLayout): void {
  if (names.length > 1) return;
  const [name] = names;
  const inName = layout.header === undefined && separators.find((separator) => name.includes(separator));
  const other =
    layout.delimiter === undefined &&
    [" ", ":"].find((separator) => {
      const [first, ...rest] = firstWidths(bytes, separator);
      return first > 1 && commonWidth(rest) > 1;
    });
  const likely = inName || other;
  if (likely)
    throw new Error(
      `${file}, line 1: the whole header ${quoted(name)} was read as one column; set delimiter: ${JSON.stringify(likely)} (--delimiter '${likely === "\t" ? "\\t" : likely}')`,
    );
}

function checkHeader(names: readonly string[], place: string): void {
  const unnamed = names.indexOf("");
  if (unnamed >= 0) throw new Error(`${place}: column ${unnamed + 1} has no name; name it in the header`);
  const seen = new Map<string, number>();
  names.forEach((name, i) => {
    if (seen.has(name))
      throw new Error(
        `${place}: the columns ${seen.get(name)! + 1} and ${i + 1} are both called ${quoted(name)}; rename one, or say that the line is data (--no-header)`,
      );
    seen.set(name, i);
  });
}

/** @throws naming a column that is not there and those that are. */
export function columnPlace({ file, header }: CsvCells, name: string, why: string): number {
  const at = header.indexOf(name);
  if (at < 0) throw new Error(`${file} has no column ${quoted(name)}${why}; it has ${listed(header)}`);
  return at;
}

function withPlace<T>(bytes: Buffer, file: string, scan: () => T): T {
  try {
    return scan();
  } catch (error) {
    if (!(error instanceof QuoteError)) throw error;
    throw new Error(
      `${file}, line ${lineAt(bytes, error.at)}: a quote (") is not closed or stands inside a cell; double it ("") or quote the whole cell`,
    );
  }
}
