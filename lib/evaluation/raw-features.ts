import { featureCount, type TableRows, type TableShape } from "../models/modalities/tabular/table.js";
import type { Features } from "./predictors/predictor.js";

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

/** The encoded table as one token per feature: standardised numbers as they are, categories by their codes. */
export function tableFeatures(shape: TableShape, { rows, numeric, categorical }: TableRows): Features {
  const features = featureCount(shape);
  const codes = features - shape.numeric;
  const values = new Float32Array(rows * features);
  for (let row = 0; row < rows; row++) {
    values.set(numeric.subarray(row * shape.numeric, (row + 1) * shape.numeric), row * features);
    values.set(categorical.subarray(row * codes, (row + 1) * codes), row * features + shape.numeric);
  }
  const categories = [...Array<number>(shape.numeric).fill(0), ...shape.cardinalities];
  return { values, shape: [rows, features, 1], categories };
}

/** The encoded table as features of which most are 0: numbers first, then the place of each category's indicator. */
export interface SparseFeatures {
  readonly rows: number;
  /** Numbers and indicators together. */
  readonly columns: number;
  readonly numberCount: number;
  /** Columns 0 … numberCount − 1, row-major `[rows, numberCount]`. */
  readonly numbers: Float64Array;
  readonly indicatorCount: number;
  /** Which columns hold a 1, ascending, row-major `[rows, indicatorCount]`. */
  readonly indicators: Int32Array;
}

/**
 * The features of several tables of one shape, their numbers brought to mean 0 and deviation 1 over the rows of the
 * first; a number that is constant there (but for rounding) is 0 everywhere.
 * @param features which ones; the order does not matter
 */
export function sparseFeatures(
  shape: TableShape,
  inputs: readonly TableRows[],
  features: readonly number[],
): SparseFeatures[] {
  const chosen = [...features].sort((a, b) => a - b);
  const numeric = chosen.filter((j) => j < shape.numeric);
  const categorical = chosen.filter((j) => j >= shape.numeric).map((j) => j - shape.numeric);
  const scales = numeric.map((j) => columnScale(shape, inputs[0], j));
  let columns = numeric.length;
  const offsets = categorical.map((j) => {
    columns += shape.cardinalities[j];
    return columns - shape.cardinalities[j];
  });
  return inputs.map((input) => {
    const numbers = new Float64Array(input.rows * numeric.length);
    const indicators = new Int32Array(input.rows * categorical.length);
    for (let row = 0; row < input.rows; row++) {
      numeric.forEach((j, i) => {
        const { mean, factor } = scales[i];
        numbers[row * numeric.length + i] = (input.numeric[row * shape.numeric + j] - mean) * factor;
      });
      categorical.forEach((j, i) => {
        const slot = input.categorical[row * shape.cardinalities.length + j];
        indicators[row * categorical.length + i] = offsets[i] + slot;
      });
    }
    return {
      rows: input.rows,
      columns,
      numberCount: numeric.length,
      numbers,
      indicatorCount: categorical.length,
      indicators,
    };
  });
}

function columnScale(shape: TableShape, { rows, numeric }: TableRows, feature: number) {
  let mean = 0;
  for (let row = 0; row < rows; row++) mean += numeric[row * shape.numeric + feature] / rows;
  let variance = 0;
  for (let row = 0; row < rows; row++)
    variance += (numeric[row * shape.numeric + feature] - mean) ** 2 / rows;
  const deviation = Math.sqrt(variance);
  return { mean, factor: deviation > 1e-6 * Math.abs(mean) ? 1 / deviation : 0 };
}
