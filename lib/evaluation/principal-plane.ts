import { Matrix } from "ml-matrix";
import { spectrum } from "./symmetric-eigen.js";

/**
 * Rows seen from where they spread most: their first two principal components.
 * @param latents row-major `[rows, d]`
 * @param axisRows where there are more rows and more columns than this, so many rows, evenly spaced, give the axes;
 *   their cost grows with the cube of the smaller of rows and columns
 * @param axesOf other rows of as many columns whose spread gives the axes instead; points are from their mean
 * @returns one point `[first, second]` per row; 0 along an axis that the rows do not have
 * @throws when a number is not finite.
 */
export function principalPlane(
  latents: Float32Array,
  d: number,
  axisRows = 1024,
  axesOf = latents,
): [number, number][] {
  const [rows, spread] = [latents, axesOf].map((values) => matrixOf(values, d));
  const middle = spread.mean("column");
  const plane = new Matrix(
    principalAxes(evenRows(spread.clone().subRowVector(middle), axisRows)),
  ).transpose();
  return rows.subRowVector(middle).mmul(plane).to2DArray() as [number, number][];
}

function matrixOf(values: Float32Array, d: number): Matrix {
  return new Matrix(
    Array.from({ length: values.length / d }, (_, n) => Array.from(values.subarray(n * d, (n + 1) * d))),
  );
}

/** All rows, or `count` evenly spaced ones where there are more, and more columns too. */
function evenRows(centred: Matrix, count: number): Matrix {
  const { rows, columns } = centred;
  if (Math.min(rows, columns) <= count) return centred;
  const chosen = Array.from({ length: count }, (_, i) => centred.getRow(Math.floor((i * rows) / count)));
  return new Matrix(chosen).center("column");
}

/** Directions of largest and second largest spread, `[2, d]`. */
function principalAxes(centred: Matrix): number[][] {
  // Rows' and columns' products share their eigenvalues; the smaller matrix of the two costs less.
  const wide = centred.columns > centred.rows;
  const turned = centred.transpose();
  const { values, vectors } = spectrum(wide ? centred.mmul(turned) : turned.mmul(centred));
  // Eigenvalues come in increasing order; a vector's sign is free, so its largest entry is made positive.
  return [values.length - 1, values.length - 2].map((place) => {
    if (!(values[place] > 0)) return new Array<number>(centred.columns).fill(0);
    const found = vectors.getColumnVector(place);
    const column = wide ? turned.mmul(found) : found;
    const vector = column.div(column.norm()).getColumn(0);
    const largest = vector.reduce((best, v) => (Math.abs(v) > Math.abs(best) ? v : best), 0);
    return vector.map((v) => v * Math.sign(largest));
  });
}
