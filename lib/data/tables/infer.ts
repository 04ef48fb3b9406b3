import { largestNumber, numberForm, readNumber } from "./number-text.js";
import { listed, quoted, typed } from "./quote.js";
import type { Column, Labels, NumericColumn, TableNote } from "./table.js";

/** Cells that count as missing unless a file's own list is given. */
export const missingCells: readonly string[] = ["", "?", "NA", "N/A", "NaN", "nan", "null", "NULL"];

/** One column of text. */
export interface CellColumn {
  readonly file: string;
  readonly name: string;
  /** `[rows]`, trimmed. */
  readonly cells: readonly string[];
  /** Line of a row, counted from 1. */
  readonly lineOf: (row: number) => number;
  /** Whether a model that is there already settles the type, so that it is nobody's choice any more. */
  readonly settled?: boolean;
}

/** A column with its type, and what was noticed on the way. */
export interface InferredColumn {
  readonly column: Column;
  readonly notes: readonly TableNote[];
}

/** A column of which at least this share means numbers is taken for a numeric one with mistakes in it. */
const mostlyNumeric = 0.5;

/** More categories than a model could ever learn: such a column is an identifier or free text. */
const mostCategories = 2 ** 20;

/** Up to so many different texts among numbers are taken for marks of missing cells. */
const mostMarks = 3;

/**
 * Gives a column of text its type: numeric when every cell that is not missing (a number among `missing` also when it is written
 * in another way) is a number, otherwise
 * categorical with its categories in order (see `sortedCategories`). A column mostly of whole numbers beyond 2^53, which
 * doubles cannot tell apart, is categorical too.
 * @param kind settles the type instead
 * @throws naming line and column when a numeric column holds text or a number beyond single precision, when at least half of
 * the cells of an undecided one mean numbers but not all are, or when there are more than 2^20 categories.
 */
export function inferColumn(
  column: CellColumn,
  kind?: Column["kind"],
  missing: ReadonlySet<string> = new Set(missingCells),
): InferredColumn {
  if (kind === "categorical") return { column: categoricalOf(column, missing), notes: [] };
  const { name, cells } = column;
  const missingNumbers = new Set([...missing].map(readNumber).filter(Number.isFinite));
  const values = new Float64Array(cells.length).fill(Number.NaN);
  let present = 0;
  let beyond = 0;
  const texts: number[] = [];
  for (let row = 0; row < cells.length; row++) {
    const value = readNumber(cells[row]);
    if (missing.has(cells[row]) || missingNumbers.has(value)) continue;
    present++;
    values[row] = value;
    if (!Number.isFinite(values[row])) texts.push(row);
    else if (isBeyond(cells[row], values[row])) beyond++;
  }
  const numeric: NumericColumn = { name, kind: "numeric", values };
  if (kind === "numeric" || texts.length === 0) {
    if (kind === undefined && 2 * beyond >= present && beyond > 0)
      return { column: categoricalOf(column, missing), notes: [beyondNote(column, values, true)] };
    if (texts.length > 0) refuseText(column, texts, present);
    checkRange(column, values);
    const rounded = beyond > 0 ? [beyondNote(column, values, false)] : [];
    return { column: numeric, notes: [...rounded, ...(kind ? [] : numberNotes(column, values))] };
  }
  const meant = texts.filter((row) => numberForm(cells[row]) !== undefined).length;
  const numbers = present - texts.length;
  if (numbers + meant >= mostlyNumeric * present) refuseText(column, texts, present);
  const notes = numbers + meant > 0 ? [mixedNote(column, missing, texts, numbers + meant, present)] : [];
  return { column: categoricalOf(column, missing), notes };
}

/** So many different numbers may be grades; more are taken for measured ones, in words alone. */
const FEW_GRADES = 20;

/**
 * The classes of a target column, in order (see `sortedCategories`).
 * @throws naming line and column when a target is missing, a class has a single row, or there is one class only.
 */
export function readLabels(column: CellColumn, missing: ReadonlySet<string> = new Set(missingCells)): Labels {
  const { file, name, lineOf } = column;
  const { categories: classes, codes } = categoricalOf(column, missing);
  const empty = codes.indexOf(-1);
  if (empty >= 0)
    throw new Error(
      `${file}, line ${lineOf(empty)}: the target ${quoted(name)} is missing; remove such rows`,
    );
  if (classes.length < 2)
    throw new Error(
      `${file}: the target ${quoted(name)} is ${quoted(classes[0])} in every row; choose a target with two or more classes`,
    );
  const counts = new Int32Array(classes.length);
  for (const code of codes) counts[code]++;
  const single = counts.indexOf(1);
  if (single >= 0) {
    const numbers = classes.length > FEW_GRADES && classes.every((own) => Number.isFinite(readNumber(own)));
    throw new Error(
      `${file}, line ${lineOf(codes.indexOf(single))}: the class ${quoted(classes[single])} of the target ${quoted(name)} (${classes.length} classes) has one row, too few to split; ${
        numbers
          ? "it seems to hold numbers, of which each different one would be a class: put them into a few ranges, or choose another target"
          : "remove it, merge it with another class, or choose another target"
      }`,
    );
  }
  return { name, classes, codes };
}

/** Categories in ascending order: by value when all are numbers, else by UTF-16 code unit. */
export function sortedCategories(categories: Iterable<string>): string[] {
  const names = [...categories];
  return names.every((name) => Number.isFinite(readNumber(name)))
    ? names.sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1))
    : names.sort();
}

