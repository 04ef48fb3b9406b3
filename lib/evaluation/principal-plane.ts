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
  const { eigenvectorMatrix } = new EigenvalueDecomposition(centred.transpose().mmul(centred), {
    assumeSymmetric: true,
  });
  // Eigenvalues come in increasing order; a vector's sign is free, so its largest entry is made positive.
  const axis = (column: number) => {
    const vector = eigenvectorMatrix.getColumn(column);
    const largest = vector.reduce((best, v) => (Math.abs(v) > Math.abs(best) ? v : best), 0);
    return vector.map((v) => v * Math.sign(largest));
  };
  const plane = new Matrix([axis(d - 1), axis(d - 2)]).transpose();
  return centred.mmul(plane).to2DArray() as [number, number][];
}
