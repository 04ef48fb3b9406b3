import assert from "node:assert/strict";
import { test } from "node:test";
import { stepsPerEpoch } from "../training/schedule.js";
import { forImputation } from "./imputation-preset.js";
import { overEpochs, ownTablePreset, type PublishedModels, type TabularPreset } from "./tabular-presets.js";

function updates({ models }: TabularPreset<PublishedModels>, rows: number): number {
  const { epochs, batchSize } = models["var-t-jepa"].training;
  return epochs * stepsPerEpoch(rows, batchSize);
}

test("a preset for imputation makes eight times as many updates, whatever the rows and the batches", () => {
  for (const rows of [18, 27, 220, 300, 800, 1_000, 8_000, 10_000])
    for (const features of [4, 60, 300])
      for (const preset of ["quick", "standard"] as const) {
        const own = ownTablePreset(preset, rows, features);
        const suited = forImputation(own, rows);
        const times = updates(suited, rows) / updates(own, rows);
        assert.ok(Math.abs(times / 8 - 1) < 0.1, `${rows} × ${features}, ${preset}: ${times} times`);
        const { annealEpochs, epochs } = suited.models["var-t-jepa"].training;
        assert.equal(annealEpochs?.klSy, epochs);
      }
  // Trained on of 27, 300, 1,000 and 10,000.
  const made = [18, 220, 800, 8_000].map((rows) =>
    updates(forImputation(ownTablePreset("quick", rows, 14), rows), rows),
  );
  assert.deepEqual(made, [4_000, 4_000, 3_997, 4_095]);
});

test("without a number of rows every batch counts as full", () => {
  const own = overEpochs(ownTablePreset("quick", 1_000, 4), 10);
  assert.equal(forImputation(own).models["var-t-jepa"].training.epochs, 40);
  assert.equal(forImputation(own, 100).models["var-t-jepa"].training.epochs, 80);
});
