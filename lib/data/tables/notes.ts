/** What should be known of a table before anything is trained on it, and of new rows before a model is used on them. */

import { meanAndDeviation, rangeOf } from "../../moments.js";
import { columnNotes, countMissing, describeColumn } from "./describe.js";
import type { TableSchema } from "./preprocess.js";
import { counted, listed, shown, typed } from "./quote.js";
import type { CategoricalColumn, Column, NumericColumn, Table, TableNote } from "./table.js";

/** Categories that are many if they are also more than half as many as the cells. */
const manyCategories = 20;

/** A value is far from all others when the deviation without it is less than this share of that with it. */
const farShare = 0.01;

/** Columns named on one line of `noteLines`. */
const columnsOnLine = 8;

/**
 * What should be known of a table: what was noticed while it was read, columns that are no use to a model (empty, constant, different
 * in every row), very many categories, categories that may mean missing, dates, single values far from all others, repeated rows. Reads the
 * table a few times and keeps nothing of it.
 */
export function tableNotes(table: Table): TableNote[] {
  const found = table.columns.flatMap((column) => notesOn(column, table.rows));
  return [...(table.notes ?? []), ...found, ...repeatedRows(table)];
}

/**
 * What a model will meet in a table that it did not meet in training: categories, missing categories, and numbers outside of
 * the range fitted on by more than its width, counted by column. Columns that the table lacks are passed over.
 */
export function newValueNotes(schema: TableSchema, table: Table): TableNote[] {
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const numeric = schema.numeric.flatMap(({ name, range }) => {
    const column = byName.get(name);
    return column?.kind === "numeric" && range ? farNumbers(column, range) : [];
  });
  const categorical = schema.categorical.flatMap(({ name, categories, missing }) => {
    const column = byName.get(name);
    return column?.kind === "categorical" ? newCategories(column, categories, missing) : [];
  });
  return [...numeric, ...categorical];
}

/** Notes as lines to print; columns with the same message share one. */
export function noteLines(notes: readonly TableNote[]): string[] {
  const columns = new Map<string, string[]>();
  for (const { column, message } of notes) {
    const names = columns.get(message) ?? [];
    if (column !== undefined) names.push(column);
    columns.set(message, names);
  }
  return Array.from(columns, ([message, names]) =>
    names.length === 0 ? `note: ${message}` : `note: ${listed(names, columnsOnLine)}: ${message}`,
  );
}

function notesOn(column: Column, rows: number): TableNote[] {
  const { note } = describeColumn(column, rows);
  const useless = (Object.keys(columnNotes) as (keyof typeof columnNotes)[]).find(
    (kind) => columnNotes[kind] === note,
  );
  const notes: TableNote[] = useless
    ? [{ kind: useless, column: column.name, message: note, examples: [] }]
    : [];
  if (useless === "empty" || useless === "constant") return notes;
  const more = column.kind === "numeric" ? numberNotes(column) : categoryNotes(column, rows, useless);
  return [...notes, ...more];
}

function numberNotes({ name, values }: NumericColumn): TableNote[] {
  const present = values.filter((value) => !Number.isNaN(value));
  if (present.every(isWrittenDate))
    return [datesNote(name, Array.from(new Set(present.subarray(0, 3)), String))];
  const { std } = meanAndDeviation(present);
  return rangeOf(present).flatMap((extreme) => {
    const others = present.filter((value) => value !== extreme);
    const [least, most] = rangeOf(others);
    if (!others.some((value) => value !== least && value !== most)) return [];
    if (meanAndDeviation(others).std > farShare * std) return [];
    const cells = present.length - others.length;
    return {
      kind: "far value",
      column: name,
      message: `${extreme} (${counted(cells, "cell")}) is far from all others (${short(least)} … ${short(most)}): count it as missing if it stands for no value${typed("missing", [String(extreme)])}`,
      examples: [String(extreme)],
    } as const;
  });
}

function categoryNotes(column: CategoricalColumn, rows: number, useless: string | undefined): TableNote[] {
  const { name, categories } = column;
  const present = rows - countMissing(column);
  if (categories.length > 1 && categories.every((category) => writtenDate.test(category)))
    return [datesNote(name, categories.slice(0, 3))];
  const marks = marksNotes(column);
  if (useless || categories.length <= manyCategories || 2 * categories.length <= present) return marks;
  return [
    ...marks,
    {
      kind: "many categories",
      column: name,
      message: `${categories.length} categories in ${present} cells, too few of each to learn from: name it in ignore, or give coarser ones`,
      examples: categories.slice(0, 3),
    },
  ];
}

/** What many programs write for a missing cell; those of `missingCells` are none any more where they are categories. */
const marksOfMissing = new Set([
  "none",
  "nil",
  "n/a",
  "#n/a",
  "n.a.",
  "nat",
  "<na>",
  "missing",
  "-",
  "--",
  ".",
]);

