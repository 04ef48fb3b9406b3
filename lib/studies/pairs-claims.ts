/**
 * Statements about what is left of a Var-JEPA when its terms go, and about what keeps a JEPA from collapse. Each is checked on every
 * run of every setting, and holds if it holds in all of them; those of the announcement stand here too that do not.
 */
import { spearman } from "../evaluation/metrics/ranks.js";
import type { PairMeasure } from "../evaluation/pair-measures.js";
import { mean } from "../moments.js";
import { removalOrders, safeguards } from "../papers/var-jepa/pair-configurations.js";
import type { Claim } from "./claim.js";
import type { PairsMeasured } from "./pairs-cells.js";
import { collapseName, collapseWeights } from "./pairs-plan.js";

/** One run of all configurations in one setting. */
interface Case {
  readonly setting?: string;
  readonly configurations: readonly string[];
  /** NaN of what a configuration does not have. */
  readonly read: (configuration: string, measure: string, on?: PairMeasure["on"]) => number;
}

interface Statement {
  readonly name: string;
  readonly statement: string;
  /** Configurations without which there is nothing to check. */
  readonly needs: readonly string[];
  readonly measure: (found: Case) => Record<string, number>;
  readonly holds: (measured: Record<string, number>) => boolean;
}

const R2 = "r2SxGivenClass";
const KL = "klAggregateSx";

/** One measure of several configurations, under their names. */
const each =
  (configurations: readonly string[], measure: string, on?: PairMeasure["on"]) =>
  ({ read }: Case) =>
    Object.fromEntries(configurations.map((name) => [name, read(name, measure, on)]));

/** Less than half is natural for "lost": more is gone than is left. */
const lost = (value: number, whole: number) => value < whole / 2;

/** A spread less than a tenth of the untrained encoder's, so less than a hundredth of its variance. */
const POINT = 0.01;

/** Nearer to one direction than to two. */
const RANK_ONE = 1.5;

const reconstruction: readonly Statement[] = [
  ...(["no-rec", "G"] as const).flatMap((name) =>
    (["samples", "means"] as const).map(
      (on): Statement => ({
        name: `${name}: ${on} of s_x lose the true s_x`,
        statement: `${name}: R² of ${on} of s_x to the true s_x given the class is less than half of A's`,
        needs: ["A", name],
        measure: each(["A", name], R2, on),
        holds: (r2) => lost(r2[name], r2.A),
      }),
    ),
  ),
  {
    name: "G: samples of s_x tell less than one number of x",
    statement: "R² of G's samples given the class is below that of one principal component of x",
    needs: ["G", "one-component"],
    measure: each(["G", "one-component"], R2, "samples"),
    holds: (r2) => r2.G < r2["one-component"],
  },
  {
    name: "no-gen: s_x keeps the true s_x without a decoder of y",
    statement: "no-gen: R² of samples of s_x given the class is more than half of A's",
    needs: ["A", "no-gen"],
    measure: each(["A", "no-gen"], R2, "samples"),
    holds: (r2) => !lost(r2["no-gen"], r2.A),
  },
  {
    name: "a probe proves nothing",
    statement:
      "one principal component of x and the means of an untrained encoder hold the class for a probe as A's means do, to .05, though each tells less than A's of the true s_x given the class",
    needs: ["A", "untrained", "one-component"],
    measure: (found) => ({
      ...each(["A", "untrained", "one-component"], "probeSx", "means")(found),
      ...renamed(each(["A", "untrained", "one-component"], R2, "means")(found), "R²"),
    }),
    holds: (m) =>
      ["untrained", "one-component"].every((name) => m[name] >= m.A - 0.05 && m[`R² ${name}`] < m["R² A"]),
  },
  ...(["no-rec", "G"] as const).map(
    (name): Statement => ({
      name: `${name}: a probe on means is no evidence`,
      statement: `${name}: a probe finds the class in means as well as in A's, to .05, and no better than chance, to .1, in samples`,
      needs: ["A", name],
      measure: (found) => ({
        ...renamed(each(["A", name], "probeSx", "means")(found), "means"),
        ...renamed(each([name], "probeSx", "samples")(found), "samples"),
      }),
      holds: (probe) => probe[`means ${name}`] >= probe["means A"] - 0.05 && probe[`samples ${name}`] <= 0.6,
    }),
  ),
];

