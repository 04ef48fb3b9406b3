/** From tables to a model's input and back, by a schema that is fitted once and kept with the model. */

import { meanAndDeviation, rangeOf } from "../../moments.js";
import { countMissing } from "./describe.js";
import { largestNumber } from "./number-text.js";
import { listed, quoted, typed } from "./quote.js";
import {
  type CategoricalColumn,
  type Column,
  categoricalColumns,
  columnNamed,
  type NumericColumn,
  numericColumns,
  type Table,
  takeTableRows,
} from "./table.js";

/** How a numeric column enters the model: (value − mean) / std; a missing value as 0, the mean. */
export interface NumericFeature {
  readonly name: string;
  readonly mean: number;
  /** Standard deviation over the present values; 1 for a constant column. */
  readonly std: number;
  /** Missing cells among the rows fitted on. */
  readonly missing: number;
  /** The smallest and the largest number fitted on; models of version 0.1.0 have none. */
  readonly range?: readonly [number, number];
  /** Whether all numbers fitted on were whole; models of before that was kept have none. */
  readonly whole?: boolean;
}

/**
 * How a categorical column enters the model: as a slot number. The categories come first; when a cell was missing
 * among the rows fitted on, "missing" is a category of its own after them; the last slot is for every value
 * not seen in fitting.
 */
export interface CategoricalFeature {
  readonly name: string;
  readonly categories: readonly string[];
  /** Missing cells among the rows fitted on. */
  readonly missing: number;
}

/** All that is needed to bring new rows into a model's form and its output back into units and names: plain JSON. */
export interface TableSchema {
  /** Numeric features come first in the model, in this order, … */
  readonly numeric: readonly NumericFeature[];
  /** … categorical ones after them. */
  readonly categorical: readonly CategoricalFeature[];
  readonly labels?: { readonly name: string; readonly classes: readonly string[] };
}

/** Feature values in a model's form. */
export interface EncodedFeatures {
  readonly rows: number;
  /** Standardised, row-major `[rows, numeric features]`. */
  readonly numeric: Float32Array;
  /** Slots, row-major `[rows, categorical features]`. */
  readonly categorical: Int32Array;
}

/** A table in a model's form. */
export interface EncodedTable extends EncodedFeatures {
  /** Class of each row, `[rows]`. */
  readonly labels?: Int32Array;
  readonly schema: TableSchema;
}

/**
 * Fits means, standard deviations and category lists.
 * @param rows the rows to fit on; all of them by default
 * @throws naming the column that has no value in these rows, or a number that a model cannot compute with.
 */
export function fitSchema(table: Table, rows?: Int32Array): TableSchema {
  const fitted = rows ? takeTableRows(table, rows) : table;
  for (const column of fitted.columns)
    if (countMissing(column) === fitted.rows)
      throw new Error(
        `the column ${quoted(column.name)} of ${quoted(table.name)} has no value to fit on; leave it out${typed("ignore", [column.name])}`,
      );
  const numeric = numericColumns(fitted).map(fitNumeric);
  const categorical = categoricalColumns(fitted).map(fitCategorical);
  const labels = table.labels && { name: table.labels.name, classes: table.labels.classes };
  return { numeric, categorical, labels };
}

function fitNumeric({ name, values }: NumericColumn): NumericFeature {
  const far = values.findIndex((value) => Math.abs(value) > largestNumber);
  if (far >= 0)
    throw new Error(
      `row ${far}, column ${quoted(name)} holds ${values[far]}, beyond ${largestNumber}, the most that a model can compute with; correct it, or count it as missing`,
    );
  const present = values.filter((value) => !Number.isNaN(value));
  const range = rangeOf(present);
  const missing = values.length - present.length;
  const whole = present.every(Number.isInteger);
  // By the sums alone 0.1 a hundred times would deviate by 2e-16.
  if (range[0] === range[1]) return { name, mean: range[0], std: 1, missing, range, whole };
  return { name, ...meanAndDeviation(present), missing, range, whole };
}

function fitCategorical(column: CategoricalColumn): CategoricalFeature {
  const seen = new Uint8Array(column.categories.length);
  for (const code of column.codes) if (code >= 0) seen[code] = 1;
  return {
    name: column.name,
    categories: column.categories.filter((_, code) => seen[code] === 1),
    missing: countMissing(column),
  };
}

/** Slots of a categorical feature: its categories, "missing" if it was seen, and the one for unseen values. */
export function slotCount({ categories, missing }: CategoricalFeature): number {
  return categories.length + (missing > 0 ? 1 : 0) + 1;
}

/**
 * Brings rows into the model's form. Columns that the schema does not know are passed over; labels are encoded when
 * the table has them.
 * @throws naming the column when it is missing or of another type, or the class when the schema does not know it.
 */
