/** Eigenvalues and eigenvectors of covariances, in double precision, by a method that ends whatever the rows are. */
import { EigenvalueDecomposition, type Matrix } from "ml-matrix";

/** Spectrum of a symmetric matrix without negative eigenvalues. */
export interface Spectrum {
  /** In increasing order, `[n]`; those that rounding alone can make are 0. */
  readonly values: number[];
  /** A column of length 1 for each: `[n, n]`. */
  readonly vectors: Matrix;
}

/**
 * Householder's reduction and QL with implicit shifts. A singular value decomposition would do as well but does not
 * end where rows repeat.
 * @param products symmetric and positive semidefinite, `[n, n]`: a covariance, or the rows' products
 * @throws when a number is not finite.
 */
export function spectrum(products: Matrix): Spectrum {
  const n = products.rows;
  let largest = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const size = Math.abs(products.get(i, j));
      if (!Number.isFinite(size))
        throw new Error(
          "the rows hold a number that is not finite, or too large to be squared; leave it out",
        );
      largest = Math.max(largest, size);
    }
  // Tiny numbers, whose rounding errors are not relative to them any more, could keep QL from ending.
  const scale = largest > 0 ? 2 ** Math.max(-1000, Math.floor(Math.log2(largest))) : 1;
  const found = new EigenvalueDecomposition(products.clone().div(scale), { assumeSymmetric: true });
  const noise = n * Number.EPSILON * Math.max(0, ...found.realEigenvalues);
  const values = found.realEigenvalues.map((value) => (value > noise ? value * scale : 0));
  return { values, vectors: found.eigenvectorMatrix };
}