function renamed(values: Record<string, number>, before: string): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${before} ${name}`, value]));
}

/** The steps of an order that have posteriors: those before points. */
function gaussianSteps(order: keyof typeof removalOrders): readonly string[] {
  const steps: readonly string[] = removalOrders[order];
  return steps.slice(0, steps.indexOf("points"));
}
const orderNames = { decodersFirst: "decoders first", klFirst: "KLs first" } as const;

/** Smaller falls of R² count as none: a latent that tells nothing has an R² within .005 of 0. */
const FALL = 0.02;

const orders: readonly Statement[] = (Object.keys(removalOrders) as (keyof typeof removalOrders)[]).flatMap(
  (order) => {
    const steps = gaussianSteps(order);
    const pairs = steps.slice(1).map((name, i) => [steps[i], name] as const);
    return [
      {
        name: `${orderNames[order]}: wherever information falls, KL_agg looks better`,
        statement: `of the steps to ${steps.slice(1).join(", ")}, each at which R² of samples of s_x given the class falls by more than ${FALL} lowers KL_agg too, and there is one`,
        needs: steps,
        measure: (found: Case) => {
          const falls = pairs.filter(
            ([from, to]) => found.read(to, R2, "samples") < found.read(from, R2, "samples") - FALL,
          );
          const better = falls.filter(
            ([from, to]) => found.read(to, KL, "samples") < found.read(from, KL, "samples"),
          );
          return {
            ...{ falls: falls.length, "falls that lower KL_agg": better.length },
            ...renamed(each(steps, R2, "samples")(found), "R²"),
            ...renamed(each(steps, KL, "samples")(found), "KL_agg"),
          };
        },
        holds: ({ falls, "falls that lower KL_agg": better }) => falls > 0 && better === falls,
      } satisfies Statement,
    ];
  },
);

const turned = ["A", "G", "no-rec-gen-klSx"];
const turns: readonly Statement[] = [
  {
    name: "decoders first: all that is measured of the distribution looks better",
    statement:
      "without decoders (G) KL_agg of samples of s_x is lower than A's and their effective rank higher, while R² given the class and the upper bound of the information are less than half of A's",
    needs: ["A", "G"],
    measure: (found) => ({
      ...renamed(each(["A", "G"], KL, "samples")(found), "KL_agg"),
      ...renamed(each(["A", "G"], "effectiveRankSx", "samples")(found), "effective rank"),
      ...renamed(each(["A", "G"], R2, "samples")(found), "R²"),
      ...renamed(each(["A", "G"], "informationUpper", "samples")(found), "information"),
    }),
    holds: (m) =>
      m["KL_agg G"] < m["KL_agg A"] &&
      m["effective rank G"] > m["effective rank A"] &&
      lost(m["R² G"], m["R² A"]) &&
      lost(m["information G"], m["information A"]),
  },
  {
    name: "decoders first: taking KL_sx away brings KL_agg above A's",
    statement: "after the decoders, removing KL_sx brings KL_agg of samples of s_x above A's",
    needs: turned,
    measure: each(turned, KL, "samples"),
    holds: (kl) => kl["no-rec-gen-klSx"] > kl.A,
  },
  {
    name: "decoders first: taking KL_sx away brings information back",
    statement:
      "after the decoders, removing KL_sx brings the lower bound of I(x; s_x) back above half of A's upper bound",
    needs: turned,
    measure: (found) => ({
      ...renamed(each(turned, "informationUpper", "samples")(found), "at most"),
      ...renamed(each(turned, "informationLower", "samples")(found), "at least"),
    }),
    holds: (m) => !lost(m["at least no-rec-gen-klSx"], m["at most A"]),
  },
  ...(["samples", "means"] as const).map(
    (on): Statement => ({
      name: `decoders first: taking KL_sx away brings the true s_x back, in ${on}`,
      statement: `after the decoders, removing KL_sx brings R² of ${on} of s_x given the class back above half of A's`,
      needs: turned,
      measure: each(turned, R2, on),
      holds: (r2) => !lost(r2["no-rec-gen-klSx"], r2.A),
    }),
  ),
  {
    name: "KLs first: without KL_sx the distribution looks worse and the information stays",
    statement:
      "no-klSx: KL_agg of samples of s_x is above A's, R² of samples given the class is not below it by more than .02",
    needs: ["A", "no-klSx"],
    measure: (found) => ({
      ...renamed(each(["A", "no-klSx"], KL, "samples")(found), "KL_agg"),
      ...renamed(each(["A", "no-klSx"], R2, "samples")(found), "R²"),
    }),
    holds: (m) => m["KL_agg no-klSx"] > m["KL_agg A"] && m["R² no-klSx"] >= m["R² A"] - FALL,
  },
  {
    name: "KLs first: the decoder of x is what the information hangs on",
    statement: "of all removals that of the decoder of x lowers R² of samples of s_x given the class most",
    needs: gaussianSteps("klFirst"),
    measure: ({ read }) => {
      const steps = gaussianSteps("klFirst");
      const r2 = steps.map((name) => read(name, R2, "samples"));
      return Object.fromEntries(steps.slice(1).map((name, i) => [`lost at ${name}`, r2[i] - r2[i + 1]]));
    },
    holds: (falls) => Math.max(...Object.values(falls)) === falls["lost at no-rec-klSx-klZ-entropy"],
  },
];

