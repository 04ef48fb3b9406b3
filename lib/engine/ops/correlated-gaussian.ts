import * as tf from "../tf.js";
import { withGradient } from "./with-gradient.js";

/**
 * log N(x; 0, C) per row, each row with a covariance of its own. No engine factorises many small matrices: it is done here in
 * double precision, the gradient with it.
 * @param x `[rows, n]`
 * @param covariance C, positive definite, row-major `[rows, n · n]`; of C and its transpose the mean is taken
 * @returns `[rows]`; NaN where C is not positive definite
 */
export function correlatedLogProb(x: tf.Tensor2D, covariance: tf.Tensor2D): tf.Tensor1D {
  const [rows, n] = x.shape;
  return withGradient<tf.Tensor1D>([x, covariance], () => {
    const [points, matrices] = [x.dataSync<"float32">(), covariance.dataSync<"float32">()];
    const [logs, dx, dC] = [rows, rows * n, rows * n * n].map((size) => new Float32Array(size));
    for (let row = 0; row < rows; row++) {
      const inverse = inverseFactor(matrices.subarray(row * n * n, (row + 1) * n * n), n);
      const whitened = new Float64Array(n);
      let log = -0.5 * n * Math.log(2 * Math.PI);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j <= i; j++) whitened[i] += inverse[i * n + j] * points[row * n + j];
        log += Math.log(inverse[i * (n + 1)]) - 0.5 * whitened[i] ** 2;
      }
      logs[row] = log;
      // d/dx = −C⁻¹x and d/dC = ½(C⁻¹x xᵀC⁻¹ − C⁻¹), with C⁻¹ = L⁻ᵀL⁻¹.
      const solved = dx.subarray(row * n, (row + 1) * n);
      for (let i = 0; i < n; i++) for (let k = i; k < n; k++) solved[i] -= inverse[k * n + i] * whitened[k];
      for (let i = 0; i < n; i++)
        for (let j = 0; j <= i; j++) {
          let precision = 0;
          for (let k = i; k < n; k++) precision += inverse[k * n + i] * inverse[k * n + j];
          const slope = 0.5 * (solved[i] * solved[j] - precision);
          dC[(row * n + i) * n + j] = slope;
          dC[(row * n + j) * n + i] = slope;
        }
    }
    return {
      value: tf.tensor1d(logs),
      saved: [tf.tensor2d(dx, [rows, n]), tf.tensor2d(dC, [rows, n * n])],
      gradient: (upstream, slopes) => slopes.map((slope) => tf.mul(tf.expandDims(upstream, 1), slope)),
    };
  });
}

/** L⁻¹ of the Cholesky factor, C = LLᵀ: lower triangle, row-major `[n, n]`. */
function inverseFactor(matrix: Float32Array, n: number): Float64Array {
  const factor = new Float64Array(n * n);
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0.5 * (matrix[i * n + j] + matrix[j * n + i]);
      for (let k = 0; k < j; k++) sum -= factor[i * n + k] * factor[j * n + k];
      factor[i * n + j] = i === j ? Math.sqrt(sum) : sum / factor[j * n + j];
    }
  for (let i = 0; i < n; i++) {
    inverse[i * n + i] = 1 / factor[i * n + i];
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum -= factor[i * n + k] * inverse[k * n + j];
      inverse[i * n + j] = sum * inverse[i * n + i];
    }
  }
  return inverse;
}
