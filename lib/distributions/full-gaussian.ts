/** Normal distributions with any covariance Σ = L Lᵀ, in double precision; L is lower triangular, row-major `[d, d]`. */

const LOG_2PI = Math.log(2 * Math.PI);

/**
 * The Cholesky factor of a symmetric matrix, of which the lower half is read.
 * @param matrix row-major `[d, d]`
 * @returns L, or undefined where the matrix is not positive definite in double precision
 */
export function choleskyFactor(matrix: Float64Array, d: number): Float64Array | undefined {
  const factor = new Float64Array(d * d);
  for (let i = 0; i < d; i++)
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * d + j];
      for (let k = 0; k < j; k++) rest -= factor[i * d + k] * factor[j * d + k];
      if (i > j) factor[i * d + j] = rest / factor[j * d + j];
      else if (rest > 0 && Number.isFinite(rest)) factor[i * d + i] = Math.sqrt(rest);
      else return undefined;
    }
  return factor;
}

/** L⁻¹ v, in place. */
export function solveLower(factor: Float64Array, v: Float64Array): Float64Array {
  const d = v.length;
  for (let i = 0; i < d; i++) {
    let rest = v[i];
    for (let k = 0; k < i; k++) rest -= factor[i * d + k] * v[k];
    v[i] = rest / factor[i * d + i];
  }
  return v;
}

/** L⁻ᵀ v, in place. */
export function solveUpper(factor: Float64Array, v: Float64Array): Float64Array {
  const d = v.length;
  for (let i = d - 1; i >= 0; i--) {
    v[i] /= factor[i * d + i];
    for (let k = 0; k < i; k++) v[k] -= factor[i * d + k] * v[i];
  }
  return v;
}

/** L v, in place. */
export function timesLower(factor: Float64Array, v: Float64Array): Float64Array {
  const d = v.length;
  for (let i = d - 1; i >= 0; i--) {
    let sum = 0;
    for (let k = 0; k <= i; k++) sum += factor[i * d + k] * v[k];
    v[i] = sum;
  }
  return v;
}

/** Lᵀ v, in place. */
export function timesUpper(factor: Float64Array, v: Float64Array): Float64Array {
  const d = v.length;
  for (let i = 0; i < d; i++) {
    let sum = 0;
    for (let k = i; k < d; k++) sum += factor[k * d + i] * v[k];
    v[i] = sum;
  }
  return v;
}

/** log |Σ| / 2 of the matrix with factor L. */
export function halfLogDeterminant(factor: Float64Array, d: number): number {
  let sum = 0;
  for (let i = 0; i < d; i++) sum += Math.log(factor[i * d + i]);
  return sum;
}

/** log N(residual; 0, L Lᵀ) in nats. */
export function centredLogProb(factor: Float64Array, residual: Float64Array): number {
  const d = residual.length;
  const squared = solveLower(factor, residual.slice()).reduce((sum, v) => sum + v * v, 0);
  return -0.5 * (squared + d * LOG_2PI) - halfLogDeterminant(factor, d);
}