export function encodeTable(schema: TableSchema, table: Table): EncodedTable {
  const { rows } = table;
  const numeric = new Float32Array(rows * schema.numeric.length);
  schema.numeric.forEach((feature, j) => {
    const { values } = columnOf(table, feature.name, "numeric");
    for (let row = 0; row < rows; row++) {
      const value = (values[row] - feature.mean) / feature.std;
      if (Math.abs(value) > largestNumber)
        throw new Error(
          `row ${row}, column ${quoted(feature.name)} holds ${values[row]}, too far from the ${short(feature.mean)} ± ${short(feature.std)} that the model was trained on to compute with; correct it, or count it as missing`,
        );
      numeric[row * schema.numeric.length + j] = Number.isNaN(value) ? 0 : value;
    }
  });
  const categorical = new Int32Array(rows * schema.categorical.length);
  schema.categorical.forEach((feature, j) => {
    const { categories, codes } = columnOf(table, feature.name, "categorical");
    const unseen = slotCount(feature) - 1;
    const missing = feature.missing > 0 ? feature.categories.length : unseen;
    const known = new Map(feature.categories.map((name, slot) => [name, slot]));
    const slotOf = categories.map((name) => known.get(name) ?? unseen);
    for (let row = 0; row < rows; row++)
      categorical[row * schema.categorical.length + j] = codes[row] < 0 ? missing : slotOf[codes[row]];
  });
  return { rows, numeric, categorical, labels: encodeLabels(schema, table), schema };
}

/**
 * Brings a model's values back: numbers in their units, slots as category names. The slots "missing" and "unseen"
 * come back as missing; an imputed number comes back as the mean.
 * @throws when an array does not hold `rows` rows of the schema's features, or a slot is out of range.
 */
export function decodeFeatures(schema: TableSchema, features: EncodedFeatures): Column[] {
  const { rows } = features;
  checkSize("numeric", features.numeric.length, rows, schema.numeric.length);
  checkSize("categorical", features.categorical.length, rows, schema.categorical.length);
  const numbers = schema.numeric.map(({ name, mean, std }, j): Column => {
    const values = Float64Array.from({ length: rows }, (_, row) => {
      return features.numeric[row * schema.numeric.length + j] * std + mean;
    });
    return { name, kind: "numeric", values };
  });
  const names = schema.categorical.map((feature, j): Column => {
    const codes = Int32Array.from({ length: rows }, (_, row) => {
      const slot = features.categorical[row * schema.categorical.length + j];
      if (slot < 0 || slot >= slotCount(feature))
        throw new Error(
          `categorical holds slot ${slot} for ${quoted(feature.name)} at row ${row}; use 0 to ${slotCount(feature) - 1}`,
        );
      return slot < feature.categories.length ? slot : -1;
    });
    return { name: feature.name, kind: "categorical", categories: feature.categories, codes };
  });
  return [...numbers, ...names];
}

/** The schema in words, one line per feature in the model's order, ready for `table`. */
export function describeSchema(schema: TableSchema): { feature: string; type: string; encoding: string }[] {
  const numeric = schema.numeric.map(({ name, mean, std, missing }) => ({
    feature: name,
    type: "numeric",
    encoding: `(value − ${short(mean)}) / ${short(std)}${missing > 0 ? `; missing (${missing}): the mean` : ""}`,
  }));
  const categorical = schema.categorical.map((feature) => ({
    feature: feature.name,
    type: "categorical",
    encoding: `${slotCount(feature)} slots: ${feature.categories.length} known, ${feature.missing > 0 ? `missing (${feature.missing}), ` : ""}unseen`,
  }));
  return [...numeric, ...categorical];
}

function encodeLabels({ labels }: TableSchema, table: Table): Int32Array | undefined {
  if (!labels || !table.labels) return undefined;
  const codeOf = table.labels.classes.map((name) => labels.classes.indexOf(name));
  return table.labels.codes.map((code, row) => {
    if (codeOf[code] < 0)
      throw new Error(
        `row ${row} is of class ${quoted(table.labels!.classes[code])}; the model knows ${listed(labels.classes)}`,
      );
    return codeOf[code];
  });
}

function columnOf<K extends Column["kind"]>(
  table: Table,
  name: string,
  kind: K,
): Extract<Column, { kind: K }> {
  const column = columnNamed(table, name);
  if (column.kind !== kind)
    throw new Error(
      `the column ${quoted(name)} of ${quoted(table.name)} is ${column.kind} but ${kind} in the model; load it with ${kind}: [${quoted(name)}]`,
    );
  return column as Extract<Column, { kind: K }>;
}

function checkSize(field: string, length: number, rows: number, features: number): void {
  if (length !== rows * features)
    throw new Error(
      `${field} holds ${length} values; ${rows} rows of ${features} features need ${rows * features}`,
    );
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
