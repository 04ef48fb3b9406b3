/** Classes of rows that have none, told by a predictor that learned from rows that have. */
import { mostProbable } from "../distributions/categorical.js";
import type { Key } from "../engine/random.js";
import type { SettledPredictor } from "./compare-predictors.js";
import type { Features, PredictorSplit } from "./predictors/predictor.js";

/** What is told of some rows. */
export interface ToldRows {
  /** Most probable class, `[rows]`. */
  readonly predicted: Int32Array;
  /** Row-major `[rows, classes]`. */
  readonly probabilities: Float32Array;
}

/** What is told of new rows, and of those labelled rows that show how often it is right. */
export interface RowPredictions {
  readonly classes: number;
  readonly fresh: ToldRows;
  /** The rows `split.test`, in their order. */
  readonly scored: ToldRows;
}

/**
 * Learns from the rows `split.train` (and stops by `split.validation`), then tells the rows `split.test` and all new ones: one and
 * the same predictor, so that the score of the former is what the latter are worth.
 * @param labels class of each labelled row, a whole number from 0, `[rows]`
 * @throws when new features are of another shape, and as the predictor does.
 */
export async function predictRows(
  key: Key,
  { fit }: SettledPredictor,
  labelled: Features,
  labels: ArrayLike<number>,
  split: PredictorSplit,
  fresh: Features,
  onProgress?: (done: number, total: number) => void,
): Promise<RowPredictions> {
  const [known, count] = [labelled.shape[0], fresh.shape[0]];
  const places = Int32Array.from({ length: count }, (_, row) => known + row);
  // Nothing looks at the class of a row that is only told.
  const all = Int32Array.from({ length: known + count }, (_, row) => (row < known ? labels[row] : 0));
  const test = new Int32Array(split.test.length + count);
  test.set(split.test);
  test.set(places, split.test.length);
  const { classes, probabilities } = await fit(
    key,
    joined(labelled, fresh),
    all,
    { ...split, test },
    onProgress,
  );
  const told = (from: number, to?: number): ToldRows => {
    const part = probabilities.slice(from * classes, to === undefined ? undefined : to * classes);
    return { probabilities: part, predicted: mostProbable(part, classes) };
  };
  const scored = split.test.length;
  return { classes, scored: told(0, scored), fresh: told(scored) };
}

/** Rows of the one before those of the other. */
function joined(a: Features, b: Features): Features {
  const [rows, tokens, width] = a.shape;
  const [more, ...shape] = b.shape;
  if (shape[0] !== tokens || shape[1] !== width)
    throw new Error(
      `new rows have features of the shape [${shape.join(", ")}], those learned from [${tokens}, ${width}]; make both with the same model`,
    );
  const values = new Float32Array(a.values.length + b.values.length);
  values.set(a.values);
  values.set(b.values, a.values.length);
  return { ...a, values, shape: [rows + more, tokens, width] };
}
