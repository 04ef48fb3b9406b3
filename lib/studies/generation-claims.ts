/** Statements about densities of y given x: whether estimates of their likelihood have converged, which is likeliest, whose draws are best. */
import type { Claim } from "./claim.js";
import type { GenerationDataName } from "./generation-plan.js";
import type { PairsMeasured } from "./pairs-cells.js";
import { checked, each, SAME_COVERAGE, type Statement } from "./pairs-statements.js";

/** Bounds closer than this, in nats per row, count as the same. */
const SAME = 0.1;
/** Distances differ when they do by so many deviations of what equal distributions have. */
const DEVIATIONS = 3;

const generators = ["A", "A α 0.25", "coupled-vae linear", "coupled-vae network"] as const;
const others = [
  ...["regression full", "regression diagonal", "regression isotropic", "variance-regression"],
  ...["marginal full", "marginal diagonal"],
] as const;

const several = (name: string, measures: readonly string[]): Statement["measure"] => {
  return ({ read }) => Object.fromEntries(measures.map((measure) => [measure, read(name, measure)]));
};

/** Whether a bound's last doubling of K added nothing, and it ends where the largest of the three does. */
const converged = (measured: Record<string, number>, proposal: string) =>
  measured[`change${proposal}`] <= SAME && measured.logLikelihood - measured[`bound${proposal}`] <= 2 * SAME;
const ofBound = (proposal: string) => ["logLikelihood", `bound${proposal}`, `change${proposal}`];

/** Of simulated pairs; that of corrupted digits is known in closed form. */
const truthConverged: Statement = {
  name: "the true likelihood has converged",
  statement: `truth: the last doubling of K changes the log-likelihood by at most ${SAME} nats per row`,
  needs: ["truth"],
  measure: several("truth", ["logLikelihood", "changeMode"]),
  holds: ({ changeMode }) => Math.abs(changeMode) <= SAME,
};

const bounds: readonly Statement[] = [
  ...generators.flatMap((name): Statement[] => [
    ...(
      [
        ["Mode", "draws around the mode"],
        ["Posterior", "q(s_y|s_x,z,y) as proposal"],
      ] as const
    ).map(([proposal, words]) => ({
      name: `${name}: with ${words} the bound has converged`,
      statement: `${name}: the last doubling of K adds at most ${SAME} nats per row, and the bound ends at most ${2 * SAME} below the largest of the three`,
      needs: [name],
      measure: several(name, ofBound(proposal)),
      holds: (measured: Record<string, number>) => converged(measured, proposal),
    })),
    {
      name: `${name}: with the predictor as proposal the bound has not converged`,
      statement: `${name}: the last doubling of K adds more than ${SAME} nats per row, or the bound ends more than ${2 * SAME} below the largest of the three`,
      needs: [name],
      measure: several(name, ofBound("Predictor")),
      holds: (measured) => !converged(measured, "Predictor"),
    },
    {
      name: `${name}: weights of the predictor as proposal are not to be trusted`,
      statement: `${name}: in most rows the tail of the weights has a Pareto shape above 0.7`,
      needs: [name],
      measure: several(name, ["shapePredictor", "untrustedPredictor", "effectivePredictor"]),
      holds: ({ untrustedPredictor }) => untrustedPredictor > 0.5,
    },
    {
      name: `${name}: weights of draws around the mode are to be trusted`,
      statement: `${name}: in at most one row of ten the tail of the weights has a Pareto shape above 0.7`,
      needs: [name],
      measure: several(name, ["shapeMode", "untrustedMode", "effectiveMode"]),
      holds: ({ untrustedMode }) => untrustedMode <= 0.1,
    },
  ]),
];

/** One density's log-likelihood is larger. */
const likelier = (name: string, other: string): Statement => ({
  name: `${name} is likelier than ${other}`,
  statement: `log p(y|x), mean over rows, of ${name} is above that of ${other}`,
  needs: [name, other],
  measure: each([name, other], "logLikelihood"),
  holds: (found) => found[name] > found[other],
});

/** One density's draws have the lower score. */
const drawsBetter = (name: string, other: string, measure: "energy" | "crps", words: string): Statement => ({
  name: `${name} draws better than ${other} by the ${words}`,
  statement: `${words}, mean over rows, of ${name} is below that of ${other}`,
  needs: [name, other],
  measure: each([name, other], measure),
  holds: (found) => found[name] < found[other],
});

const ranks: readonly Statement[] = [
  ...others.map((other) => likelier("A", other)),
  likelier("A α 0.25", "A"),
  likelier("A α 0.25", "regression full"),
  likelier("A", "coupled-vae linear"),
  likelier("A", "coupled-vae network"),
  {
    name: "no density is within a nat of the truth",
    statement:
      "log p(y|x), mean over rows, of the truth is above that of every other density by more than one nat",
    needs: ["truth"],
    measure: ({ configurations, read }) => {
      const likelihoods = configurations
        .filter((name) => name !== "truth")
        .map((name) => read(name, "logLikelihood"))
        .filter(Number.isFinite);
      return { truth: read("truth", "logLikelihood"), best: Math.max(...likelihoods) };
    },
    holds: ({ truth, best }) => truth > best + 1,
  },
  ...(["regression full", "marginal full", "coupled-vae network"] as const).flatMap((other) => [
    drawsBetter("A", other, "energy", "energy score"),
    drawsBetter("A", other, "crps", "CRPS"),
  ]),
  drawsBetter("A α 0.25", "A", "energy", "energy score"),
];

const coverage = (level: number) =>
  ["truth", ...generators, ...others].map(
    (name): Statement => ({
      name: `${name}: ${Math.round(100 * level)} % intervals of y hold ${Math.round(100 * level)} %`,
      statement: `${name}: coverage within ${SAME_COVERAGE} of ${level}`,
      needs: [name],
      measure: several(name, ["coverage"]),
      holds: (found) => Math.abs(found.coverage - level) <= SAME_COVERAGE,
    }),
  );

/** One sample's distance from data is larger than another's, beyond what equal distributions have. */
const suffers = (name: string, worse: string, better: string, words: string): Statement => ({
  name: `${name}: ${words}`,
  statement: `${name}: the energy distance ${worse} is above ${better} by more than ${DEVIATIONS} deviations of what equal distributions have`,
  needs: [name],
  measure: several(name, ["aggregateSx", worse, better, `${worse}Null`]),
  holds: (found) => found[worse] > found[better] + DEVIATIONS * found[`${worse}Null`],
});

const samples: readonly Statement[] = generators.flatMap((name) => [
  suffers(
    name,
    "xPrior",
    "xPosterior",
    "x made of the prior of s_x suffers, beside the aggregated posterior",
  ),
  suffers(name, "yPredicted", "yPosterior", "y made of predicted s_y suffers, beside inferred s_y"),
]);

/** Statements about one kind of pairs, those whose densities there are; a case is one run. */
export function generationClaims(
  data: GenerationDataName,
  measured: readonly PairsMeasured[],
  level: number,
): Claim[] {
  const unnamed = measured.map(({ setting: _, ...own }) => own);
  const statements = [
    ...(data === "simulation" ? [truthConverged] : []),
    ...[...bounds, ...ranks, ...coverage(level), ...samples],
  ];
  return checked(statements, unnamed).map((claim) => ({
    ...claim,
    name: `${data}: ${claim.name}`,
  }));
}
