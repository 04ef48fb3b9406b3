/** Statements about uncertainty: does what a model says of it follow noise that varies with x? */
import type { Claim } from "./claim.js";
import type { PairsMeasured } from "./pairs-cells.js";
import { checked, each, renamed, SAME_COVERAGE, type Statement } from "./pairs-statements.js";

/** Levels of how much the noise varies: not at all, the control; mildly; strongly. The first changes nothing, so it has no name. */
const [mild, strong] = ["mild", "strong"];
const at = (name: string, level?: string) => (level === undefined ? name : `${name}, ${level}`);
const levels = (name: string) => [name, at(name, mild), at(name, strong)];

/** Rank correlations of this size are not there by chance: three standard errors with 1,000 rows. */
const FOLLOWS = 0.1;
/** What intervals should cover. */
const NOMINAL = 0.9;

/** Whether a rank correlation is there where the noise varies strongly, beyond what the control has without any noise that varies. */
function follows(name: string, told: string, measure: string): Statement {
  return {
    name: `${name}: ${told} follows the noise within a class`,
    statement: `${name}: the rank correlation within a class is above ${FOLLOWS} where the noise varies strongly, and above that of the control by as much`,
    needs: levels(name),
    measure: each(levels(name), measure, "samples"),
    holds: (rank) => rank[at(name, strong)] > FOLLOWS && rank[at(name, strong)] > rank[name] + FOLLOWS,
  };
}

const spread = "the spread of drawn y";
const models = ["A", "A α 0.25", "no-klSx"] as const;

const following: readonly Statement[] = [
  ...models.flatMap((name) => [
    follows(name, "Σ of p(s_y|s_x,z)", "noiseRankSy"),
    follows(name, spread, "noiseRankY"),
  ]),
  ...["jepa-rec-gen", "regression", "variance-regression", "told-sx"].map((name) =>
    follows(name, spread, "noiseRankY"),
  ),
  {
    name: "a deterministic JEPA has nothing to tell",
    statement: "jepa: no measure of uncertainty exists, neither Σ nor draws of y",
    needs: levels("jepa"),
    measure: ({ configurations, read }) => ({
      measures: ["noiseRankSy", "noiseRankY", "coverageY"]
        .flatMap((measure) =>
          levels("jepa")
            .filter((name) => configurations.includes(name))
            .map((name) => read(name, measure, "samples")),
        )
        .filter(Number.isFinite).length,
    }),
    holds: ({ measures }) => measures === 0,
  },
  ...models.map(
    (name): Statement => ({
      name: `${name}: ${spread} follows as that of a regression with learned variance`,
      statement: `${name}: where the noise varies strongly, the rank correlation within a class is at most ${FOLLOWS} below the regression's`,
      needs: [at(name, strong), at("variance-regression", strong)],
      measure: each([at(name, strong), at("variance-regression", strong)], "noiseRankY", "samples"),
      holds: (rank) => rank[at(name, strong)] >= rank[at("variance-regression", strong)] - FOLLOWS,
    }),
  ),
  {
    name: "pooled over classes there is a rank correlation without any noise that varies",
    statement: `in the control the rank correlation of the spread of drawn y with s_x's first coordinate, with both classes in one ranking, is further from 0 than within a class by more than ${FOLLOWS}, for Var-JEPA, a regression with learned variance and the world itself`,
    needs: ["A", "variance-regression", "told-sx"],
    measure: (found) => {
      const names = ["A", "variance-regression", "told-sx"];
      return {
        ...renamed(each(names, "noiseRankY")(found), "within"),
        ...renamed(each(names, "noiseRankYPooled")(found), "pooled"),
      };
    },
    holds: (rank) =>
      ["A", "variance-regression", "told-sx"].every(
        (name) => Math.abs(rank[`pooled ${name}`]) > Math.abs(rank[`within ${name}`]) + FOLLOWS,
      ),
  },
];

const calibration: readonly Statement[] = [
  ...models,
  "jepa-rec-gen",
  "regression",
  "variance-regression",
].flatMap((name): Statement[] => [
  {
    name: `${name}: 90 % intervals of y hold 90 %`,
    statement: `${name}: coverage within ${SAME_COVERAGE} of ${NOMINAL} at every level of noise`,
    needs: levels(name),
    measure: each(levels(name), "coverageY", "samples"),
    holds: (coverage) => Object.values(coverage).every((value) => Math.abs(value - NOMINAL) <= SAME_COVERAGE),
  },
  {
    name: `${name}: intervals hold as often where noise is high as where it is low`,
    statement: `${name}: where the noise varies strongly, coverage in the highest and in the lowest third of a class differ by at most ${SAME_COVERAGE}`,
    needs: [at(name, strong)],
    measure: ({ read }) => ({
      low: read(at(name, strong), "coverageYLow"),
      middle: read(at(name, strong), "coverageYMiddle"),
      high: read(at(name, strong), "coverageYHigh"),
    }),
    holds: ({ low, high }) => Math.abs(high - low) <= SAME_COVERAGE,
  },
]);

/** Statements about uncertainty, those whose configurations there are; a case is one run at all levels of noise. */
export function noiseClaims(measured: readonly PairsMeasured[]): Claim[] {
  const joined = measured.map(({ setting, configuration, ...own }) => ({
    ...own,
    configuration: at(configuration, setting),
  }));
  return checked([...following, ...calibration], joined);
}
