import assert from "node:assert/strict";
import { test } from "node:test";
import { safeguards } from "../papers/var-jepa/pair-configurations.js";
import { collapseClaims } from "./collapse-claims.js";
import { digitClaims } from "./digit-claims.js";
import { noiseClaims } from "./noise-claims.js";
import type { PairsMeasured } from "./pairs-cells.js";
import { pairsStudyConfig } from "./pairs-plan.js";
import { removalClaims } from "./removal-claims.js";
import { safeguardClaims } from "./safeguard-claims.js";

type Values = Readonly<Record<string, number>>;

/** The same on means and on samples, unless a name says `measure samples`. */
function measured(configuration: string, values: Values, run = 0, setting?: string): PairsMeasured {
  const measures = Object.entries(values).flatMap(([name, value]) => {
    const [measure, on] = name.split(" ");
    return (["means", "samples"] as const)
      .filter((own) => (on ? own === on : !(`${measure} ${own}` in values)))
      .map((own) => ({ measure, on: own, value }));
  });
  return { configuration, run, measures, ...(setting !== undefined && { setting }) };
}

const told = (claims: ReturnType<typeof removalClaims>, name: string) => {
  const claim = claims.find((own) => own.name === name);
  assert.ok(claim, `no claim "${name}" among ${claims.map((own) => own.name).join("; ")}`);
  return claim;
};

/** What the announcement tells, in made-up numbers. */
const story: Record<string, Values> = {
  A: {
    ...{ r2SxGivenClass: 0.7, klAggregateSx: 1, effectiveRankSx: 12, informationUpper: 9, probeSx: 0.99 },
    ...{ predictionErrorRatio: 0.5, predictionError: 5, logVarianceSy: -2 },
  },
  G: {
    ...{ "r2SxGivenClass means": 0.3, "r2SxGivenClass samples": 0.01, "probeSx samples": 0.52 },
    ...{ klAggregateSx: 0.02, effectiveRankSx: 16, informationUpper: 0.1, "probeSx means": 0.98 },
  },
  "no-rec": {
    ...{
      r2SxGivenClass: 0.02,
      klAggregateSx: 0.03,
      informationUpper: 0.2,
      "probeSx means": 0.98,
      "probeSx samples": 0.52,
    },
  },
  "no-gen": { r2SxGivenClass: 0.69 },
  "no-rec-gen": { r2SxGivenClass: 0.01, klAggregateSx: 0.02, informationUpper: 0.1 },
  "no-rec-gen-klSx": { r2SxGivenClass: 0.6, klAggregateSx: 40, informationLower: 6, informationUpper: 30 },
  "no-rec-gen-klSx-klZ": { r2SxGivenClass: 0.6, klAggregateSx: 40, informationUpper: 30 },
  "no-rec-gen-klSx-klZ-entropy": { r2SxGivenClass: 0.3, klAggregateSx: 30, informationUpper: 8 },
  "no-klSx": { r2SxGivenClass: 0.72, klAggregateSx: 30, informationUpper: 50 },
  "no-klSx-klZ": { r2SxGivenClass: 0.71, klAggregateSx: 30, informationUpper: 50 },
  "no-klSx-klZ-entropy": { r2SxGivenClass: 0.6, klAggregateSx: 20, informationUpper: 20 },
  "no-rec-klSx-klZ-entropy": { r2SxGivenClass: 0.2, klAggregateSx: 10, informationUpper: 9 },
  "no-klSy": { predictionErrorRatio: 1.4, r2SxGivenClass: 0.6 },
  vae: { r2SxGivenClass: 0.61 },
  "coupled-vae": { r2SxGivenClass: 0.62 },
  ae: { r2SxGivenClass: 0.75 },
  "no-entropy": { predictionErrorRatio: 0.4, logVarianceSy: -9 },
  untrained: { r2SxGivenClass: 0.5, probeSx: 0.98 },
  "one-component": { r2SxGivenClass: 0.05, probeSx: 0.99 },
  jepa: { varianceRatio: 1e-4, effectiveRankSx: 1.2, r2SxGivenClass: 0.4, predictionError: 0.01 },
};
const cases = (changes: Record<string, Values> = {}, run = 0, setting?: string) =>
  Object.entries(story).map(([name, values]) =>
    measured(name, { ...values, ...changes[name] }, run, setting),
  );

