/** Columns brought to a common scale, row by row as they are needed. */
import * as tf from "../../engine/tf.js";

/** How columns are brought to a common scale: (value − mean) · factor. */
export interface Scaling {
  /** `[columns]` */
  readonly mean: Float64Array;
  /** 1 / standard deviation; 0 for a constant column. `[columns]` */
  readonly factor: Float64Array;
}

/**
 * Mean and standard deviation of every column over the given rows. A column whose deviation is below a millionth of
 * its mean is constant but for rounding and is left out (factor 0).
 */
export function fitScaling(values: Float32Array, columns: number, rows: Int32Array): Scaling {
  const mean = new Float64Array(columns);
  for (const row of rows) for (let j = 0; j < columns; j++) mean[j] += values[row * columns + j];
  for (let j = 0; j < columns; j++) mean[j] /= rows.length;
  const squares = new Float64Array(columns);
  for (const row of rows)
    for (let j = 0; j < columns; j++) {
      const centred = values[row * columns + j] - mean[j];
      squares[j] += centred * centred;
    }
  const factor = squares.map((sum, j) => {
    const deviation = Math.sqrt(sum / rows.length);
    return deviation > 1e-6 * Math.abs(mean[j]) ? 1 / deviation : 0;
  });
  return { mean, factor };
}

/** `fitScaling` for columns of numbers; of others values stay as they are. */
export function numbersScaling(
  values: Float32Array,
  columns: number,
  rows: Int32Array,
  isOther: (column: number) => boolean,
): Scaling {
  const { mean, factor } = fitScaling(values, columns, rows);
  return {
    mean: mean.map((value, j) => (isOther(j) ? 0 : value)),
    factor: factor.map((value, j) => (isOther(j) ? 1 : value)),
  };
}

/** Chosen rows, scaled: `[rows.length, columns]`. */
export function scaledRows(
  values: Float32Array,
  columns: number,
  rows: Int32Array,
  { mean, factor }: Scaling,
): tf.Tensor2D {
  const out = new Float32Array(rows.length * columns);
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i] * columns;
    const to = i * columns;
    for (let j = 0; j < columns; j++) out[to + j] = (values[from + j] - mean[j]) * factor[j];
  }
  return tf.tensor2d(out, [rows.length, columns]);
}