const entropy: readonly Statement[] = [
  {
    name: "without all of KL_sy the predictor learns nothing",
    statement:
      "no-klSy: the predicted s_y is no nearer to the posterior's means than their own mean is (error / variance at least 1)",
    needs: ["no-klSy"],
    measure: each(["A", "no-klSy"], "predictionErrorRatio", "means"),
    holds: (ratio) => ratio["no-klSy"] >= 1,
  },
  {
    name: "without the entropy alone the predictor learns",
    statement: "no-entropy: the predicted s_y is nearer than their mean (error / variance below 1)",
    needs: ["no-entropy"],
    measure: each(["A", "no-entropy"], "predictionErrorRatio", "means"),
    holds: (ratio) => ratio["no-entropy"] < 1,
  },
  {
    name: "the entropy alone keeps the posterior of s_y from a point",
    statement:
      "no-entropy: the mean log variance of q(s_y|s_x,z,y) is below A's by more than log 100 (a tenth of the deviation)",
    needs: ["A", "no-entropy"],
    measure: each(["A", "no-entropy"], "logVarianceSy", "samples"),
    holds: (width) => width["no-entropy"] < width.A - Math.log(100),
  },
];

const collapse: readonly Statement[] = (["jepa", "jepa-own"] as const).flatMap((name): Statement[] => [
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
  {
    name: `${name} tells less than an untrained encoder`,
    statement: `${name}: R² of s_x to the true one given the class, which no scale changes, is below the untrained encoder's`,
    needs: [name, "untrained"],
    measure: each([name, "untrained"], R2, "means"),
    holds: (r2) => r2[name] < r2.untrained,
  },
]);

/** Rank correlations below −1.96 / √(n − 1) are not there by chance, at the 5 % level. */
const prediction: readonly Statement[] = (["predictionError", "predictionErrorRatio"] as const).map(
  (error): Statement => ({
    name: `${error === "predictionError" ? "a lower prediction error" : "a lower prediction error relative to the variance"} means a better representation`,
    statement: `over all trained configurations with a predictor the rank correlation of ${error} and R² of s_x given the class, both on samples, is below −1.96 / √(n − 1)`,
    needs: [],
    measure: ({ configurations, read }) => {
      const points = configurations
        .filter((name) => name !== "untrained")
        .map((name) => [read(name, error, "samples"), read(name, R2, "samples")])
        .filter(
          ([e, r], i, all) =>
            Number.isFinite(e + r) && all.findIndex((one) => one[0] === e && one[1] === r) === i,
        );
      const [errors, r2] = [0, 1].map((i) => points.map((values) => values[i]));
      return {
        correlation: points.length > 2 ? spearman(errors, r2) : Number.NaN,
        chance: -1.96 / Math.sqrt(points.length - 1),
        configurations: points.length,
      };
    },
    holds: ({ correlation, chance }) => correlation < chance,
  }),
);

const repairs: readonly Statement[] = safeguards
  .filter((name) => name !== "jepa")
  .flatMap((name): Statement[] => [
    {
      name: `${name} keeps the variance`,
      statement: `${name}: the total variance of s_x is more than half of the untrained encoder's`,
      needs: [name],
      measure: each([name], "varianceRatio", "means"),
      holds: (ratio) => !lost(ratio[name], 1),
    },
    {
      name: `${name} keeps what an untrained encoder tells, and more`,
      statement: `${name}: R² of s_x to the true one given the class is above the untrained encoder's`,
      needs: [name, "untrained"],
      measure: each([name, "untrained", "jepa"], R2, "means"),
      holds: (r2) => r2[name] > r2.untrained,
    },
  ]);

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

const scan = collapseWeights.map(collapseName);

/** By how much a scale may differ and still be the same: a tenth. */
const SAME_SCALE = Math.log(1.1);