test("the announced story holds of numbers that tell it, in every case", () => {
  const claims = removalClaims([...cases(), ...cases({}, 1), ...cases({}, 0, "tanh")]);
  const failing = claims.filter(({ holds }) => !holds).map(({ name }) => name);
  // Two points have no rank correlation.
  assert.deepEqual(failing, [
    "a lower prediction error means a better representation",
    "a lower prediction error relative to the variance means a better representation",
  ]);
  const lost = told(claims, "G: samples of s_x lose the true s_x");
  assert.deepEqual(lost.measured, { A: 0.7, G: 0.01, held: 2, "held, tanh": 1, cases: 3 });
  const falls = told(claims, "decoders first: wherever information falls, KL_agg looks better");
  assert.deepEqual([falls.measured.falls, falls.measured["falls that lower KL_agg"]], [2, 2]);
  // A claim about a configuration that is not there is not made.
  assert.ok(!claims.some(({ name }) => name.startsWith("jepa-own")));
});

test("each fails on numbers that contradict it, be it in one case of three", () => {
  const contradictions: [name: string, changes: Record<string, Values>][] = [
    ["G: means of s_x lose the true s_x", { G: { "r2SxGivenClass means": 0.5 } }],
    ["no-gen: s_x keeps the true s_x without a decoder of y", { "no-gen": { r2SxGivenClass: 0.3 } }],
    ["a probe proves nothing", { untrained: { probeSx: 0.7 } }],
    [
      "no-rec: a probe on means is no evidence",
      { "no-rec": { "probeSx samples": 0.7, "probeSx means": 0.98 } },
    ],
    ["G: a probe on means is no evidence", { G: { "probeSx means": 0.6 } }],
    ["G: samples of s_x tell less than one number of x", { G: { "r2SxGivenClass samples": 0.1 } }],
    [
      "decoders first: wherever information falls, KL_agg looks better",
      { "no-rec-gen-klSx-klZ-entropy": { klAggregateSx: 50 } },
    ],
    [
      "both orders: the distribution looks better exactly where the information is gone",
      { "no-rec": { klAggregateSx: 0.6 } },
    ],
    [
      "both orders: the distribution looks better exactly where the information is gone",
      { "no-rec-gen-klSx-klZ-entropy": { informationUpper: 4 } },
    ],
    [
      "both orders: the information goes where x is not decoded and KL_sx is minimised, nowhere else",
      { "no-rec-klSx-klZ-entropy": { informationUpper: 4 } },
    ],
    ["decoders first: all that is measured of the distribution looks better", { G: { effectiveRankSx: 3 } }],
    ["decoders first: taking KL_sx away brings KL_agg above A's", { A: { klAggregateSx: 50 } }],
    [
      "decoders first: taking KL_sx away brings information back",
      { "no-rec-gen-klSx": { informationLower: 4 } },
    ],
    [
      "decoders first: taking KL_sx away brings the true s_x back, in samples",
      { "no-rec-gen-klSx": { "r2SxGivenClass samples": 0.1, "r2SxGivenClass means": 0.6 } },
    ],
    [
      "decoders first: taking KL_sx away brings the true s_x back, in means",
      { "no-rec-gen-klSx": { "r2SxGivenClass means": 0.1, "r2SxGivenClass samples": 0.6 } },
    ],
    [
      "KLs first: without KL_sx the distribution looks worse and the information stays",
      { "no-klSx": { klAggregateSx: 0.5 } },
    ],
    [
      "KLs first: the decoder of x is what the information hangs on",
      { "no-rec-klSx-klZ-entropy": { r2SxGivenClass: 0.55 } },
    ],
    [
      "KLs first: wherever information falls, KL_agg looks better",
      { "no-klSx-klZ-entropy": { klAggregateSx: 35 } },
    ],
    ["without all of KL_sy the predictor learns nothing", { "no-klSy": { predictionErrorRatio: 0.8 } }],
    ["without the entropy alone the predictor learns", { "no-entropy": { predictionErrorRatio: 1.1 } }],
    ["the entropy alone keeps the posterior of s_y from a point", { "no-entropy": { logVarianceSy: -4 } }],
    ["predicting y adds to what s_x tells: A above vae", { vae: { r2SxGivenClass: 0.71 } }],
    ["predicting y adds to what s_x tells: A above coupled-vae", { "coupled-vae": { r2SxGivenClass: 0.71 } }],
    ["without KL_sy s_x is that of a lone VAE", { "no-klSy": { r2SxGivenClass: 0.5 } }],
    ["an autoencoder tells more than the ELBO", { ae: { r2SxGivenClass: 0.65 } }],
    ["jepa loses the variance", { jepa: { varianceRatio: 0.6 } }],
    ["jepa collapses to a point", { jepa: { varianceRatio: 0.2 } }],
    ["jepa: collapse means rank one", { jepa: { effectiveRankSx: 4 } }],
    ["jepa tells less than an untrained encoder", { jepa: { r2SxGivenClass: 0.55 } }],
  ];
  for (const [name, changes] of contradictions) {
    assert.ok(told(removalClaims(cases()), name).holds, name);
    const claim = told(removalClaims([...cases(), ...cases({}, 1), ...cases(changes, 0, "tanh")]), name);
    assert.equal(claim.holds, false, name);
    assert.deepEqual([claim.measured.held, claim.measured["held, tanh"], claim.measured.cases], [2, 0, 3]);
  }
});

