import assert from "node:assert/strict";
import { test } from "node:test";
import { safeguards } from "../papers/var-jepa/pair-configurations.js";
import type { PairsMeasured } from "./pairs-cells.js";
import { collapseClaims, removalClaims, safeguardClaims } from "./pairs-claims.js";

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
    ...{ r2SxGivenClass: 0.02, klAggregateSx: 0.03, "probeSx means": 0.98, "probeSx samples": 0.52 },
  },
  "no-gen": { r2SxGivenClass: 0.69 },
  "no-rec-gen": { r2SxGivenClass: 0.01, klAggregateSx: 0.02 },
  "no-rec-gen-klSx": { r2SxGivenClass: 0.6, klAggregateSx: 40, informationLower: 6, informationUpper: 30 },
  "no-rec-gen-klSx-klZ": { r2SxGivenClass: 0.6, klAggregateSx: 40 },
  "no-rec-gen-klSx-klZ-entropy": { r2SxGivenClass: 0.3, klAggregateSx: 30 },
  "no-klSx": { r2SxGivenClass: 0.72, klAggregateSx: 30 },
  "no-klSx-klZ": { r2SxGivenClass: 0.71, klAggregateSx: 30 },
  "no-klSx-klZ-entropy": { r2SxGivenClass: 0.6, klAggregateSx: 20 },
  "no-rec-klSx-klZ-entropy": { r2SxGivenClass: 0.2, klAggregateSx: 10 },
  "no-klSy": { predictionErrorRatio: 1.4 },
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
    safeguards.flatMap((name, i) => (i >= 5 ? [name, name] : [])),
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

test("posterior collapse: units along the weight, a living z, a scale that moves", () => {
  const scan = ["A α 0.015625", "A α 0.0625", "A α 0.25", "A", "A α 4", "A α 16", "A α 64"];
  const found = scan.map((name, i) =>
    measured(name, {
      ...{ activeUnitsSx: 2 * i, activeUnitsZ: i > 4 ? 3 : 0, r2ZGivenClass: 0.04 * i },
      ...{ logSigmaX: -1, logSigmaY: -1.2, r2SxGivenClass: 0.1 * i },
    }),
  );
  const starts = [-2, 2].map((start) =>
    measured(`A log σ ${start}`, { logSigmaX: -1.05, logSigmaY: -1.2, r2SxGivenClass: 0.5 }),
  );
  const held = (all: PairsMeasured[]) => collapseClaims(all).map(({ holds }) => holds);
  assert.deepEqual(held([...found, ...starts]), [true, false, true, true, true]);
  const other = measured("A α 4", {
    activeUnitsSx: 1,
    activeUnitsZ: 0,
    r2ZGivenClass: 0.3,
    r2SxGivenClass: 0.5,
  });
  const stuck = measured("A log σ 2", { logSigmaX: 1, logSigmaY: -1.2 });
  const alive = measured("A", {
    activeUnitsSx: 6,
    activeUnitsZ: 1,
    r2ZGivenClass: 0.01,
    logSigmaX: -1,
    logSigmaY: -1.2,
  });
  const dead = found
    .slice(5)
    .map(({ configuration }) => measured(configuration, { activeUnitsSx: 14, activeUnitsZ: 0 }));
  assert.deepEqual(held([...found, ...starts, other, stuck, alive, ...dead]), [
    false,
    true,
    false,
    false,
    false,
  ]);
});
