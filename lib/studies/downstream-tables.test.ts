import assert from "node:assert/strict";
import { test } from "node:test";
import type { DataSetCode } from "../data/datasets/data-set.js";
import { expectClose } from "../engine/finite-differences.js";
import { downstreamClaims, figure3Claims, weightedF1Claim } from "./downstream-claims.js";
import { beside, type DownstreamInputName } from "./downstream-plan.js";
import type { DownstreamScores, KeptScores } from "./downstream-scores.js";
import type { DownstreamRun, SensitivityRun } from "./downstream-study.js";
import { figure3Cells, groupsOf, sensitivityCells, table2Cells, table3Cells } from "./downstream-tables.js";
import { sensitivityClaims } from "./sensitivity-claims.js";
import { sensitivityFactors } from "./sensitivity-plan.js";

/** Accuracies without 0, 10, 20 and 50 % by the encoder's uncertainty and by the predictor's confidence. */
type Accuracies = readonly [number, number, number, number];

function scoresOf(
  latent: Accuracies | undefined,
  confidence: Accuracies,
  more: Partial<DownstreamScores> = {},
): DownstreamScores {
  const kept = (accuracies: Accuracies): KeptScores[] =>
    accuracies.map((accuracy, i) => ({
      dropped: [0, 0.1, 0.2, 0.5][i],
      accuracy,
      macroF1: accuracy - 0.2,
      weightedF1: accuracy - 0.01,
      majority: 0.6,
      sameMix: accuracies[0],
    }));
  const selective = (by: "posterior" | "probe", accuracies: Accuracies) => ({
    by,
    scores: kept(accuracies),
    area: 1 - accuracies[1],
    risk: [],
  });
  return {
    learntFrom: 70,
    scoredOn: 2_000,
    selective: [...(latent ? [selective("posterior", latent)] : []), selective("probe", confidence)],
    recalls: [],
    rocAuc: 0.9,
    calibrationError: 0.1,
    ...more,
  };
}

function runOf(
  input: DownstreamInputName,
  seed: number,
  scores: DownstreamScores,
  own: Partial<DownstreamRun> = {},
): DownstreamRun {
  return { dataset: "AD", predictor: "MLP", input, seed, scores, cpuSeconds: 1, ...own };
}

test("a cell is mean and sample deviation over seeds, beside the number printed in its place", () => {
  const runs = [
    runOf("raw", 1, scoresOf(undefined, [0.8, 0.9, 0.95, 1])),
    runOf("var-t-jepa", 1, scoresOf([0.8, 0.81, 0.82, 0.85], [0.8, 0.9, 0.95, 1])),
    runOf("var-t-jepa", 2, scoresOf([0.84, 0.83, 0.82, 0.79], [0.84, 0.9, 0.95, 1])),
    runOf("raw", 1, scoresOf(undefined, [0.7, 0.8, 0.9, 1]), {
      predictor: "boosted trees",
      setting: "depth 10",
    }),
  ];
  const cells = table2Cells(runs);
  const of = (input: string, metric: string, predictor = "MLP") =>
    cells.filter((cell) => cell.input === input && cell.metric === metric && cell.predictor === predictor);
  const ours = of("var-t-jepa", "accuracy");
  assert.deepEqual(
    ours.map(({ discard, runs, published }) => [discard, runs, published]),
    [
      [0, 2, 0.852],
      [0.1, 2, 0.865],
      [0.2, 2, 0.883],
      [0.5, 2, 0.921],
    ],
  );
  expectClose([ours[0].mean, ours[0].std!, ours[3].mean], [0.82, 0.04 / Math.SQRT2, 0.82], {
    absolute: 1e-12,
  });
  const raw = of("raw", "accuracy");
  assert.deepEqual(raw, [
    {
      dataset: "AD",
      predictor: "MLP",
      input: "raw",
      discard: 0,
      metric: "accuracy",
      mean: 0.8,
      std: null,
      runs: 1,
      published: 0.849,
    },
  ]);
  assert.equal(of("raw", "accuracy, dropped by the predictor's confidence").length, 4);
  assert.deepEqual(
    of("var-t-jepa", "expected calibration error").map(({ mean, runs, published }) => [
      mean,
      runs,
      published,
    ]),
    [[0.1, 2, null]],
  );
  assert.deepEqual(
    of("raw", "accuracy", "boosted trees").map(({ published, setting }) => [published, setting]),
    [[0.864, "depth 10"]],
    "boosted trees stand beside XGBoost",
  );
  const f1 = table3Cells(runs).filter(({ input, discard }) => input === "raw" && discard === 0);
  assert.deepEqual(
    f1.map(({ metric, published }) => [metric, published]),
    [
      ["weighted F1", 0.845],
      ["macro F1", null],
      ["weighted F1", 0.86],
      ["macro F1", null],
    ],
  );
  assert.equal(groupsOf(runs).length, 3);
});