test("safeguards: variance and information are two questions; errors are ranked over configurations", () => {
  const found = safeguards.map((name, i) =>
    measured(name, {
      varianceRatio: name === "jepa" ? 1e-5 : 0.1 * i,
      r2SxGivenClass: 0.1 * i,
      predictionError: 10 - i,
      predictionErrorRatio: i,
    }),
  );
  const claims = safeguardClaims([...found, measured("untrained", { r2SxGivenClass: 0.45 })]);
  assert.deepEqual(
    claims
      .filter(({ name, holds }) => /^\S+ keeps /.test(name) && holds)
      .map(({ name }) => name.split(" ")[0]),
    [...safeguards.slice(5), ...safeguards.slice(5)],
  );
  assert.ok(!claims.some(({ name }) => /VICReg|PCA/.test(name)));
  const kept = told(claims, "variance kept is information kept");
  assert.deepEqual(kept.measured, { "keep the variance": 7, "tell more too": 7, held: 1, cases: 1 });
  const scans = [
    measured("vicreg-jepa variance alone", { varianceRatio: 20, r2SxGivenClass: 0.3 }),
    measured("vicreg-jepa covariance alone", { varianceRatio: 0.01 }),
    measured("untrained", { r2SxGivenClass: 0.45 }),
    measured("pca", { r2SxGivenClass: 1.05 }),
  ];
  const more = safeguardClaims([...found, ...scans]);
  assert.deepEqual(told(more, "variance kept is information kept").measured["tell more too"], 7);
  assert.ok(!told(more, "variance kept is information kept").holds);
  assert.ok(told(more, "VICReg's variance term keeps the variance, its covariance term does not").holds);
  assert.deepEqual(told(more, "a safeguard tells more than PCA").measured, {
    ...{ largest: 0.1 * 11, pca: 1.05, held: 1, cases: 1 },
  });
  const better = told(claims, "a lower prediction error means a better representation");
  assert.deepEqual(
    [better.holds, better.measured.correlation, better.measured.configurations],
    [true, -1, 12],
  );
  const relative = "a lower prediction error relative to the variance means a better representation";
  assert.deepEqual([told(claims, relative).holds, told(claims, relative).measured.correlation], [false, 1]);
});

/** What tells the story of α · σ², annealing and free bits; a scale moves by .32 in the 320 steps of the quick preset. */
const collapseStory: Record<string, Values> = {
  ...Object.fromEntries(
    ["A α 0.015625", "A α 0.0625", "A α 0.25", "A", "A α 4", "A α 16", "A α 64"].map((name, i) => [
      name,
      {
        ...{ activeUnitsSx: 12 - 2 * i, activeUnitsZ: i < 2 ? 3 : 0, r2SxGivenClass: 0.6 - 0.1 * i },
        ...{ r2ZGivenClass: 0.001, r2ZFromSyGivenClass: 0.3, logSigmaX: -0.32, logSigmaY: -0.32 },
      },
    ]),
  ),
  ...Object.fromEntries(
    [1 / 64, 1 / 16, 1 / 4, 1, 4].flatMap((product, i) => {
      const values = { r2SxGivenClass: 0.5 - 0.12 * i, activeUnitsSx: 10 - 2 * i };
      const byAlpha = product === 1 ? "A σ 1" : `A σ 1 α ${product}`;
      return [...new Set([byAlpha, `A σ ${Math.sqrt(product)}`])].map((name) => [name, values]);
    }),
  ),
  "A log σ -2": { r2SxGivenClass: 0.5, logSigmaX: -1.8, logSigmaY: -1.8 },
  "A log σ 2": { r2SxGivenClass: 0, logSigmaX: 1.68, logSigmaY: 1.68 },
  "A annealed": { r2SxGivenClass: 0.4, activeUnitsZ: 0 },
  "A α 4 annealed": { r2SxGivenClass: 0.3, activeUnitsSx: 6 },
  "A free bits 0.1": { r2SxGivenClass: 0.4, activeUnitsZ: 8, r2ZGivenClass: 0 },
  "A α 4 free bits 0.1": { r2SxGivenClass: 0.3, activeUnitsSx: 16 },
  "no-klZ": { activeUnitsZ: 8, r2ZGivenClass: 0 },
};

