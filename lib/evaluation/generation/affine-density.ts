/** p(y|x) = N(x M + b, L Lᵀ): marginals (M = 0), regressions, and the exact density of a linear-Gaussian model. */
import { centredLogProb, timesLower } from "../../distributions/full-gaussian.js";
import { fold, normalRows } from "../../engine/random.js";
import type { ConditionalDensity } from "./conditional-density.js";

/** An affine map of rows, x M + b. */
export interface Affine {
  /** M, row-major `[inputs, outputs]`. */
  readonly matrix: Float64Array;
  /** b, `[outputs]` */
  readonly bias: Float64Array;
}

/** x M + b of row `row` of `values`, `[inputs]` numbers from its place on. */
export function affineRow({ matrix, bias }: Affine, values: ArrayLike<number>, row: number): Float64Array {
  const outputs = bias.length;
  const inputs = matrix.length / outputs;
  const out = bias.slice();
  for (let i = 0; i < inputs; i++) {
    const value = values[row * inputs + i];
    if (value !== 0) for (let j = 0; j < outputs; j++) out[j] += value * matrix[i * outputs + j];
  }
  return out;
}

/**
 * The density with an affine mean and one covariance for all rows, exact in double precision.
 * @param map x ↦ E y
 * @param factor L, the Cholesky factor of the covariance, row-major `[dy, dy]`
 */
export function affineDensity(map: Affine, factor: Float64Array): ConditionalDensity {
  const dy = map.bias.length;
  return {
    logLikelihood: ({ rows, x, y }) =>
      Float64Array.from({ length: rows }, (_, row) =>
        centredLogProb(
          factor,
          affineRow(map, x, row).map((mean, j) => y[row * dy + j] - mean),
        ),
      ),
    draw: (key, { rows, x }, draws, first = 0) => {
      const out = new Float32Array(rows * draws * dy);
      for (let draw = 0; draw < draws; draw++) {
        const noise = normalRows(fold(key, draw), rows, dy, first);
        for (let row = 0; row < rows; row++) {
          const deviation = timesLower(factor, Float64Array.from(noise.subarray(row * dy, (row + 1) * dy)));
          out.set(
            affineRow(map, x, row).map((mean, j) => mean + deviation[j]),
            (row * draws + draw) * dy,
          );
        }
      }
      return out;
    },
  };
}
