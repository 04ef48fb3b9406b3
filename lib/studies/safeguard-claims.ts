/** Statements about what keeps a JEPA from collapse. */
import { safeguards } from "../papers/var-jepa/pair-configurations.js";
import type { Claim } from "./claim.js";
import { collapse, prediction } from "./jepa-claims.js";
import type { PairsMeasured } from "./pairs-cells.js";
import { checked, each, lost, R2, type Statement } from "./pairs-statements.js";

const kept = safeguards.filter((name) => name !== "jepa");

/** Which safeguards keep the variance of s_x. */
export const keepsVariance: readonly Statement[] = kept.map(
  (name): Statement => ({
    name: `${name} keeps the variance`,
    statement: `${name}: the total variance of s_x is more than half of the untrained encoder's`,
    needs: [name],
    measure: each([name], "varianceRatio", "means"),
    holds: (ratio) => !lost(ratio[name], 1),
  }),
);

const keepsWhatIsTold: readonly Statement[] = kept.map(
  (name): Statement => ({
    name: `${name} keeps what an untrained encoder tells, and more`,
    statement: `${name}: R² of s_x to the true one given the class is above the untrained encoder's`,
    needs: [name, "untrained"],
    measure: each([name, "untrained", "jepa"], R2, "means"),
    holds: (r2) => r2[name] > r2.untrained,
  }),
);

const beyond: readonly Statement[] = [
  {
    name: "variance kept is information kept",
    statement:
      "every safeguard, with whichever weights, that keeps more than half of the untrained encoder's variance has an R² of s_x given the class above the untrained encoder's",
    needs: [...safeguards, "untrained"],
    measure: ({ configurations, read }) => {
      const kept = configurations.filter((name) => !lost(read(name, "varianceRatio", "means"), 1));
      const trained = kept.filter((name) => name !== "untrained" && read(name, "varianceRatio", "means") > 0);
      const untrained = read("untrained", R2, "means");
      const telling = trained.filter((name) => read(name, R2, "means") > untrained);
      return { "keep the variance": trained.length, "tell more too": telling.length };
    },
    holds: (counts) => counts["keep the variance"] === counts["tell more too"],
  },
  {
    name: "VICReg's variance term keeps the variance, its covariance term does not",
    statement:
      "the total variance of s_x is more than half of the untrained encoder's with the variance term alone, less with the covariance term alone",
    needs: ["vicreg-jepa variance alone", "vicreg-jepa covariance alone"],
    measure: each(["vicreg-jepa variance alone", "vicreg-jepa covariance alone"], "varianceRatio", "means"),
    holds: (ratio) =>
      !lost(ratio["vicreg-jepa variance alone"], 1) && lost(ratio["vicreg-jepa covariance alone"], 1),
  },
  {
    name: "a safeguard tells more than PCA",
    statement:
      "the largest R² of s_x given the class among the safeguards is above that of as many principal components of x",
    needs: [...safeguards, "pca"],
    measure: (found) => ({
      largest: Math.max(...Object.values(each(safeguards, R2, "means")(found))),
      pca: found.read("pca", R2, "means"),
    }),
    holds: ({ largest, pca }) => largest > pca,
  },
];

/** Statements about safeguards, those whose configurations there are. */
export function safeguardClaims(measured: readonly PairsMeasured[]): Claim[] {
  return checked([...collapse, ...keepsVariance, ...keepsWhatIsTold, ...beyond, ...prediction], measured);
}
