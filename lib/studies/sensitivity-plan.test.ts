import assert from "node:assert/strict";
import { test } from "node:test";
import { expectClose } from "../engine/finite-differences.js";
import { type SensitivityColumn, sensitivityPaper, sensitivityParts } from "./sensitivity-plan.js";
import { resolveRun } from "./tabular-run.js";

test("on Table 7's line for Adult the factors give what Tables 4 and 5 print", () => {
  const of = (column: SensitivityColumn) => {
    const { job } = sensitivityParts(sensitivityPaper).find(
      (part) => part.column === column && !part.job.arm,
    )!;
    const { recipe } = resolveRun(job.config);
    return recipe as typeof recipe & {
      model: { encoder: { layers: number; width: number }; predictor: { ff: number } };
    };
  };
  const weights = (column: SensitivityColumn) => {
    const { klSx, klSy, klZ, rec, gen } = of(column).objective;
    return [klSx, klSy, klZ, rec, gen] as number[];
  };
  const close = (column: SensitivityColumn, expected: number[]) =>
    expectClose(weights(column), expected, { absolute: 1e-12 });
  close("Base", [1e-4, 1e-5, 1e-6, 0.1, 1]);
  close("Low KL", [1e-5, 1e-6, 1e-6, 0.1, 1]);
  close("High KL", [1e-3, 1e-4, 1e-6, 0.1, 1]);
  close("Low recon.", [1e-4, 1e-5, 1e-6, 0.01, 0.1]);
  close("High recon.", [1e-4, 1e-5, 1e-6, 1, 10]);
  close("High KL + low recon.", [1e-3, 1e-4, 1e-6, 0.01, 0.1]);
  close("Low KL + high recon.", [1e-5, 1e-6, 1e-6, 1, 10]);
  const sizes = (column: SensitivityColumn) => {
    const { model, training } = of(column);
    const { encoder, predictor } = model;
    return [encoder.width, encoder.layers, predictor.ff, training.learningRate, training.batchSize];
  };
  assert.deepEqual(sizes("Base"), [64, 8, 256, 1e-3, 512]);
  assert.deepEqual(sizes("Shallow"), [64, 4, 256, 1e-3, 512]);
  assert.deepEqual(sizes("Low pred.-FF"), [64, 8, 128, 1e-3, 512]);
  assert.deepEqual(sizes("Narrow"), [32, 8, 128, 1e-3, 512]);
  assert.deepEqual(sizes("High pred.-FF"), [64, 8, 512, 1e-3, 512]);
  assert.deepEqual(sizes("Deep"), [64, 16, 256, 1e-3, 512]);
  assert.deepEqual(sizes("Low LR"), [64, 8, 256, 5e-4, 512]);
  assert.deepEqual(sizes("Batch size 256"), [64, 8, 256, 1e-3, 256]);
});
