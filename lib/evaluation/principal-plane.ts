import { EigenvalueDecomposition, Matrix } from "ml-matrix";

/**
 * Rows seen from where they spread most: their first two principal components.
 * @param latents row-major `[rows, d]`, d ≥ 2
 * @returns one point `[first, second]` per row
 */
export function principalPlane(latents: Float32Array, d: number): [number, number][] {
  const rows = Array.from({ length: latents.length / d }, (_, n) =>
    Array.from(latents.subarray(n * d, (n + 1) * d)),
  );
  const centred = new Matrix(rows).center("column");
  // Rows' and columns' products share their eigenvalues; the smaller matrix of the two costs less.
  const wide = d > rows.length;
  const turned = centred.transpose();
  const { eigenvectorMatrix } = new EigenvalueDecomposition(
    wide ? centred.mmul(turned) : turned.mmul(centred),
    { assumeSymmetric: true },
  );
  // Eigenvalues come in increasing order; a vector's sign is free, so its largest entry is made positive.
  const axis = (fromLast: number) => {
    const found = eigenvectorMatrix.getColumnVector(eigenvectorMatrix.columns - 1 - fromLast);
    const column = wide ? turned.mmul(found) : found;
    const vector = column.div(column.norm()).getColumn(0);
    const largest = vector.reduce((best, v) => (Math.abs(v) > Math.abs(best) ? v : best), 0);
    return vector.map((v) => v * Math.sign(largest));
  };
  const plane = new Matrix([axis(0), axis(1)]).transpose();
  return centred.mmul(plane).to2DArray() as [number, number][];
}