function marksNotes({ name, categories, codes }: CategoricalColumn): TableNote[] {
  const marks = categories.filter((category) => marksOfMissing.has(category.toLowerCase()));
  if (marks.length === 0) return [];
  const isMark = categories.map((category) => marks.includes(category));
  const cells = codes.filter((code) => code >= 0 && isMark[code]).length;
  const message = `${listed(marks)} (${counted(cells, "cell")}) is read as a category: count it as missing if it stands for no value${typed("missing", marks)}`;
  return [{ kind: "marks of missing cells", column: name, message, examples: marks }];
}

/** Dates with or without a time: 2024-01-31, 31.1.2024, 1/31/24, 2024-01-31T12:00:00Z. */
const writtenDate =
  /^(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2}))([T ]\d{1,2}:\d{2}(:\d{2}(\.\d{1,9})?)?( ?(Z|[+-]\d{2}:?\d{2}))?)?$/;

/** Whether a number is a date written as 20240131. */
function isWrittenDate(value: number): boolean {
  const [month, day] = [Math.floor(value / 100) % 100, value % 100];
  return (
    Number.isInteger(value) &&
    value >= 1800_01_01 &&
    value <= 2199_12_31 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= 31
  );
}

function datesNote(column: string, examples: readonly string[]): TableNote {
  const message = `dates (${listed(examples)}) mean nothing to a model: give the days since one of them, the month, the weekday or what else of them matters`;
  return { kind: "dates", column, message, examples };
}

/** Rows that are, target included, as an earlier one. Their sums are compared, of 53 bits. */
function repeatedRows({ rows, columns, labels }: Table): TableNote[] {
  const sums = new Float64Array(rows);
  const bits = new Uint32Array(2);
  const number = new Float64Array(bits.buffer);
  for (let row = 0; row < rows; row++) {
    let [a, b] = [0x811c9dc5, 0x9747b28c];
    const mix = (word: number) => {
      a = Math.imul(a ^ word, 0x01000193);
      a ^= a >>> 15;
      b = Math.imul(b ^ word, 0x85ebca6b);
      b ^= b >>> 13;
    };
    for (const column of columns) {
      if (column.kind === "categorical") mix(column.codes[row]);
      else {
        number[0] = column.values[row];
        mix(bits[0]);
        mix(bits[1]);
      }
    }
    if (labels) mix(labels.codes[row]);
    sums[row] = (a >>> 0) * 2 ** 21 + (b >>> 11);
  }
  sums.sort();
  let repeated = 0;
  for (let row = 1; row < rows; row++) if (sums[row] === sums[row - 1]) repeated++;
  if (repeated === 0) return [];
  const message = `rows that are as an earlier one: ${repeated} of ${rows}; parts of a split will share them`;
  return [{ kind: "repeated rows", message, examples: [] }];
}

function farNumbers({ name, values }: NumericColumn, [least, most]: readonly [number, number]): TableNote[] {
  const width = most - least;
  const present = values.filter((value) => !Number.isNaN(value));
  const far = present.filter((value) => value < least - width || value > most + width);
  if (far.length === 0) return [];
  const examples = Array.from(new Set(far.subarray(0, 3)), String);
  const range = least === most ? `${short(least)} in every row` : `${short(least)} … ${short(most)}`;
  return [
    {
      kind: "far numbers",
      column: name,
      message: `${far.length} of ${counted(present.length, "number")} lie far outside of those trained on (${range}): ${listed(examples)}`,
      examples,
    },
  ];
}

function newCategories(
  { name, categories, codes }: CategoricalColumn,
  known: readonly string[],
  knownMissing: number,
): TableNote[] {
  const before = new Set(known);
  const isNew = categories.map((category) => !before.has(category));
  const cellsOf = new Int32Array(categories.length);
  let [cells, missing] = [0, 0];
  for (const code of codes) {
    if (code < 0) missing++;
    else if (isNew[code]) {
      cells++;
      cellsOf[code]++;
    }
  }
  const notes: TableNote[] = [];
  if (cells > 0) {
    const examples = categories.filter((_, code) => cellsOf[code] > 0);
    const names = `${examples.slice(0, 6).map(shown).join(", ")}${examples.length > 6 ? ", …" : ""}`;
    notes.push({
      kind: "new categories",
      column: name,
      message: `${cells} of ${counted(codes.length - missing, "cell")} have categories not seen in training: ${names}`,
      examples: examples.slice(0, 6),
    });
  }
  if (missing > 0 && knownMissing === 0)
    notes.push({
      kind: "newly missing",
      column: name,
      message: `${counted(missing, "cell")} missing, where none was in training`,
      examples: [],
    });
  return notes;
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}