test("posterior collapse: the claims hold of numbers that tell it, and each fails on others", () => {
  const config = pairsStudyConfig("collapse", "quick");
  const claims = (changes: Record<string, Values> = {}) =>
    collapseClaims(
      Object.entries(collapseStory).map(([name, values]) => measured(name, { ...values, ...changes[name] })),
      config,
    );
  const failing = claims().filter(({ holds }) => !holds);
  assert.deepEqual(
    failing.map(({ name }) => name),
    [
      "the learned scale does not stick where it starts",
      "z is alive in Var-JEPA",
      "z is alive when KLs are annealed",
      "where z is alive it carries the true z",
    ],
  );
  assert.ok(
    Math.abs(told(claims(), "a learned scale is as slow as the learning rate").measured["at most"] - 0.32) <
      1e-12,
  );
  const contradictions: [name: string, changes: Record<string, Values>][] = [
    ["the KLs' weight decides how many units of s_x are active", { "A α 16": { activeUnitsSx: 9 } }],
    ["with fixed scales only α · σ² counts", { "A σ 0.5": { r2SxGivenClass: 0.1 } }],
    ["with fixed scales only α · σ² counts", { "A σ 2": { activeUnitsSx: 7 } }],
    ["along α · σ² s_x goes from telling to nothing", { "A σ 1 α 4": { r2SxGivenClass: 0.45 } }],
    ["a scale fixed at 1 tells less than a learned one", { A: { r2SxGivenClass: 0.01 } }],
    ["a small scale does what a small weight of the KLs does", { "A log σ -2": { r2SxGivenClass: 0.2 } }],
    ["a learned scale is as slow as the learning rate", { "A log σ 2": { logSigmaX: -0.3 } }],
    ["a learned scale is as slow as the learning rate", { "A log σ -2": { logSigmaX: -1.5 } }],
    ["annealed: keeps units of s_x alive that α = 4 puts to sleep", { "A α 4": { activeUnitsSx: 6 } }],
    ["A α 4 annealed: s_x tells more in the end", { "A α 4": { r2SxGivenClass: 0.29 } }],
    ["A free bits 0.1: s_x tells more in the end", { "A free bits 0.1": { r2SxGivenClass: 0.3 } }],
    ["z is alive without its KL", { "no-klZ": { activeUnitsZ: 0 } }],
    ["z is alive when its first bits are free", { "A free bits 0.1": { activeUnitsZ: 0 } }],
    ["the true z is in s_y", { A: { r2ZFromSyGivenClass: 0.01 } }],
  ];
  for (const [name, changes] of contradictions) {
    assert.ok(told(claims(), name).holds, name);
    assert.ok(!told(claims(changes), name).holds, name);
  }
  const arrived = { logSigmaX: -1, logSigmaY: -1 };
  const other = claims({
    ...{ A: { ...arrived, activeUnitsZ: 1 }, "A log σ -2": arrived, "A log σ 2": arrived },
    ...{ "A annealed": { activeUnitsZ: 1, r2ZGivenClass: 0 }, "no-klZ": { r2ZGivenClass: 0.3 } },
  });
  for (const { name } of failing) assert.ok(told(other, name).holds, name);
});

/** Rank correlations and coverages of one density at the three levels of noise. */
const levels = (name: string, ranks: readonly number[], coverages: readonly number[], rankSy?: number) =>
  [undefined, "mild", "strong"].map((level, i) =>
    measured(
      name,
      {
        ...(rankSy !== undefined && { noiseRankSy: rankSy * i }),
        ...{ noiseRankY: ranks[i], noiseRankYPooled: ranks[i] + 0.2, coverageY: 0.9 },
        ...{ coverageYLow: coverages[0], coverageYMiddle: 0.9, coverageYHigh: coverages[1] },
      },
      0,
      level,
    ),
  );

