/** Statements about the collapse of a JEPA, and about what a prediction error says, for every study of pairs. */
import { spearman } from "../evaluation/metrics/ranks.js";
import { each, lost, R2, type Statement } from "./pairs-statements.js";

/** A spread less than a tenth of the untrained encoder's, so less than a hundredth of its variance. */
const POINT = 0.01;

/** Nearer to one direction than to two. */
const RANK_ONE = 1.5;

const jepas = ["jepa", "jepa-own"] as const;

/** What becomes of the variance of s_x without a safeguard, and of its directions. */
export const collapseOfVariance: readonly Statement[] = jepas.flatMap((name): Statement[] => [
  {
    name: `${name} loses the variance`,
    statement: `${name}: the total variance of s_x is less than half of the untrained encoder's`,
    needs: [name],
    measure: each([name], "varianceRatio", "means"),
    holds: (ratio) => lost(ratio[name], 1),
  },
  {
    name: `${name} collapses to a point`,
    statement: `${name}: at the end of training the total variance of s_x is less than a hundredth of the untrained encoder's`,
    needs: [name],
    measure: each([name], "varianceRatio", "means"),
    holds: (ratio) => ratio[name] < POINT,
  },
  {
    name: `${name}: collapse means rank one`,
    statement: `${name}: the effective rank of s_x is below ${RANK_ONE}, nearer to one direction than to two`,
    needs: [name],
    measure: (found) => ({
      [name]: found.read(name, "effectiveRankSx", "means"),
      "first share": found.read(name, "firstShareSx", "means"),
    }),
    holds: (rank) => rank[name] < RANK_ONE,
  },
]);

/** The same, and what is told. */
export const collapse: readonly Statement[] = [
  ...collapseOfVariance,
  ...jepas.map(
    (name): Statement => ({
      name: `${name} tells less than an untrained encoder`,
      statement: `${name}: R² of s_x to the true one given the class, which no scale changes, is below the untrained encoder's`,
      needs: [name, "untrained"],
      measure: each([name, "untrained"], R2, "means"),
      holds: (r2) => r2[name] < r2.untrained,
    }),
  ),
];

/**
 * Whether the configurations that predict better tell more, `told` being what is told. Rank correlations below −1.96 / √(n − 1) are not
 * there by chance, at the 5 % level.
 */
export function lowerErrorTellsMore(
  name: string,
  error: "predictionError" | "predictionErrorRatio",
  told: string,
): Statement {
  return {
    name,
    statement: `over all trained configurations with a predictor the rank correlation of ${error} and ${told}, both on samples, is below −1.96 / √(n − 1)`,
    needs: [],
    measure: ({ configurations, read }) => {
      const points = configurations
        .filter((own) => own !== "untrained")
        .map((own) => [read(own, error), read(own, told)])
        .filter(
          ([e, r], i, all) =>
            Number.isFinite(e + r) && all.findIndex((one) => one[0] === e && one[1] === r) === i,
        );
      const [errors, tells] = [0, 1].map((i) => points.map((values) => values[i]));
      return {
        correlation: points.length > 2 ? spearman(errors, tells) : Number.NaN,
        chance: -1.96 / Math.sqrt(points.length - 1),
        configurations: points.length,
      };
    },
    holds: ({ correlation, chance }) => correlation < chance,
  };
}

/** What a prediction error says of a representation, and what it says relative to the variance of what is predicted. */
export const prediction: readonly Statement[] = [
  lowerErrorTellsMore("a lower prediction error means a better representation", "predictionError", R2),
  lowerErrorTellsMore(
    "a lower prediction error relative to the variance means a better representation",
    "predictionErrorRatio",
    R2,
  ),
];
