/** What learns classes from the features of some rows and tells them for others. */
import { checkWhole } from "../../checks.js";
import { mostProbable } from "../../distributions/categorical.js";
import type { Key } from "../../engine/random.js";

/** Features of rows: a number of tokens each, such as one per column of a table. */
export interface Features {
  /** Row-major `[rows, tokens, width]`. */
  readonly values: Float32Array;
  readonly shape: readonly [rows: number, tokens: number, width: number];
  /** Of a table's columns as they are, which have width 1: how many categories each has, 0 for a number; a value is the code. */
  readonly categories?: readonly number[];
}

/** More would be numbers taken for classes. */
const MOST_CLASSES = 65536;

/** Rows by their number, each list in the order in which it is used. */
export interface PredictorSplit {
  /** Rows to learn from. */
  readonly train: Int32Array;
  /** Rows that choose when to stop; predictors that train for a fixed time need none. */
  readonly validation?: Int32Array;
  /** Rows to score. */
  readonly test: Int32Array;
}

/** The same for what never stops early: it learns from the rows that others stop by, too. */
export function withoutValidation({
  train,
  validation = new Int32Array(),
  test,
}: PredictorSplit): PredictorSplit {
  return { train: Int32Array.from([...train, ...validation]).sort(), test };
}

/** What a predictor says about the rows `split.test`, in their order; every metric is a function of it. */
export interface Predictions<Settings = unknown> {
  readonly predictor: string;
  readonly settings: Settings;
  readonly split: PredictorSplit;
  readonly classes: number;
  /** True class, `[rows scored]`. */
  readonly labels: Int32Array;
  /** Most probable class, `[rows scored]`. */
  readonly predicted: Int32Array;
  /** Row-major `[rows scored, classes]`. */
  readonly probabilities: Float32Array;
}

/** A kind of classifier; one file each. */
export interface Predictor<Settings> {
  readonly name: string;
  readonly defaults: Settings;
  /**
   * Learns from the rows `split.train` and scores the rows `split.test`. Equal arguments, equal predictions.
   * @param key source of start weights, batches and noise
   * @param labels class of each row, a whole number from 0, `[rows]`
   * @param onProgress called with the steps made, of how many
   * @throws as `checkFeatures` does, or naming the setting that makes no sense.
   */
  fit(
    key: Key,
    features: Features,
    labels: ArrayLike<number>,
    split: PredictorSplit,
    settings?: Settings,
    onProgress?: (done: number, total: number) => void,
  ): Promise<Predictions<Settings>>;
}

/** Features as columns side by side, categories as indicators; without categories the very same numbers. */
export function flatColumns({ values, shape: [rows, tokens, width], categories }: Features): {
  /** Row-major `[rows, columns]`. */
  readonly values: Float32Array;
  readonly columns: number;
  /** Which columns are indicators. */
  readonly isIndicator: (column: number) => boolean;
} {
  if (!categories) return { values, columns: tokens * width, isIndicator: () => false };
  const offsets = [0];
  const indicators = categories.flatMap((count) => {
    offsets.push(offsets[offsets.length - 1] + Math.max(1, count));
    return Array<boolean>(Math.max(1, count)).fill(count > 0);
  });
  const columns = indicators.length;
  const flat = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let j = 0; j < tokens; j++) {
      const value = values[row * tokens + j];
      if (categories[j] > 0) flat[row * columns + offsets[j] + value] = 1;
      else flat[row * columns + offsets[j]] = value;
    }
  return { values: flat, columns, isIndicator: (column) => indicators[column] };
}

/** Number of classes: one more than the largest label. */
export function classCount(labels: ArrayLike<number>): number {
  let top = 0;
  for (let row = 0; row < labels.length; row++) top = Math.max(top, labels[row]);
  return 1 + top;
}

/** Labels of the given rows. */
export function labelsOf(labels: ArrayLike<number>, rows: Int32Array): Int32Array {
  return rows.map((row) => labels[row]);
}

/**
 * What a predictor told of the test rows.
 * @param told what decided it, labels those of all rows, and `probabilities` row-major `[test rows, classes]`
 */
export function predictionsOf<Settings>({
  labels,
  ...told
}: Omit<Predictions<Settings>, "labels" | "predicted"> & {
  readonly labels: ArrayLike<number>;
}): Predictions<Settings> {
  const predicted = mostProbable(told.probabilities, told.classes);
  return { ...told, labels: labelsOf(labels, told.split.test), predicted };
}

/**
 * @throws when values or categories do not fit the shape, a value is not finite or no code of its column, labels are not one
 * whole number per row, or train or test is empty, or a list names a row that is not there.
 */
export function checkFeatures(
  { values, shape, categories }: Features,
  labels: ArrayLike<number>,
  split: PredictorSplit,
): void {
  const [rows, tokens, width] = shape;
  if (values.length !== rows * tokens * width)
    throw new Error(
      `values holds ${values.length} numbers; the shape [${shape.join(", ")}] needs ${rows * tokens * width}`,
    );
  if (categories && (width !== 1 || categories.length !== tokens))
    throw new Error(
      `categories has ${categories.length} entries; the shape [${shape.join(", ")}] needs ${tokens}, and width 1`,
    );
  values.forEach((value, i) => {
    const place = () => `row ${Math.floor(i / (tokens * width))}, column ${i % (tokens * width)}`;
    if (!Number.isFinite(value)) throw new Error(`values holds ${value} at ${place()}; use finite numbers`);
    const count = categories?.[i % tokens] ?? 0;
    if (count > 0 && !(Number.isInteger(value) && value >= 0 && value < count))
      throw new Error(
        `values holds the code ${value} at ${place()}; use a whole number from 0 to ${count - 1}`,
      );
  });
  if (labels.length !== rows)
    throw new Error(`labels holds ${labels.length} classes; ${rows} rows need as many`);
  for (let row = 0; row < rows; row++) checkWhole(`labels[${row}]`, labels[row], 0, MOST_CLASSES - 1);
  for (const [name, chosen] of Object.entries(split) as [string, Int32Array | undefined][]) {
    if (!chosen) continue;
    if (chosen.length === 0 && name !== "validation")
      throw new Error(`${name} is empty; give at least one row`);
    const bad = chosen.find((row) => !(row >= 0 && row < rows));
    if (bad !== undefined) throw new Error(`${name} names row ${bad}; there are rows 0 to ${rows - 1}`);
  }
}
