/** Statements about pairs that nobody knows the true latents of, halves of digits: what is told is the class, ten of them. */
import { safeguards } from "../papers/var-jepa/pair-configurations.js";
import type { Claim } from "./claim.js";
import { collapseOfVariance, lowerErrorTellsMore } from "./jepa-claims.js";
import type { PairsMeasured } from "./pairs-cells.js";
import { checked, each, KL, lost, renamed, type Statement } from "./pairs-statements.js";
import { entropy } from "./removal-claims.js";
import { keepsVariance } from "./safeguard-claims.js";

const PROBE = "probeSx";
/** Less than a probe tells by chance from run to run. */
const SAME_PROBE = 0.02;
const chance = 0.1;

const removal: readonly Statement[] = [
  ...(["no-rec", "G"] as const).flatMap((name) =>
    (["samples", "means"] as const).map(
      (on): Statement => ({
        name: `${name}: ${on} of s_x lose the class`,
        statement: `${name}: what a probe finds in ${on} of s_x beyond chance is less than half of what it finds in A's`,
        needs: ["A", name],
        measure: each(["A", name], PROBE, on),
        holds: (probe) => lost(probe[name] - chance, probe.A - chance),
      }),
    ),
  ),
  {
    name: "decoders first: the distribution looks better while the information goes",
    statement:
      "without decoders (G) KL_agg of samples of s_x is lower than A's, while the upper bound of the information is less than half",
    needs: ["A", "G"],
    measure: (found) => ({
      ...renamed(each(["A", "G"], KL, "samples")(found), "KL_agg"),
      ...renamed(each(["A", "G"], "informationUpper", "samples")(found), "information"),
    }),
    holds: (m) => m["KL_agg G"] < m["KL_agg A"] && lost(m["information G"], m["information A"]),
  },
  {
    name: "decoders first: taking KL_sx away turns both round",
    statement:
      "after the decoders, removing KL_sx brings KL_agg above A's and the lower bound of the information above G's upper bound",
    needs: ["A", "G", "no-rec-gen-klSx"],
    measure: (found) => ({
      ...renamed(each(["A", "no-rec-gen-klSx"], KL, "samples")(found), "KL_agg"),
      "at most G": found.read("G", "informationUpper"),
      "at least no-rec-gen-klSx": found.read("no-rec-gen-klSx", "informationLower"),
    }),
    holds: (m) =>
      m["KL_agg no-rec-gen-klSx"] > m["KL_agg A"] && m["at least no-rec-gen-klSx"] > m["at most G"],
  },
];

const telling: readonly Statement[] = [
  ...safeguards
    .filter((name) => name !== "jepa")
    .map(
      (name): Statement => ({
        name: `${name} tells the class better than an untrained encoder`,
        statement: `${name}: a probe finds the class in s_x more often than in the untrained encoder's, by more than ${SAME_PROBE}`,
        needs: [name, "untrained"],
        measure: each([name, "untrained", "jepa"], PROBE, "means"),
        holds: (probe) => probe[name] > probe.untrained + SAME_PROBE,
      }),
    ),
  {
    name: "some configuration tells the class better than PCA",
    statement: `the best probe on means of s_x finds the class more often than one on as many principal components of x, by more than ${SAME_PROBE}`,
    needs: ["pca"],
    measure: ({ configurations, read }) => {
      const trained = configurations.filter(
        (name) => !["untrained", "raw", "pca", "one-component", "supervised"].includes(name),
      );
      return {
        best: Math.max(...trained.map((name) => read(name, PROBE, "means"))),
        pca: read("pca", PROBE, "means"),
      };
    },
    holds: ({ best, pca }) => best > pca + SAME_PROBE,
  },
  lowerErrorTellsMore("a lower prediction error means a better probe", "predictionError", PROBE),
];

/** Statements about digits, those whose configurations there are. */
export function digitClaims(measured: readonly PairsMeasured[]): Claim[] {
  return checked([...removal, ...entropy, ...collapseOfVariance, ...keepsVariance, ...telling], measured);
}
