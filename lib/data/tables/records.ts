import { sortedCategories } from "./infer.js";
import { featureNames } from "./known-cells.js";
import { readNumber } from "./number-text.js";
import type { TableSchema } from "./preprocess.js";
import { listed, quoted } from "./quote.js";
import type { Column, Table } from "./table.js";

/** One row by column name; `null` is a missing cell. */
export type TableRecord = Readonly<Record<string, string | number | null>>;

/** Rows of a table as plain objects, missing cells as `null`; the label, if any, under its column's name. */
export function tableRecords(table: Pick<Table, "rows" | "columns" | "labels">): TableRecord[] {
  return Array.from({ length: table.rows }, (_, row) => {
    const cells = table.columns.map((column) => [column.name, cellOf(column, row)]);
    const label = table.labels && [[table.labels.name, table.labels.classes[table.labels.codes[row]]]];
    return Object.fromEntries([...cells, ...(label ?? [])]);
  });
}

/**
 * A table of new rows written by hand, with the features of a schema and no labels.
 * @throws naming row and column when a key is no feature of the schema, a feature has no entry, or a numeric one is not a number.
 */
export function tableOfRecords(schema: TableSchema, records: readonly TableRecord[]): Table {
  const names = featureNames(schema);
  records.forEach((record, row) => {
    const other = Object.keys(record).find((key) => !names.includes(key) && key !== schema.labels?.name);
    if (other !== undefined)
      throw new Error(`row ${row} has ${quoted(other)}, which is no feature; use ${listed(names)}`);
    const absent = names.find((name) => !Object.hasOwn(record, name) || record[name] === undefined);
    if (absent !== undefined)
      throw new Error(`row ${row} has no ${quoted(absent)}; give a value, or null for missing`);
  });
  const numeric = schema.numeric.map(({ name }): Column => {
    const values = Float64Array.from(records, (record, row) => numberOf(record[name], row, name));
    return { name, kind: "numeric", values };
  });
  const categorical = schema.categorical.map(({ name }): Column => {
    const cells = records.map((record) => record[name]);
    const categories = sortedCategories(new Set(cells.filter((cell) => cell !== null).map(String)));
    const codeOf = new Map(categories.map((category, code) => [category, code]));
    const codes = Int32Array.from(cells, (cell) => (cell === null ? -1 : codeOf.get(String(cell))!));
    return { name, kind: "categorical", categories, codes };
  });
  return {
    name: "records",
    rows: records.length,
    columns: [...numeric, ...categorical],
    source: { title: "rows written by hand", files: [], notes: [] },
  };
}

function cellOf(column: Column, row: number): string | number | null {
  if (column.kind === "categorical") return column.categories[column.codes[row]] ?? null;
  const value = column.values[row];
  return Number.isNaN(value) ? null : value;
}

function numberOf(cell: string | number | null, row: number, name: string): number {
  if (cell === null) return Number.NaN;
  const value = typeof cell === "number" ? cell : readNumber(cell.trim());
  if (!Number.isFinite(value))
    throw new Error(
      `row ${row}, column ${quoted(name)} holds ${quoted(String(cell))}; give a number, or null for missing`,
    );
  return value;
}