/** Runs of all inputs on five data sets, where Var-T-JEPA has `gain` over all else and `rise` by dropping half. */
function allInputs(gain: number, rise: number): DownstreamRun[] {
  const ambiguity = { spearman: gain > 0 ? 0.5 : -0.5, auc: gain > 0 ? 0.9 : 0.4, roc: [], rows: [] };
  const norm = { uncertainty: 0.7, ambiguity: -0.8, partial: gain > 0 ? 0.2 : -0.1 };
  return (["SIM", "MNIST", "AD", "CC", "BM"] as DataSetCode[]).flatMap((dataset) =>
    ["MLP", "ResNet", "linear"].flatMap((predictor) =>
      [1, 2, 3].flatMap((seed) => {
        const noise = 0.001 * seed;
        const at = (accuracy: number, more: number): Accuracies => [
          accuracy + noise,
          accuracy + noise,
          accuracy + noise,
          accuracy + 1.1 * noise + more,
        ];
        const own = { dataset, predictor };
        const known = dataset === "SIM" || dataset === "MNIST";
        const base = 0.7;
        return [
          runOf("raw", seed, scoresOf(undefined, at(base, 0)), own),
          runOf("t-jepa", seed, scoresOf(undefined, at(gain > 0 ? 0.61 : base, 0)), own),
          runOf("untrained t-jepa", seed, scoresOf(undefined, at(gain > 0 ? 0.6 : 0.75, 0)), own),
          runOf("untrained var-t-jepa", seed, scoresOf(at(base, 0), at(base, 0)), own),
          runOf(
            "var-t-jepa",
            seed,
            scoresOf(at(base + gain, rise), at(base + gain, 0), known ? { ambiguity, norm } : {}),
            own,
          ),
        ];
      }),
    ),
  );
}

test("every claim holds where it should, and fails where the opposite was measured", () => {
  const every = (runs: DownstreamRun[]) => [...downstreamClaims(runs), ...figure3Claims(runs)];
  const [good, bad] = [every(allInputs(0.05, 0.1)), every(allInputs(-0.05, -0.1))];
  assert.equal(good.length, 11);
  assert.deepEqual(
    good.filter(({ holds }) => !holds).map(({ name }) => name),
    [],
  );
  assert.deepEqual(
    bad.filter(({ holds }) => holds).map(({ name }) => name),
    [],
  );
  const { measured } = good.find(({ name }) => name.includes("better than T-JEPA"))!;
  expectClose([measured["mean difference"], measured["sign test p"]], [0.14, 2 ** -10], { absolute: 1e-9 });
  assert.deepEqual([measured.pairs, measured["clearly above"], measured["clearly below"]], [10, 10, 0]);
  assert.equal(measured["p of data sets"], 1 / 32);
});

test("nearly equal inputs support no claim, and ties none at all", () => {
  const equal = allInputs(0, 0).map((run) => ({ ...run, seed: 1 }));
  const names = ["better than T-JEPA", "training helps", "rises with discard", "more than the class mix"];
  const level = downstreamClaims(
    equal
      .filter(({ input }) => input !== "t-jepa")
      .concat(
        equal.filter(({ input }) => input === "raw").map((run) => ({ ...run, input: "t-jepa" as const })),
      ),
  );
  for (const part of names.slice(0, 2)) {
    const claim = level.find(({ name }) => name.includes(part))!;
    assert.deepEqual([claim.holds, claim.measured.above, claim.measured.below], [false, 0, 0], claim.name);
  }
  const two = allInputs(0.05, 0.1).filter(({ dataset }) => dataset === "SIM");
  const few = downstreamClaims(two).find(({ name }) => name.includes("better than T-JEPA"))!;
  assert.deepEqual(
    [few.holds, few.measured["sign test p"]],
    [false, 1 / 4],
    "two pairs of two are not enough",
  );
});

test("what the encoder drops is counted by data sets, whatever the number of predictors", () => {
  const rising = new Set(["SIM", "MNIST", "AD", "CC"]);
  const runs = ["MLP", "ResNet", "DCNv2"].flatMap((predictor) =>
    [...rising, "BM"].flatMap((dataset) =>
      allInputs(0.05, rising.has(dataset) ? 0.1 : -0.1)
        .filter((run) => run.dataset === dataset && run.predictor === "MLP")
        .map((run) => ({ ...run, predictor })),
    ),
  );
  const claims = downstreamClaims(runs);
  const { holds, measured } = claims.find(({ name }) => name.includes("rises with discard"))!;
  assert.deepEqual([measured.above, measured.below, measured["data sets above"]], [12, 3, 4]);
  assert.ok(measured["sign test p"] < 0.05 && measured["p of data sets"] === 6 / 32 && !holds);
  assert.ok(claims.find(({ name }) => name.includes("better than T-JEPA"))!.holds);
});

