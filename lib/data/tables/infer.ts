import type { Column, Labels } from "./table.js";

/** Cells that count as missing unless a file's own list is given. */
export const missingCells: readonly string[] = ["", "?", "NA", "N/A", "NaN", "nan", "null", "NULL"];

/** One column of text. */
export interface CellColumn {
  readonly file: string;
  readonly name: string;
  /** `[rows]`, trimmed. */
  readonly cells: readonly string[];
  /** Line of each cell, counted from 1. */
  readonly lines: Int32Array;
}

/** A column whose cells are numbers in at least this share is taken for a numeric one with mistakes in it. */
const nearlyNumeric = 0.95;

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const decimalComma = /^[+-]?\d+(,\d+)?$/;

/** A decimal number with a point, or NaN for any other text. */
export function readNumber(cell: string): number {
  return decimal.test(cell) ? Number(cell) : Number.NaN;
}

/**
 * Gives a column of text its type: numeric when every cell that is not missing is a number, otherwise
 * categorical with its categories in order (see `sortedCategories`).
 * @param kind settles the type instead
 * @throws naming line and column when a numeric column holds text, or when nearly all cells of an undecided one are
 * numbers or are written with a decimal comma.
 */
export function inferColumn(
  column: CellColumn,
  kind?: Column["kind"],
  missing: ReadonlySet<string> = new Set(missingCells),
): Column {
  const { name, cells } = column;
  if (kind === "categorical") return { name, kind, ...encodeCategories(cells, missing) };
  const values = new Float64Array(cells.length).fill(Number.NaN);
  let present = 0;
  let texts = 0;
  let firstText = -1;
  for (let row = 0; row < cells.length; row++) {
    if (missing.has(cells[row])) continue;
    present++;
    values[row] = readNumber(cells[row]);
    if (Number.isFinite(values[row])) continue;
    texts++;
    if (firstText < 0) firstText = row;
  }
  if (texts === 0) return { name, kind: "numeric", values };
  if (kind === "numeric" || texts <= (1 - nearlyNumeric) * present)
    throw new Error(
      `${column.file}, line ${column.lines[firstText]}, column "${name}" holds "${cells[firstText]}" (${texts} of ${present} cells are not numbers): correct it, add it to missing, or name the column in categorical`,
    );
  if (cells.filter((cell) => decimalComma.test(cell)).length >= nearlyNumeric * present)
    throw new Error(
      `${column.file}, line ${column.lines[firstText]}, column "${name}" holds "${cells[firstText]}": write numbers with a decimal point, or name the column in categorical`,
    );
  return { name, kind: "categorical", ...encodeCategories(cells, missing) };
}

/**
 * The classes of a target column, in order (see `sortedCategories`).
 * @throws naming line and column when a target is missing, a class has a single row, or there is one class only.
 */
export function readLabels(
  { file, name, cells, lines }: CellColumn,
  missing: ReadonlySet<string> = new Set(missingCells),
): Labels {
  const { categories: classes, codes } = encodeCategories(cells, missing);
  const empty = codes.indexOf(-1);
  if (empty >= 0)
    throw new Error(`${file}, line ${lines[empty]}: the target "${name}" is missing; remove such rows`);
  if (classes.length < 2)
    throw new Error(
      `${file}: the target "${name}" is "${classes[0]}" in every row; choose a target with two or more classes`,
    );
  const counts = new Int32Array(classes.length);
  for (const code of codes) counts[code]++;
  const single = counts.indexOf(1);
  if (single >= 0)
    throw new Error(
      `${file}, line ${lines[codes.indexOf(single)]}: the class "${classes[single]}" of the target "${name}" (${classes.length} classes) has one row, too few to split; remove it, merge it with another class, or choose another target`,
    );
  return { name, classes, codes };
}

/** Categories in ascending order: by value when all are numbers, else by UTF-16 code unit. */
export function sortedCategories(categories: Iterable<string>): string[] {
  const names = [...categories];
  return names.every((name) => Number.isFinite(readNumber(name)))
    ? names.sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1))
    : names.sort();
}

function encodeCategories(cells: readonly string[], missing: ReadonlySet<string>) {
  const categories = sortedCategories(new Set(cells.filter((cell) => !missing.has(cell))));
  const codeOf = new Map(categories.map((name, code) => [name, code]));
  return { categories, codes: Int32Array.from(cells, (cell) => codeOf.get(cell) ?? -1) };
}
