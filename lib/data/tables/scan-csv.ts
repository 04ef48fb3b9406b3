/** Where the cells of CSV bytes lie: nothing is decoded, so that the size of a file is no matter of string lengths. */

const TAB = 9;
const LINE_FEED = 10;
const RETURN = 13;
const BLANK = 32;
const QUOTE = 34;

/** Places of cells, `[cells]`: from the first byte of each, quotes and blanks included, to the one after its last. */
export interface CellSpans {
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** A quote that ends nowhere, or inside its cell. */
export class QuoteError extends Error {
  constructor(readonly at: number) {
    super(`a quote is not closed at byte ${at}`);
  }
}

/**
 * Scans rows (RFC 4180 quoting; lines end with line feed, carriage return or both, each as it comes; a line with
 * nothing but blanks is no row). Blanks may stand before and after a quoted cell. When the separator is a blank, so are several.
 * @param onRow gets the number of cells, and where the row begins; scanning ends when it returns false
 * @returns the spans of all cells and the number of lines passed over
 * @throws QuoteError
 */
export function scanCsv(
  bytes: Uint8Array,
  separator: string,
  onRow: (cells: number, start: number) => boolean = () => true,
): CellSpans & { readonly emptyLines: number } {
  const code = Buffer.from(separator);
  const ofBlanks = separator === " ";
  const separates = (at: number) =>
    bytes[at] === code[0] && (code.length === 1 || code.every((byte, i) => bytes[at + i] === byte));
  const skips = (byte: number) => byte === BLANK || (byte === TAB && code[0] !== TAB);
  let starts: Uint32Array = new Uint32Array(1024);
  let ends: Uint32Array = new Uint32Array(1024);
  let cells = 0;
  let emptyLines = 0;
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (at < bytes.length) {
    const first = cells;
    const rowStart = at;
    if (ofBlanks) while (bytes[at] === BLANK) at++;
    for (let ended = false; !ended; ) {
      const start = at;
      at = cellEnd(start);
      if (cells === starts.length) {
        starts = grown(starts);
        ends = grown(ends);
      }
      starts[cells] = start;
      ends[cells++] = at;
      const separated = at < bytes.length && separates(at);
      if (separated) at += code.length;
      if (ofBlanks) while (bytes[at] === BLANK) at++;
      ended = !separated || (ofBlanks && (at >= bytes.length || isLineEnd(bytes[at])));
    }
    if (bytes[at] === RETURN && bytes[at + 1] === LINE_FEED) at++;
    at++;
    if (cells === first + 1 && onlyBlanks(bytes, starts[first], ends[first])) {
      cells = first;
      emptyLines++;
    } else if (!onRow(cells - first, rowStart)) break;
  }
  return { starts: starts.subarray(0, cells), ends: ends.subarray(0, cells), emptyLines };

  function cellEnd(start: number): number {
    let end = start;
    while (skips(bytes[end])) end++;
    if (bytes[end] !== QUOTE) {
      end = start;
      while (end < bytes.length && !isLineEnd(bytes[end]) && !separates(end)) end++;
      return end;
    }
    const opened = end;
    for (end = bytes.indexOf(QUOTE, opened + 1); bytes[end + 1] === QUOTE && end >= 0; )
      end = bytes.indexOf(QUOTE, end + 2);
    if (end < 0) throw new QuoteError(opened);
    end++;
    while (skips(bytes[end]) && !separates(end)) end++;
    if (end < bytes.length && !isLineEnd(bytes[end]) && !separates(end)) throw new QuoteError(opened);
    return end;
  }
}

/** The line that a byte is on, counted from 1. */
export function lineAt(bytes: Uint8Array, at: number): number {
  let line = 1;
  for (let i = 0; i < at; i++)
    if (bytes[i] === LINE_FEED || (bytes[i] === RETURN && bytes[i + 1] !== LINE_FEED)) line++;
  return line;
}

function isLineEnd(byte: number): boolean {
  return byte === LINE_FEED || byte === RETURN;
}

function onlyBlanks(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== BLANK && bytes[i] !== TAB) return false;
  return true;
}

function grown(some: Uint32Array): Uint32Array {
  const more = new Uint32Array(2 * some.length);
  more.set(some);
  return more;
}
