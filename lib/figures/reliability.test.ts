import assert from "node:assert/strict";
import { test } from "node:test";
import type { DownstreamRun } from "../studies/downstream-study.js";
import type { MarkedCell } from "./drawing/table.js";
import { reliabilityTable } from "./reliability.js";

const run = (seed: number, calibrationError: number, setting?: string) =>
  ({
    dataset: "SIM",
    input: "t-jepa",
    predictor: "MLP",
    seed,
    ...(setting && { setting }),
    scores: { calibrationError },
  }) as unknown as DownstreamRun;

test("calibration errors as mean and deviation over runs of one setting", () => {
  const { rows, notes } = reliabilityTable([run(1, 0.02), run(2, 0.04), run(1, 0.5, "7 × 7")]);
  const [first, second] = rows.filter(({ predictor, runs }) => predictor === "MLP" && runs !== "");
  assert.deepEqual(first.SIM, { text: "0.030 ± 0.014" });
  assert.deepEqual([first.input, first.runs], ["T-JEPA", "2"]);
  assert.deepEqual([second.input, (second.SIM as MarkedCell).letter], ["T-JEPA, 7 × 7", "a"]);
  assert.ok(rows.every(({ dropped }) => dropped === "0 %"));
  assert.deepEqual(notes.slice(1), ["a: 7 × 7"]);
});
