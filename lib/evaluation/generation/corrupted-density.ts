/** The density of a corrupted digit given the clean one, exact: what any model of such pairs can reach at most. */
import { corrupt, largestShare } from "../../data/corruption.js";
import { fold, uniforms } from "../../engine/random.js";
import type { ConditionalDensity } from "./conditional-density.js";

/**
 * p(y|x) of y = (1 − α)x + αr, r ~ U(0, 1)^D, α ~ U(0, m): given α, y is uniform on a box of side α, and every coordinate says that α
 * is at least (x_j − y_j)/x_j or (y_j − x_j)/(1 − x_j). With a the largest of them,
 *
 *     p(y|x) = (1/m) ∫_a^m α^−D dα = (a^(1−D) − m^(1−D))/(m (D − 1)).
 */
export const corruptedDensity: ConditionalDensity = {
  logLikelihood: ({ rows, x, y }) => {
    const d = x.length / rows;
    return Float64Array.from({ length: rows }, (_, row) => {
      let least = 0;
      for (let at = row * d; at < (row + 1) * d; at++)
        least = Math.max(least, y[at] > x[at] ? (y[at] - x[at]) / (1 - x[at]) : (x[at] - y[at]) / x[at] || 0);
      if (least >= largestShare) return Number.NEGATIVE_INFINITY;
      const log = (1 - d) * Math.log(least) + Math.log1p(-((least / largestShare) ** (d - 1)));
      return log - Math.log(largestShare * (d - 1));
    });
  },
  draw: (key, { rows, x }, draws, first = 0) => {
    const d = x.length / rows;
    const out = new Float32Array(rows * draws * d);
    for (let row = 0; row < rows; row++) {
      const own = fold(key, first + row);
      const levels = uniforms(fold(own, "level"), draws);
      const noise = Float32Array.from(uniforms(fold(own, "noise"), draws * d));
      for (let draw = 0; draw < draws; draw++)
        out.set(
          corrupt(x.subarray(row * d, (row + 1) * d), levels[draw], noise.subarray(draw * d, (draw + 1) * d)),
          (row * draws + draw) * d,
        );
    }
    return out;
  },
};
