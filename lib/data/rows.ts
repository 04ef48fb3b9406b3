import * as tf from "../engine/tf.js";

/**
 * The chosen rows of a row-major array as a tensor.
 * @param values `[n, columns]`
 * @returns `[rows.length, columns]`
 */
export function takeRows(values: Float32Array, columns: number, rows: Int32Array): tf.Tensor2D {
  const out = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => {
    out.set(values.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return tf.tensor2d(out, [rows.length, columns]);
}

/**
 * Checks observations before they enter a model.
 * @throws naming the field when its length does not fit, or the row and column of the first value that is not finite.
 */
export function checkObservations(field: string, values: Float32Array, rows: number, columns: number): void {
  if (values.length !== rows * columns)
    throw new Error(
      `${field} holds ${values.length} values; ${rows} rows of ${columns} need ${rows * columns}. Check its shape or the model's size`,
    );
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new Error(
      `${field} holds ${values[bad]} at row ${Math.floor(bad / columns)}, column ${bad % columns}; fill or drop missing values first`,
    );
}
