import { featureCount, type TableRows, type TableShape } from "../models/var-t-jepa/table.js";

/** Columns of numbers made of a table. */
export interface RawFeatures {
  /** Row-major `[rows, columns]`. */
  readonly values: Float32Array;
  readonly columns: number;
}

/**
 * The encoded table itself as features: standardised numbers as they are, categories as indicators (one-hot).
 * @param features which ones, in this order; all by default
 */
export function rawFeatures(shape: TableShape, input: TableRows, features?: readonly number[]): RawFeatures {
  const chosen = features ?? Array.from({ length: featureCount(shape) }, (_, j) => j);
  const widths = chosen.map((j) => (j < shape.numeric ? 1 : shape.cardinalities[j - shape.numeric]));
  const columns = widths.reduce((sum, width) => sum + width, 0);
  const values = new Float32Array(input.rows * columns);
  let offset = 0;
  chosen.forEach((j, i) => {
    for (let row = 0; row < input.rows; row++) {
      const at = row * columns + offset;
      if (j < shape.numeric) values[at] = input.numeric[row * shape.numeric + j];
      else values[at + input.categorical[row * shape.cardinalities.length + j - shape.numeric]] = 1;
    }
    offset += widths[i];
  });
  return { values, columns };
}