test("with a margin a difference is clear when its interval leaves the margin out", () => {
  // .005 below the columns, and surely so: competitive within .01.
  const below = allInputs(-0.005, 0).filter(({ input }) => input === "raw" || input === "var-t-jepa");
  const { holds, measured } = downstreamClaims(below).find(({ name }) => name.includes("competitive"))!;
  assert.deepEqual([holds, measured["clearly above"], measured["clearly below"]], [true, 10, 0]);
});

test("a claim counts only pairs that both sides have, and is left out without any", () => {
  const runs = allInputs(0.05, 0.1).filter(
    ({ input, dataset }) => input === "var-t-jepa" || (input === "raw" && dataset === "SIM"),
  );
  const claims = downstreamClaims(runs);
  assert.equal(claims.find(({ name }) => name.includes("competitive"))?.measured.pairs, 2);
  assert.ok(!claims.some(({ name }) => name.includes("better than T-JEPA") || name.includes("collapses")));
  assert.deepEqual([...downstreamClaims([]), ...figure3Claims([])], []);
  const averaged = { ...runs[0], input: "var-t-jepa", setting: beside.averaged } as const;
  assert.deepEqual(
    downstreamClaims([...runs, averaged]),
    claims,
    "what only stands beside counts in no claim",
  );
});

test("the printed F1 is told by its distance", () => {
  const [claim] = weightedF1Claim(table3Cells(allInputs(0.05, 0.1)));
  assert.equal(claim.measured["printed cells"], 20);
  assert.ok(claim.holds);
});

test("Figure 3's numbers are those of the linear probe", () => {
  const cells = figure3Cells(allInputs(0.05, 0.1));
  assert.deepEqual([...new Set(cells.map(({ predictor }) => predictor))], ["linear"]);
  const auc = cells.filter(({ metric }) => metric.startsWith("ROC"));
  assert.deepEqual(
    auc.map(({ dataset, mean, runs }) => [dataset, mean, runs]),
    [
      ["SIM", 0.9, 3],
      ["MNIST", 0.9, 3],
    ],
  );
});

test("the columns of Tables 4 and 5 stand beside their printed numbers", () => {
  const low = new Set(["High KL", "Low recon.", "Deep"]);
  const runs = Object.keys(sensitivityFactors).flatMap((column) =>
    ["MLP", "ResNet"].flatMap((predictor) =>
      [1, 2, 3].map((seed): SensitivityRun => {
        const accuracy = (low.has(column) ? 0.82 : 0.85) + 0.001 * seed;
        const scores = scoresOf([accuracy, accuracy, accuracy, accuracy], [1, 1, 1, 1]);
        return {
          ...runOf("var-t-jepa", seed, scores, { predictor }),
          column: column as SensitivityRun["column"],
        };
      }),
    ),
  );
  const table4 = sensitivityCells(runs, 4);
  assert.equal(table4.length, (7 + 4) * 2 * 4);
  assert.ok(
    table4.every(({ column, published }) => (published === null) === /^KL ×|untrained/.test(column ?? "")),
  );
  const cell = table4.find(
    ({ column, predictor, discard }) => column === "High KL" && predictor === "ResNet" && discard === 0.5,
  )!;
  assert.equal(cell.published, 0.89);
  assert.equal(sensitivityCells(runs, 5).find(({ column }) => column === "Deep")?.published, 0.832);
  const claims = (of: readonly SensitivityRun[]) =>
    sensitivityClaims(of).map(({ name, holds }) => [name.replace("not asked in the paper: ", ""), holds]);
  const inTables = [
    ["High KL costs accuracy", true],
    ["Low recon. costs accuracy", true],
    ["Deep costs accuracy", true],
  ];
  const selects = ["Base", "High KL + low recon.", "untrained", "KL × 100", "KL × 1,000", "KL × 10,000"].map(
    (column) => `with "${column}" the uncertainty selects`,
  );
  const ranked = ["settings rank as in the paper", true];
  assert.deepEqual(claims(runs), [...inTables, ...selects.map((name) => [name, false]), ranked]);
  const selected = runs.map((run): SensitivityRun => {
    const rise = run.column.startsWith("KL ×") ? 0.02 : 0;
    const whole = run.scores.selective[0].scores[0].accuracy;
    return { ...run, scores: scoresOf([whole, whole, whole, whole + rise], [1, 1, 1, 1]) };
  });
  assert.deepEqual(
    claims(selected).filter(([, holds]) => holds),
    [...inTables, ...selects.slice(3).map((name) => [name, true]), ranked],
  );
  const level = runs.map(
    (run) => ({ ...run, column: run.column === "Deep" ? "Base" : run.column }) as SensitivityRun,
  );
  assert.deepEqual(sensitivityClaims(level), [], "without a column nothing is said");
});
