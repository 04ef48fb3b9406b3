import assert from "node:assert/strict";
import { test } from "node:test";
import type { ControlLine } from "../evaluation/controls.js";
import type { ImputationResult } from "../evaluation/imputation.js";
import type { TabularStudy } from "../studies/tabular-study.js";
import { committed } from "./committed.test-results.js";
import {
  columnsWon,
  imputationRows,
  runsOf,
  studyControlRows,
  studyTermRows,
  trainingGainRows,
} from "./study-tables.js";

const adult = committed<TabularStudy>("adult-objectives.json");

test("a study's rows: every arm by each of its doubts, then untrained encoders and raw columns", () => {
  const rows = studyControlRows(adult).map((row) => `${row.features}, ${row["dropped by"]}`);
  assert.deepEqual(rows.slice(0, 3), [
    "Table 7's weights (3 seeds), posterior",
    "Table 7's weights (3 seeds), probe",
    "Table 7's weights (3 seeds), at random",
  ]);
  assert.ok(
    rows.some((row) => row.startsWith("untrained var-t-jepa")) && rows.includes("raw columns, probe"),
  );
  const [first] = studyTermRows(adult);
  assert.deepEqual([first.arm, first.seed, first.gen], ["Table 7's weights", 1, "1.19 → 0.121"]);
  const seeds = runsOf(adult, "Table 7's weights").map(({ scores }) => scores.imputation![0]);
  const columns = imputationRows({ ours: seeds });
  assert.deepEqual([seeds.length, columns.length, columnsWon(seeds).columns], [3, 14, 14]);
  assert.match(String(columns[0]["gain of ours"]), /^−?-?\d\.\d{3} ± \d\.\d{3}$/);
});

const line = (accuracy: number, half: number, mix: number, effectiveRank = 10) =>
  ({
    accuracy,
    balancedAccuracy: accuracy - 0.1,
    effectiveRank,
    selective: [
      { by: "probe", scores: [{ dropped: 0.5, accuracy: 1, sameMixAccuracy: 0 }] },
      {
        by: "posterior",
        scores: [
          { dropped: 0, accuracy, sameMixAccuracy: accuracy },
          { dropped: 0.5, accuracy: half, sameMixAccuracy: mix },
        ],
      },
    ],
  }) as unknown as ControlLine;

const study = (trained: ControlLine[], untrained: ControlLine[]) =>
  ({
    runs: trained.map((own, i) => ({
      arm: "A",
      seed: i + 1,
      scores: { line: own },
      provenance: { configuration: { family: "var-t-jepa" } },
    })),
    controls: [
      ...untrained.map((own) => ({ ...own, family: "var-t-jepa" })),
      { ...line(0, 0, 0), family: "t-jepa" },
      { ...line(0, 0, 0), kind: null },
    ],
  }) as unknown as TabularStudy;

test("what training adds is the difference to untrained encoders of the same kind, with its standard error", () => {
  const [row] = trainingGainRows(
    study(
      [line(0.8, 0.9, 0.88, 12), line(0.84, 0.92, 0.88, 16)],
      [line(0.83, 0.95, 0.9), line(0.81, 0.95, 0.9)],
    ),
  );
  // By hand: means .82 and .82; variances .0008 and .0002, so the error is sqrt(.0004 + .0001) = .0224.
  assert.deepEqual(row, {
    model: "A",
    accuracy: "+0.000 ± 0.022",
    "balanced accuracy": "+0.000 ± 0.022",
    "without 50 %": "−0.040 ± 0.010",
    "50 %, above the mix": "−0.020 ± 0.010",
    "effective rank": "+4.0 ± 2.0",
  });
});

test("with one seed a difference stands without error", () => {
  const [row] = trainingGainRows(study([line(0.85, 0.9, 0.9)], [line(0.84, 0.9, 0.9), line(0.84, 0.9, 0.9)]));
  assert.equal(row.accuracy, "+0.010");
});

test("a column is won when the mean over seeds is above, not the majority of seeds", () => {
  const seed = (gain: number, overLinear: number, overNearest: number, change: number, trees?: number) => {
    const marginal = { logLikelihood: -2 };
    const beside = (over: number) => ({ logLikelihood: -2 + gain - over, gainOver: { gain: over } });
    const column = {
      ...{ gain, marginal, linear: beside(overLinear), nearest: beside(overNearest) },
      ...(trees !== undefined && { trees: beside(trees) }),
    };
    return { columns: [column], convergence: { mean: change } } as unknown as ImputationResult;
  };
  const of = (trees?: number) =>
    columnsWon([
      seed(-0.1, -0.1, 1, 0.01, trees),
      seed(-0.1, -0.1, 1, 0.02, trees),
      seed(0.5, -0.1, -1, 0.03, trees),
    ]);
  const { meanGain, convergence, comparedGains, ...counts } = of();
  assert.deepEqual(counts, { columns: 1, aboveMarginal: 1, aboveLinear: 0, aboveNearest: 1 });
  const rounded = (value: number) => Number(value.toFixed(6));
  // By hand: the model's .1 less what it gains over each.
  assert.deepEqual(
    [meanGain, convergence, comparedGains.linear, comparedGains.nearest].map(rounded),
    [0.1, 0.02, 0.2, -0.233333],
  );
  assert.equal(comparedGains.trees, undefined);
  const withTrees = of(0.3);
  assert.deepEqual([withTrees.aboveTrees, rounded(withTrees.comparedGains.trees!)], [1, -0.2]);
});

test("what a column is compared with is a mean over seeds, which may draw other rows and lack a column", () => {
  const column = (name: string, linear: number) => ({
    ...{ column: name, kind: "numeric", gain: 1, gainError: 0 },
    ...{ model: { logLikelihood: 0, score: 0.5 }, marginal: { logLikelihood: -1, score: 0 } },
    linear: { logLikelihood: linear - 1, score: linear / 8, gainOver: { gain: 1 - linear } },
    nearest: null,
  });
  const seed = (...columns: object[]) =>
    ({ columns, convergence: { mean: 0 } }) as unknown as ImputationResult;
  const seeds = [seed(column("a", 7.5), column("b", 2)), seed(column("b", 4)), seed(column("a", 0.5))];
  const rows = imputationRows({ ours: seeds });
  assert.deepEqual(
    rows.map((row) => [row.column, row["gain of linear"], row.linear, row.nearest]),
    [
      ["a", "4.000", 0.5, "–"],
      ["b", "3.000", 0.375, "–"],
    ],
  );
  const { columns, aboveLinear } = columnsWon(seeds);
  assert.deepEqual([columns, aboveLinear], [2, 0]);
});