const posterior: readonly Statement[] = [
  {
    name: "the weight of the decoders decides how many units of s_x are active",
    statement: "the number of active units of s_x never falls as α rises, and is higher at the end",
    needs: scan,
    measure: each(scan, "activeUnitsSx", "means"),
    holds: (units) => {
      const along = scan.map((name) => units[name]);
      const falls = along.some((value, i) => i > 0 && value < along[i - 1]);
      return !falls && along[along.length - 1] > along[0];
    },
  },
  {
    name: "z is alive in Var-JEPA",
    statement: "A: at least one unit of z is active",
    needs: ["A"],
    measure: each(["A"], "activeUnitsZ", "means"),
    holds: ({ A }) => A >= 1,
  },
  {
    name: "where z is alive it carries the true z",
    statement:
      "at some α a unit of z is active and R² of means of z to the true one given the class is above .02",
    needs: scan,
    measure: (found) => {
      const alive = scan.filter((name) => found.read(name, "activeUnitsZ", "means") >= 1);
      const r2 = alive.map((name) => found.read(name, "r2ZGivenClass", "means"));
      return { "α at which z is alive": alive.length, "largest R²": alive.length > 0 ? Math.max(...r2) : 0 };
    },
    holds: ({ "largest R²": r2 }) => r2 > FALL,
  },
  {
    name: "a small scale does what a large weight does",
    statement:
      "A with log σ from −2, so 1/σ² from 55, has an R² of samples of s_x given the class between those of α 4 and α 64",
    needs: ["A", "A log σ -2", "A α 4", "A α 64"],
    measure: each(["A", "A log σ -2", "A α 4", "A α 64"], R2, "samples"),
    holds: (r2) => r2["A α 4"] < r2["A log σ -2"] && r2["A log σ -2"] < r2["A α 64"],
  },
  {
    name: "the learned scale does not stick where it starts",
    statement: "log σ_x and log σ_y end within log 1.1 of A's from log σ = −2 and 2",
    needs: ["A", "A log σ -2", "A log σ 2"],
    measure: (found) => ({
      ...renamed(each(["A", "A log σ -2", "A log σ 2"], "logSigmaX")(found), "x"),
      ...renamed(each(["A", "A log σ -2", "A log σ 2"], "logSigmaY")(found), "y"),
    }),
    holds: (m) =>
      ["x", "y"].every((view) =>
        ["A log σ -2", "A log σ 2"].every(
          (name) => Math.abs(m[`${view} ${name}`] - m[`${view} A`]) <= SAME_SCALE,
        ),
      ),
  },
];

/** Statements about the collapse of posteriors, those whose configurations there are. */
export function collapseClaims(measured: readonly PairsMeasured[]): Claim[] {
  return checked(posterior, measured);
}

/** Statements about the removal of terms, those whose configurations there are. */
export function removalClaims(measured: readonly PairsMeasured[]): Claim[] {
  return checked([...reconstruction, ...orders, ...turns, ...collapse, ...prediction, ...entropy], measured);
}

/** Statements about safeguards, those whose configurations there are. */
export function safeguardClaims(measured: readonly PairsMeasured[]): Claim[] {
  return checked([...collapse, ...repairs, ...beyond, ...prediction], measured);
}

/**
 * What was measured is the mean over the runs in which nothing is changed; beside it, in how many of all cases, runs of all settings,
 * the statement holds.
 */
function checked(statements: readonly Statement[], measured: readonly PairsMeasured[]): Claim[] {
  const cases = casesOf(measured);
  return statements.flatMap(({ name, statement, needs, measure, holds }) => {
    const own = cases.filter(({ configurations }) => needs.every((need) => configurations.includes(need)));
    if (own.length === 0) return [];
    const found = own.map((one) => ({ setting: one.setting, values: measure(one) }));
    const held = found.filter(({ values }) => holds(values));
    const unchanged = found.filter(({ setting }) => setting === undefined).map(({ values }) => values);
    const shown = unchanged.length > 0 ? unchanged : found.map(({ values }) => values);
    const means = Object.keys(shown[0])
      .map((key): [string, number] => [key, mean(shown.map((values) => values[key]))])
      .filter(([, value]) => Number.isFinite(value));
    const support = Object.fromEntries(
      [...new Set(found.map(({ setting }) => setting))].map((setting) => [
        `held${setting === undefined ? "" : `, ${setting}`}`,
        held.filter((one) => one.setting === setting).length,
      ]),
    );
    return [
      {
        ...{ name, statement, holds: held.length === found.length },
        measured: { ...Object.fromEntries(means), ...support, cases: found.length },
      },
    ];
  });
}

function casesOf(measured: readonly PairsMeasured[]): Case[] {
  const groups = new Map<string, PairsMeasured[]>();
  for (const one of measured) {
    const name = JSON.stringify([one.setting, one.run]);
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return [...groups.values()].map((group) => {
    const values = new Map(
      group.flatMap(({ configuration, measures }) =>
        measures.map(({ measure, on, value }) => [`${configuration} ${measure} ${on}`, value]),
      ),
    );
    return {
      setting: group[0].setting,
      configurations: group.map(({ configuration }) => configuration),
      read: (configuration, measure, on = "samples") =>
        values.get(`${configuration} ${measure} ${on}`) ?? Number.NaN,
    };
  });
}
