/** Principal components learned on some rows and read off others. */
import { checkWhole } from "../checks.js";
import { covarianceOf } from "./latent-diagnostics.js";
import { spectrum } from "./symmetric-eigen.js";

/**
 * The directions of largest spread of some rows; how far any rows lie along them.
 * @param values row-major `[rows, columns]`, the rows that are learned from
 * @param count how many directions, at most `columns`
 * @returns from rows `[rows, columns]` to components `[rows, count]`, the largest first
 * @throws when there are not so many directions.
 */
export function principalComponents(
  values: Float32Array,
  columns: number,
  count: number,
): (rows: Float32Array) => Float32Array {
  checkWhole("count", count, 1, columns);
  const { mean, covariance } = covarianceOf(values, columns);
  const { values: eigenvalues, vectors } = spectrum(covariance);
  const order = eigenvalues.map((_, i) => i).sort((a, b) => eigenvalues[b] - eigenvalues[a]);
  const axes = order.slice(0, count).map((place) => vectors.getColumn(place));
  return (rows) =>
    Float32Array.from({ length: (rows.length / columns) * count }, (_, i) => {
      const [row, axis] = [Math.floor(i / count), axes[i % count]];
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += (rows[row * columns + j] - mean[j]) * axis[j];
      return sum;
    });
}