function categoricalOf(column: CellColumn, missing: ReadonlySet<string>) {
  const { name, cells } = column;
  const seen = new Set<string>();
  for (const cell of cells) {
    if (missing.has(cell)) continue;
    seen.add(cell);
    if (seen.size > mostCategories)
      throw new Error(
        `${column.file}: the column ${quoted(name)} has more than ${mostCategories} different texts, too many for categories; leave it out${typed("ignore", [name])}`,
      );
  }
  const categories = sortedCategories(seen);
  const codeOf = new Map(categories.map((category, code) => [category, code]));
  const codes = Int32Array.from(cells, (cell) => codeOf.get(cell) ?? -1);
  return { name, kind: "categorical" as const, categories, codes };
}

/** Says what the cells that are no numbers ask for: the form that most of them have, or that they count as missing. */
function refuseText(column: CellColumn, texts: readonly number[], present: number): never {
  const { file, name, cells, lineOf, settled } = column;
  const formed = texts.filter((row) => numberForm(cells[row]) !== undefined);
  const wanted = 2 * formed.length >= texts.length;
  const row = texts.find((text) => (numberForm(cells[text]) !== undefined) === wanted)!;
  const place = `${file}, line ${lineOf(row)}, column ${quoted(name)} holds ${quoted(cells[row])} (${texts.length} of ${present} cells are not numbers)`;
  const marks = [...new Set(texts.map((text) => cells[text]))];
  const missing = `count ${marks.length === 1 ? "it" : "such cells"} as missing${marks.length > mostMarks ? "" : typed("missing", marks)}`;
  const form = numberForm(cells[row]);
  const advice =
    form === undefined
      ? `correct it, ${missing}`
      : `it ${form}${/inf/i.test(cells[row]) ? `, ${missing}` : ""}`;
  const otherwise = settled
    ? "; the model was trained on numbers here"
    : `, or name the column in categorical${typed("categorical", [name])}`;
  throw new Error(`${place}: ${advice}${otherwise}`);
}

function checkRange({ file, name, cells, lineOf }: CellColumn, values: Float64Array): void {
  const row = values.findIndex((value) => Math.abs(value) > largestNumber);
  if (row >= 0)
    throw new Error(
      `${file}, line ${lineOf(row)}, column ${quoted(name)} holds ${quoted(cells[row])}, beyond ${largestNumber}, the most that a model can compute with: correct it, or count it as missing${typed("missing", [cells[row]])}`,
    );
}

function isBeyond(cell: string, value: number): boolean {
  return Math.abs(value) > Number.MAX_SAFE_INTEGER && /^[+-]?\d+$/.test(cell);
}

function beyondNote({ name, cells }: CellColumn, values: Float64Array, categorical: boolean): TableNote {
  const examples = firstTexts(cells, (row) => isBeyond(cells[row], values[row]));
  const message = categorical
    ? `whole numbers beyond 2^53 (${listed(examples)}) are read as categories: as numbers, different ones would be the same`
    : `whole numbers beyond 2^53 (${listed(examples)}) are rounded: name the column in categorical if they are codes, or count them as missing`;
  return { kind: "beyond 2^53", column: name, message, examples };
}

function mixedNote(
  { name, cells }: CellColumn,
  missing: ReadonlySet<string>,
  texts: readonly number[],
  numbers: number,
  present: number,
): TableNote {
  const text = new Set(texts);
  const examples = firstTexts(
    cells,
    (row) => !missing.has(cells[row]) && (!text.has(row) || numberForm(cells[row]) !== undefined),
  );
  const others = texts.map((row) => cells[row]).filter((cell) => numberForm(cell) === undefined);
  return {
    kind: "numbers and text",
    column: name,
    message: `${numbers} of ${present} cells are numbers (${listed(examples)}), the others text (${listed(firstTexts(others, () => true))}): all are read as categories`,
    examples,
  };
}

/** What is lost when these texts become numbers. */
function numberNotes({ name, cells }: CellColumn, values: Float64Array): TableNote[] {
  const notes: TableNote[] = [];
  const zeros = firstTexts(cells, (row) => !Number.isNaN(values[row]) && /^[+-]?0\d/.test(cells[row]));
  if (zeros.length > 0)
    notes.push({
      kind: "leading zeros",
      column: name,
      message: `numbers lose the zeros that they begin with (${listed(zeros)}): name the column in categorical if they are codes`,
      examples: zeros,
    });
  const pairs = writtenDifferently(cells, values);
  if (pairs.length > 0)
    notes.push({
      kind: "written differently",
      column: name,
      message: `${listed(pairs[0])} are read as the same number${pairs.length > 1 ? `, and ${pairs.length - 1} more such` : ""}: name the column in categorical if they are codes`,
      examples: pairs.flat(),
    });
  return notes;
}

/** Pairs of texts that give the same number, at most one per number. */
function writtenDifferently(cells: readonly string[], values: Float64Array): [string, string][] {
  const unusual = new Map<number, string>();
  values.forEach((value, row) => {
    if (Number.isNaN(value) || unusual.size >= mostCategories || String(value) === cells[row]) return;
    if (!unusual.has(value)) unusual.set(value, cells[row]);
  });
  const pairs = new Map<number, [string, string]>();
  if (unusual.size === 0) return [];
  values.forEach((value, row) => {
    const other = unusual.get(value);
    if (other !== undefined && other !== cells[row] && !pairs.has(value))
      pairs.set(value, [other, cells[row]].sort() as [string, string]);
  });
  return [...pairs.values()];
}

/** The first three different texts of the rows chosen. */
function firstTexts(cells: readonly string[], chosen: (row: number) => boolean): string[] {
  const texts = new Set<string>();
  for (let row = 0; row < cells.length && texts.size < 3; row++) if (chosen(row)) texts.add(cells[row]);
  return [...texts];
}
