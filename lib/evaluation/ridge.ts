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
  /** What a fit without the row misses it by, of the rows fitted on, `[rows]`. */
  readonly leaveOneOut: () => Float64Array;
}

/** A fit of one target for any λ above 0. @param target a number per row, `[rows]` */
export type FitRidge = (target: Float64Array) => (lambda: number) => Ridge;

/** Prepares fits of any target. @param features `[rows, columns]`, of about unit scale */
export function ridgeOn(features: SparseFeatures): FitRidge {
  const width = features.columns + 1;
  const gram = Matrix.zeros(width, width);
  const entries = activeEntries(features);
  for (let row = 0; row < features.rows; row++) {
    const { place, x } = entries(row);
    for (let a = 0; a < place.length; a++)
      for (let b = 0; b <= a; b++) gram.set(place[a], place[b], gram.get(place[a], place[b]) + x[a] * x[b]);
  }
  for (let j = 0; j < width; j++) for (let k = 0; k < j; k++) gram.set(k, j, gram.get(j, k));
  // Of the last λ: fits of many targets at one λ follow each other, and a decomposition is as large as the table is wide, squared.
  let last: { readonly lambda: number; readonly decomposition: CholeskyDecomposition } | undefined;
  const decomposed = (lambda: number) => {
    if (last?.lambda === lambda) return last.decomposition;
    const penalised = gram.clone();
    for (let j = 0; j < features.columns; j++) penalised.set(j, j, gram.get(j, j) + lambda);
    last = { lambda, decomposition: new CholeskyDecomposition(penalised) };
    return last.decomposition;
  };
  return (target) => fitOf(features, target, decomposed);
}

function fitOf(
  features: SparseFeatures,
  target: Float64Array,
  decomposed: (lambda: number) => CholeskyDecomposition,
): (lambda: number) => Ridge {
  const width = features.columns + 1;
  const moment = Matrix.zeros(width, 1);
  const entries = activeEntries(features);
  // The intercept is found beside the target's mean, so that large targets lose no digits.
  const mean = target.reduce((sum, v) => sum + v / target.length, 0);
  for (let row = 0; row < features.rows; row++) {
    const { place, x } = entries(row);
    for (let a = 0; a < place.length; a++)
      moment.set(place[a], 0, moment.get(place[a], 0) + x[a] * (target[row] - mean));
  }
  return (lambda) => {
    const decomposition = decomposed(lambda);
    const weights = Float64Array.from(decomposition.solve(moment).getColumn(0));
    weights[features.columns] += mean;
    const predict = (asked: SparseFeatures) => predictLinear(asked, weights);
    const leaveOneOut = () => {
      const inverse = decomposition.solve(Matrix.eye(width));
      const fitted = predict(features);
      return target.map((value, row) => {
        const { place, x } = entries(row);
        let leverage = 0;
        for (let a = 0; a < place.length; a++)
          for (let b = 0; b < place.length; b++) leverage += x[a] * x[b] * inverse.get(place[a], place[b]);
        // A single row that the intercept alone is fitted to has leverage 1 and says nothing of the others.
        return (value - fitted[row]) / Math.max(1 - leverage, 1e-9);
      });
    };
    return { lambda, weights, predict, leaveOneOut };
  };
}

/** @param weights `[columns + 1]`, the last the intercept @returns what is linear in the features, `[rows]` */
export function predictLinear(features: SparseFeatures, weights: Float64Array): Float64Array {
  const entries = activeEntries(features);
  return Float64Array.from({ length: features.rows }, (_, row) => {
    const { place, x } = entries(row);
    let sum = 0;
    for (let a = 0; a < place.length; a++) sum += weights[place[a]] * x[a];
    return sum;
  });
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
