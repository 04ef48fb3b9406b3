/** Ridge regression on rows that are mostly indicators, in closed form. */
import { CholeskyDecomposition, Matrix } from "ml-matrix";
import type { SparseFeatures } from "./raw-features.js";

/** The weights that minimise Σ over rows (target − prediction)² + λ · ‖weights without the intercept‖². */
export interface Ridge {
  readonly lambda: number;
  /** `[columns + 1]`; the last is the intercept, which is not penalised. */
  readonly weights: Float64Array;
  /** Predictions, `[rows]`. */
  readonly predict: (features: SparseFeatures) => Float64Array;
  /** Root mean square, over the rows fitted on, of what a fit without the row misses it by. */
  readonly leaveOneOutDeviation: () => number;
}

/**
 * Prepares fits of one target for any λ above 0.
 * @param features `[rows, columns]`, of about unit scale
 * @param target a number per row, `[rows]`
 */
export function fitRidge(features: SparseFeatures, target: Float64Array): (lambda: number) => Ridge {
  const width = features.columns + 1;
  const gram = Matrix.zeros(width, width);
  const moment = Matrix.zeros(width, 1);
  const entries = activeEntries(features);
  // The intercept is found beside the target's mean, so that large targets lose no digits.
  const mean = target.reduce((sum, v) => sum + v / target.length, 0);
  for (let row = 0; row < features.rows; row++) {
    const { place, x } = entries(row);
    for (let a = 0; a < place.length; a++) {
      moment.set(place[a], 0, moment.get(place[a], 0) + x[a] * (target[row] - mean));
      for (let b = 0; b <= a; b++) gram.set(place[a], place[b], gram.get(place[a], place[b]) + x[a] * x[b]);
    }
  }
  for (let j = 0; j < width; j++) for (let k = 0; k < j; k++) gram.set(k, j, gram.get(j, k));
  return (lambda) => {
    const penalised = gram.clone();
    for (let j = 0; j < features.columns; j++) penalised.set(j, j, gram.get(j, j) + lambda);
    const decomposition = new CholeskyDecomposition(penalised);
    const weights = Float64Array.from(decomposition.solve(moment).getColumn(0));
    weights[features.columns] += mean;
    const predict = (asked: SparseFeatures) => {
      const own = activeEntries(asked);
      return Float64Array.from({ length: asked.rows }, (_, row) => {
        const { place, x } = own(row);
        let sum = 0;
        for (let a = 0; a < place.length; a++) sum += weights[place[a]] * x[a];
        return sum;
      });
    };
    const leaveOneOutDeviation = () => {
      const inverse = decomposition.solve(Matrix.eye(width));
      const fitted = predict(features);
      let squares = 0;
      for (let row = 0; row < features.rows; row++) {
        const { place, x } = entries(row);
        let leverage = 0;
        for (let a = 0; a < place.length; a++)
          for (let b = 0; b < place.length; b++) leverage += x[a] * x[b] * inverse.get(place[a], place[b]);
        // A single row that the intercept alone is fitted to has leverage 1 and says nothing of the others.
        squares += ((target[row] - fitted[row]) / Math.max(1 - leverage, 1e-9)) ** 2 / features.rows;
      }
      return Math.sqrt(squares);
    };
    return { lambda, weights, predict, leaveOneOutDeviation };
  };
}

/** The columns of a row that are not 0 by form, ascending, the intercept last, and what they hold. */
function activeEntries({ columns, numbers, numberCount, indicators, indicatorCount }: SparseFeatures) {
  const place = Int32Array.from({ length: numberCount + indicatorCount + 1 }, (_, i) =>
    i < numberCount ? i : columns,
  );
  const x = new Float64Array(place.length).fill(1);
  return (row: number) => {
    for (let j = 0; j < numberCount; j++) x[j] = numbers[row * numberCount + j];
    for (let j = 0; j < indicatorCount; j++) place[numberCount + j] = indicators[row * indicatorCount + j];
    return { place, x };
  };
}
