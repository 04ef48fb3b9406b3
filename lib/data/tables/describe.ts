import { listed, shown } from "./quote.js";
import { type Column, classCounts, type Table } from "./table.js";

/** One line of a table's description, ready for `table`. */
export interface ColumnDescription {
  readonly column: string;
  readonly type: "numeric" | "categorical" | "target";
  /** Range of the numbers, or the categories. */
  readonly values: string;
  readonly missing: number;
  /** What to look at before training: constant columns, columns that number the rows (`tableNotes` says more). */
  readonly note: string;
}

/** Most categories spelt out in a description. */
const shownCategories = 6;
const shownClasses = 50;

/**
 * Says of every column its type, range or categories, number of missing cells, and whether it is constant or
 * different in every row; the target comes last with the rows of each class.
 */
export function describeTable(table: Table): ColumnDescription[] {
  const columns = table.columns.map((column) => describeColumn(column, table.rows));
  if (!table.labels) return columns;
  const counts = classCounts(table.labels);
  const classes = table.labels.classes
    .slice(0, shownClasses)
    .map((name, i) => `${shown(name)} (${counts[i]})`);
  const rest = counts.length > shownClasses ? ", …" : "";
  const values = `${counts.length} classes: ${classes.join(", ")}${rest}`;
  return [...columns, { column: table.labels.name, type: "target", values, missing: 0, note: "" }];
}

/** Of one column what `describeTable` says of all. */
export function describeColumn(column: Column, rows: number): ColumnDescription {
  const missing = countMissing(column);
  const { distinct, values, whole } =
    column.kind === "numeric" ? describeNumbers(column.values) : describeCategories(column.categories);
  return {
    column: column.name,
    type: column.kind,
    values,
    missing,
    note: noteOn(distinct, rows - missing, whole),
  };
}

/** How many cells of a column are missing. */
export function countMissing(column: Column): number {
  let missing = 0;
  if (column.kind === "numeric") for (const value of column.values) missing += Number.isNaN(value) ? 1 : 0;
  else for (const code of column.codes) missing += code < 0 ? 1 : 0;
  return missing;
}

interface Summary {
  readonly distinct: number;
  readonly values: string;
  /** Whether a different value in every row can mean an identifier: not so for measurements. */
  readonly whole: boolean;
}

function describeNumbers(values: Float64Array): Summary {
  const present = values.filter((value) => !Number.isNaN(value)).sort();
  let distinct = present.length > 0 ? 1 : 0;
  for (let i = 1; i < present.length; i++) if (present[i] !== present[i - 1]) distinct++;
  const [least, most] = [present[0], present[present.length - 1]];
  return {
    distinct,
    values: distinct === 0 ? "" : `${short(least)} … ${short(most)}`,
    whole: present.every(Number.isInteger),
  };
}

function describeCategories(categories: readonly string[]): Summary {
  const first = listed(categories.slice(0, shownCategories));
  const rest = categories.length > shownCategories ? ", …" : "";
  return {
    distinct: categories.length,
    values: `${categories.length} ${categories.length === 1 ? "category" : "categories"}: ${first}${rest}`,
    whole: true,
  };
}

/** What `describeTable` notes of columns that are no use to a model. */
export const columnNotes = {
  empty: "no value: name it in ignore",
  constant: "constant: name it in ignore",
  identifier: "different in every row: name it in ignore if it is an identifier",
} as const;

function noteOn(distinct: number, present: number, whole: boolean): string {
  if (present === 0) return columnNotes.empty;
  if (distinct === 1) return columnNotes.constant;
  return whole && distinct === present ? columnNotes.identifier : "";
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}
