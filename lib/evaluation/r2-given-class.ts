/** How much of a true latent a linear map finds in features beyond what the class tells. */
import { Matrix } from "ml-matrix";
import { spectrum } from "./symmetric-eigen.js";

/** Features of rows, what is sought in them, and the class of each row. */
export interface ClassedRows {
  /** Row-major `[rows, columns]`. */
  readonly features: Float32Array;
  /** Row-major `[rows, targets]`. */
  readonly target: Float32Array;
  /** One whole number from 0 per row, `[rows]`. */
  readonly labels: ArrayLike<number>;
}

/**
 * 1 − (squared error of a least-squares fit on features and class) / (that of a fit on the class alone), both fitted on one part
 * and scored on the other, summed over the dimensions of the target: the partial R² (Frisch & Waugh 1933: features and target
 * are taken relative to their class means, of the part that is fitted on). 0 where the features tell no more than the class,
 * below 0 where what they told does not carry over, 1 where they tell all. Shifts, scales and rotations of the features do not count.
 * @param columns of the features
 * @param targets dimensions of the target
 * @throws when a class is scored that is not fitted on.
 */
export function r2GivenClass(
  fitted: ClassedRows,
  scored: ClassedRows,
  columns: number,
  targets: number,
): number {
  const classes = classMeans(fitted, columns, targets);
  const [f, t] = withinClass(fitted, classes, columns, targets);
  const map = leastSquares(f, t);
  const [features, wanted] = withinClass(scored, classes, columns, targets);
  const error = Matrix.sub(wanted, features.mmul(map));
  return 1 - squared(error) / squared(wanted);
}

type ClassMeans = ReadonlyMap<number, { readonly features: Float64Array; readonly target: Float64Array }>;

function classMeans({ features, target, labels }: ClassedRows, columns: number, targets: number): ClassMeans {
  const counts = new Map<number, number>();
  for (let row = 0; row < labels.length; row++) counts.set(labels[row], (counts.get(labels[row]) ?? 0) + 1);
  const means = new Map(
    [...counts.keys()].map((label) => [
      label,
      { features: new Float64Array(columns), target: new Float64Array(targets) },
    ]),
  );
  for (let row = 0; row < labels.length; row++) {
    const [mean, count] = [means.get(labels[row])!, counts.get(labels[row])!];
    for (let j = 0; j < columns; j++) mean.features[j] += features[row * columns + j] / count;
    for (let j = 0; j < targets; j++) mean.target[j] += target[row * targets + j] / count;
  }
  return means;
}

/** Features and target less the means of their row's class: `[rows, columns]`, `[rows, targets]`. */
function withinClass(
  { features, target, labels }: ClassedRows,
  classes: ClassMeans,
  columns: number,
  targets: number,
): [Matrix, Matrix] {
  const centred = (values: Float32Array, width: number, which: "features" | "target") => {
    const out = Matrix.zeros(labels.length, width);
    for (let row = 0; row < labels.length; row++) {
      const means = classes.get(labels[row]);
      if (!means)
        throw new Error(`labels holds the class ${labels[row]}, which no row that is fitted on has`);
      for (let j = 0; j < width; j++) out.set(row, j, values[row * width + j] - means[which][j]);
    }
    return out;
  };
  return [centred(features, columns, "features"), centred(target, targets, "target")];
}

/** The map of least norm among those of least squares, after the columns are brought to length 1. */
function leastSquares(features: Matrix, target: Matrix): Matrix {
  const scales = Array.from({ length: features.columns }, (_, j) => {
    const length = features.getColumnVector(j).norm();
    return length > 0 ? 1 / length : 0;
  });
  const scaled = features.clone().mulRowVector(scales);
  const turned = scaled.transpose();
  const { values, vectors } = spectrum(turned.mmul(scaled));
  const inverse = values.map((value) => (value > 0 ? 1 / value : 0));
  const moment = vectors.transpose().mmul(turned.mmul(target));
  return vectors.mmul(moment.mulColumnVector(inverse)).mulColumnVector(scales);
}

function squared(matrix: Matrix): number {
  return matrix.norm("frobenius") ** 2;
}
