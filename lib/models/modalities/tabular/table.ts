/** What the model is told about a table: its columns, and the values of some rows. */
import { checkList, checkRecord, checkWhole } from "../../../checks.js";

/** The columns of an encoded table. Features count numeric ones first, then categorical ones: D together. */
export interface TableShape {
  /** How many numeric columns there are. */
  readonly numeric: number;
  /** Categories of each categorical column, the slot for unseen ones included. */
  readonly cardinalities: readonly number[];
}

/** Values of some rows of an encoded table. */
export interface TableRows {
  readonly rows: number;
  /** Row-major `[rows, numeric]`; missing values are filled in before. */
  readonly numeric: Float32Array;
  /** Category codes, row-major `[rows, cardinalities.length]`. */
  readonly categorical: Int32Array;
}

/** D, the number of features. */
export function featureCount({ numeric, cardinalities }: TableShape): number {
  return numeric + cardinalities.length;
}

/** The rows with the given indices, in that order. */
export function selectRows(shape: TableShape, input: TableRows, indices: ArrayLike<number>): TableRows {
  const columns = shape.cardinalities.length;
  const numeric = new Float32Array(indices.length * shape.numeric);
  const categorical = new Int32Array(indices.length * columns);
  for (let i = 0; i < indices.length; i++) {
    const row = indices[i];
    numeric.set(input.numeric.subarray(row * shape.numeric, (row + 1) * shape.numeric), i * shape.numeric);
    categorical.set(input.categorical.subarray(row * columns, (row + 1) * columns), i * columns);
  }
  return { rows: indices.length, numeric, categorical };
}

/** @throws when there are too few columns, or a number is none that a table can have. */
export function checkTableShape(shape: TableShape): void {
  checkRecord("table", shape);
  checkWhole("table: numeric", shape.numeric, 0, 1e6);
  checkList("table: cardinalities", shape.cardinalities);
  shape.cardinalities.forEach((count, j) => {
    checkWhole(`table: cardinalities[${j}]`, count, 1, 1e8);
  });
  if (featureCount(shape) < 2)
    throw new Error(`table: it has ${featureCount(shape)} features; a context and a target need at least 2`);
}

/**
 * Checks the values of rows before they enter a model.
 * @throws naming the field whose length does not fit, or the row and column of the first number that is not finite
 *   or code that is outside its column's cardinality.
 */
export function checkTableRows(shape: TableShape, input: TableRows): void {
  for (const [field, columns] of [
    ["numeric", shape.numeric],
    ["categorical", shape.cardinalities.length],
  ] as const)
    if (input[field].length !== input.rows * columns)
      throw new Error(
        `${field} holds ${input[field].length} values; ${input.rows} rows of ${columns} need ${input.rows * columns}`,
      );
  const bad = input.numeric.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new Error(
      `numeric holds ${input.numeric[bad]} at row ${Math.floor(bad / shape.numeric)}, column ${bad % shape.numeric}; fill in missing values first`,
    );
  const columns = shape.cardinalities.length;
  const wrong = input.categorical.findIndex(
    (code, i) => code < 0 || code >= shape.cardinalities[i % columns],
  );
  if (wrong >= 0)
    throw new Error(
      `categorical holds ${input.categorical[wrong]} at row ${Math.floor(wrong / columns)}, column ${wrong % columns}, ` +
        `which has ${shape.cardinalities[wrong % columns]} categories; use its slot for unseen ones`,
    );
}

/** True values of a feature: numbers, or categories as whole numbers. `[rows]` */
export function columnValues(shape: TableShape, input: TableRows, feature: number): Float64Array {
  const categorical = shape.cardinalities.length;
  return Float64Array.from({ length: input.rows }, (_, row) =>
    feature < shape.numeric
      ? input.numeric[row * shape.numeric + feature]
      : input.categorical[row * categorical + feature - shape.numeric],
  );
}
