import Papa from "papaparse";

/** A cell; `null` is written as nothing. */
export type CsvCell = string | number | null;

/** Lines of a CSV file, each ended, quoted where need be. */
export function csvLines(rows: readonly (readonly CsvCell[])[]): string {
  return rows.length === 0 ? "" : `${Papa.unparse(rows as CsvCell[][], { newline: "\n" })}\n`;
}

/** A single-precision number with as many digits as it takes to read the same one back. */
export function singleDigits(value: number): number {
  return Number(value.toPrecision(9));
}

/** A number with six significant digits. */
export function significant(value: number): number {
  return Number(value.toPrecision(6));
}