test("uncertainty: a case is a run at all levels; what follows must do more than in the control", () => {
  const jepa = [undefined, "mild", "strong"].map((level) => measured("jepa", { probeSx: 1 }, 0, level));
  const found = [
    ...levels("A", [0.3, 0.35, 0.39], [0.9, 0.91], 0.05),
    ...levels("no-klSx", [0, 0.2, 0.5], [0.9, 0.9], 0.3),
    ...levels("regression", [0, 0, 0], [0.99, 0.7]),
    ...levels("variance-regression", [0, 0.2, 0.5], [0.9, 0.92]),
    ...levels("told-sx", [0, 0.5, 0.8], [0.9, 0.9]),
    ...jepa,
  ];
  const claims = noiseClaims(found);
  const holds = (name: string) => told(claims, name).holds;
  // A's is high in the control already, and its Σ follows too little.
  assert.deepEqual(
    [
      "A: the spread of drawn y follows the noise within a class",
      "A: Σ of p(s_y|s_x,z) follows the noise within a class",
      "no-klSx: the spread of drawn y follows the noise within a class",
      "no-klSx: Σ of p(s_y|s_x,z) follows the noise within a class",
      "regression: the spread of drawn y follows the noise within a class",
      "variance-regression: the spread of drawn y follows the noise within a class",
    ].map(holds),
    [false, false, true, true, false, true],
  );
  assert.ok(!holds("A: the spread of drawn y follows as that of a regression with learned variance"));
  assert.ok(holds("no-klSx: the spread of drawn y follows as that of a regression with learned variance"));
  assert.ok(holds("a deterministic JEPA has nothing to tell"));
  const pooled = "pooled over classes there is a rank correlation without any noise that varies";
  assert.ok(holds(pooled));
  const alike = found.map((own) => ({
    ...own,
    measures: own.measures.filter(({ measure }) => measure !== "noiseRankYPooled"),
  }));
  assert.ok(!told(noiseClaims(alike), pooled).holds);
  assert.ok(holds("A: 90 % intervals of y hold 90 %"));
  assert.ok(holds("A: intervals hold as often where noise is high as where it is low"));
  assert.ok(!holds("regression: intervals hold as often where noise is high as where it is low"));
  assert.ok(!claims.some(({ name }) => name.startsWith("jepa-rec-gen")));
  const speaking = noiseClaims([...found.slice(0, -1), measured("jepa", { coverageY: 0.9 }, 0, "strong")]);
  assert.ok(!told(speaking, "a deterministic JEPA has nothing to tell").holds);
  const narrow = noiseClaims([...found, measured("A", { coverageY: 0.8 }, 0, "mild")]);
  assert.ok(!told(narrow, "A: 90 % intervals of y hold 90 %").holds);
});

test("digits: what is told is the class", () => {
  const all: Record<string, Values> = {
    A: { probeSx: 0.9, klAggregateSx: 1, informationUpper: 9 },
    G: { "probeSx samples": 0.1, "probeSx means": 0.6, klAggregateSx: 0.1, informationUpper: 0.1 },
    "no-rec": { "probeSx samples": 0.12, "probeSx means": 0.3 },
    "no-rec-gen-klSx": { klAggregateSx: 8, informationLower: 2 },
    "jepa-ema-0.9": { probeSx: 0.85, varianceRatio: 0.8 },
    "jepa-stop-gradient": { probeSx: 0.75, varianceRatio: 0.2 },
    jepa: { probeSx: 0.5, varianceRatio: 1e-3, effectiveRankSx: 6 },
    untrained: { probeSx: 0.8, varianceRatio: 1 },
    pca: { probeSx: 0.89 },
  };
  const claims = digitClaims(Object.entries(all).map(([name, values]) => measured(name, values)));
  assert.deepEqual(
    claims.filter(({ holds }) => !holds).map(({ name }) => name),
    [
      "G: means of s_x lose the class",
      "jepa: collapse means rank one",
      "jepa-stop-gradient keeps the variance",
      "jepa-stop-gradient tells the class better than an untrained encoder",
      "some configuration tells the class better than PCA",
      "a lower prediction error means a better probe",
    ],
  );
  for (const name of [
    "G: samples of s_x lose the class",
    "no-rec: means of s_x lose the class",
    "decoders first: the distribution looks better while the information goes",
    "decoders first: taking KL_sx away turns both round",
    "jepa collapses to a point",
    "jepa-ema-0.9 tells the class better than an untrained encoder",
  ])
    assert.ok(told(claims, name).holds, name);
  // Without true latents there is no R² to speak of.
  assert.ok(!claims.some(({ statement }) => statement.includes("R²")));
});
