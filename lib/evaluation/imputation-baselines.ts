/** What a hidden column can be told from without the model: its marginal, and a linear model of the visible columns. */
import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { fold, type Key } from "../engine/random.js";
import type { TableRows, TableShape } from "../models/var-t-jepa/table.js";
import { stepsPerEpoch } from "../training/schedule.js";
import {
  classProbabilities,
  fitSoftmaxRegression,
  type LinearProbeConfig,
  mostProbable,
} from "./linear-probe.js";
import { type RawFeatures, rawFeatures } from "./raw-features.js";

/** What is said about one column of some rows. */
export interface CellPredictions {
  /** log p(true value) in nats, `[rows]`; of a standardised number it is a log density. */
  readonly logLikelihood: Float64Array;
  /** Mean of a number or the most probable category, `[rows]`. */
  readonly point: Float64Array;
}

/** The smallest residual standard deviation: keeps the density of a column that others determine finite. */
const SMALLEST_DEVIATION = 1e-3;

/** Added to the diagonal of the normal equations. */
const RIDGE = 1;

/** Steps and batches of softmax regression on indicators and standardised numbers, whatever the number of rows. */
const STEPS = 600;
const BATCH_SIZE = 512;

function softmaxConfig(rows: number): LinearProbeConfig {
  const epochs = Math.ceil(STEPS / stepsPerEpoch(rows, BATCH_SIZE));
  return { epochs, batchSize: BATCH_SIZE, learningRate: 2e-2, weightDecay: 0 };
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

/**
 * The column's distribution on the training rows, for every row alike: a Gaussian with their mean and variance, or
 * their frequencies with one row added to each category.
 */
export function marginalPredictions(
  shape: TableShape,
  training: TableRows,
  heldOut: TableRows,
  feature: number,
): CellPredictions {
  const seen = columnValues(shape, training, feature);
  const truth = columnValues(shape, heldOut, feature);
  if (feature < shape.numeric) {
    const mean = seen.reduce((sum, v) => sum + v, 0) / seen.length;
    const variance = seen.reduce((sum, v) => sum + (v - mean) ** 2, 0) / seen.length;
    return gaussian(truth, new Float64Array(truth.length).fill(mean), Math.sqrt(variance));
  }
  const counts = new Float64Array(shape.cardinalities[feature - shape.numeric]).fill(1);
  for (const category of seen) counts[category]++;
  const frequencies = counts.map((count) => count / (seen.length + counts.length));
  return {
    logLikelihood: truth.map((category) => Math.log(frequencies[category])),
    point: new Float64Array(truth.length).fill(mostProbable(frequencies, frequencies.length)[0]),
  };
}

/**
 * A linear model of the column from the visible ones, fitted on the training rows: ridge regression with Gaussian
 * residuals, or softmax regression.
 * @param visible the columns it sees, numbers as they are and categories as indicators
 * @param key source of start weights and batches of softmax regression
 */
export async function linearPredictions(
  shape: TableShape,
  training: TableRows,
  heldOut: TableRows,
  feature: number,
  visible: readonly number[],
  key: Key,
): Promise<CellPredictions> {
  const [seen, asked] = [training, heldOut].map((input) => rawFeatures(shape, input, visible));
  const target = columnValues(shape, training, feature);
  const truth = columnValues(shape, heldOut, feature);
  if (feature < shape.numeric) {
    const { predict, deviation } = fitRidge(seen, target);
    return gaussian(truth, predict(asked), deviation);
  }
  const classes = shape.cardinalities[feature - shape.numeric];
  const labelled = { ...seen, labels: Int32Array.from(target) };
  const all = (input: TableRows) => Int32Array.from({ length: input.rows }, (_, row) => row);
  const regression = await fitSoftmaxRegression(
    fold(key, "linear"),
    labelled,
    classes,
    all(training),
    softmaxConfig(training.rows),
  );
  const probabilities = classProbabilities(regression, asked.values, all(heldOut));
  return {
    logLikelihood: truth.map((category, row) => Math.log(probabilities[row * classes + category])),
    point: Float64Array.from(mostProbable(probabilities, classes)),
  };
}

/** Ridge regression with an unpenalised intercept, and the standard deviation of its residuals. */
function fitRidge(
  { values, columns }: RawFeatures,
  target: Float64Array,
): { predict: (features: RawFeatures) => Float64Array; deviation: number } {
  const rows = target.length;
  // The intercept is a last column of ones.
  const width = columns + 1;
  const gram = Matrix.zeros(width, width);
  const moment = Matrix.zeros(width, 1);
  const entry = new Float64Array(width).fill(1);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < columns; j++) entry[j] = values[row * columns + j];
    for (let j = 0; j < width; j++) {
      if (entry[j] === 0) continue;
      moment.set(j, 0, moment.get(j, 0) + entry[j] * target[row]);
      for (let k = 0; k <= j; k++) gram.set(j, k, gram.get(j, k) + entry[j] * entry[k]);
    }
  }
  for (let j = 0; j < width; j++) {
    if (j < columns) gram.set(j, j, gram.get(j, j) + RIDGE);
    for (let k = 0; k < j; k++) gram.set(k, j, gram.get(j, k));
  }
  const solution = new CholeskyDecomposition(gram).solve(moment).getColumn(0);
  const predict = (features: RawFeatures): Float64Array =>
    Float64Array.from({ length: features.values.length / columns }, (_, row) => {
      let sum = solution[columns];
      for (let j = 0; j < columns; j++) sum += solution[j] * features.values[row * columns + j];
      return sum;
    });
  const fitted = predict({ values, columns });
  const squares = target.reduce((sum, v, row) => sum + (v - fitted[row]) ** 2, 0);
  return { predict, deviation: Math.sqrt(squares / rows) };
}

function gaussian(truth: Float64Array, mean: Float64Array, deviation: number): CellPredictions {
  const sigma = Math.max(deviation, SMALLEST_DEVIATION);
  const constant = Math.log(sigma) + 0.5 * Math.log(2 * Math.PI);
  return {
    logLikelihood: truth.map((v, row) => -0.5 * ((v - mean[row]) / sigma) ** 2 - constant),
    point: mean,
  };
}
