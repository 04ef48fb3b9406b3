import "../../node/world.js";
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { startEngine } from "../../engine/backend.js";
import { normals, seedKey } from "../../engine/random.js";
import { expectedCalibrationError } from "../metrics/calibration.js";
import { classificationScores } from "../metrics/classification-scores.js";
import { rocAuc } from "../metrics/roc-curve.js";
import { riskCoverage } from "../metrics/selective.js";
import { predictors } from "./all.js";
import { linear } from "./linear.js";
import { mlpProbe } from "./mlp-probe.js";
import { readPredictions, savePredictions } from "./predictions-file.js";
import { checkFeatures, classCount, labelsOf, type Predictor } from "./predictor.js";

before(startEngine);
const folder = mkdtempSync(path.join(tmpdir(), "predictor-test-"));
after(() => rmSync(folder, { recursive: true }));

/** A predictor of its own kind: the frequencies of the classes among the rows that it learns from. */
const marginal: Predictor<{ readonly added: number }> = {
  name: "marginal",
  defaults: { added: 1 },
  async fit(_, features, labels, split, settings = { added: 1 }) {
    checkFeatures(features, labels, split);
    const classes = classCount(labels);
    const counts = new Float64Array(classes).fill(settings.added);
    for (const label of labelsOf(labels, split.train)) counts[label]++;
    const total = counts.reduce((sum, count) => sum + count, 0);
    const probabilities = new Float32Array(split.test.length * classes).map(
      (_, i) => counts[i % classes] / total,
    );
    const predicted = new Int32Array(split.test.length).fill(counts.indexOf(Math.max(...counts)));
    return {
      predictor: "marginal",
      settings,
      split,
      classes,
      labels: labelsOf(labels, split.test),
      predicted,
      probabilities,
    };
  },
};

const rows = 240;
const values = Float32Array.from(normals(seedKey(1), rows * 4));
const features = { values, shape: [rows, 2, 2] as const };
const labels = Int32Array.from({ length: rows }, (_, row) =>
  Number(values[4 * row] + values[4 * row + 1] > 0.2),
);
const all = Int32Array.from({ length: rows }, (_, row) => row);
const split = { train: all.subarray(0, 150), validation: all.subarray(150, 180), test: all.subarray(180) };
const quick = { epochs: 5, batchSize: 32, learningRate: 1e-1, weightDecay: 0 };

test("predictors of three kinds say what metrics need, and again the same after they were on disk", async () => {
  const steps: number[][] = [];
  const onProgress = (done: number, total: number) => steps.push([done, total]);
  const told = [
    await linear.fit(seedKey(2), features, labels, split, quick, onProgress),
    await mlpProbe.fit(seedKey(2), features, labels, split, { ...quick, hidden: 8 }, onProgress),
    await marginal.fit(seedKey(2), features, labels, split),
  ];
  assert.deepEqual([steps.length, steps[24], steps[49]], [50, [25, 25], [25, 25]]);
  for (const predictions of told) {
    const { predictor, probabilities, predicted } = predictions;
    assert.deepEqual([predicted.length, probabilities.length], [60, 120], predictor);
    const file = path.join(folder, `${predictor}.json`);
    savePredictions(file, predictions);
    assert.deepEqual(readPredictions(file), predictions);
    const plain = JSON.parse(readFileSync(file, "utf8"));
    assert.deepEqual(plain.labels, [...labels.subarray(180)]);
    const { accuracy } = classificationScores(predictions.labels, predicted);
    const doubt = Float64Array.from(predicted, (c, row) => 1 - probabilities[2 * row + c]);
    assert.ok(riskCoverage(predictions.labels, predicted, doubt).area <= 1 - accuracy + 1e-12, predictor);
    assert.ok(expectedCalibrationError(predictions.labels, probabilities, 2) < 0.3, predictor);
    const auc = rocAuc(predictions.labels, probabilities, 2);
    assert.ok(predictor === "marginal" ? auc === 0.5 : auc > 0.9, `${predictor}: ${auc}`);
  }
});

test("every predictor sizes itself to two tokens of two numbers, has a name of its own and settings that are plain data", async () => {
  const all = Object.values(predictors) as unknown as Predictor<object>[];
  assert.equal(new Set(all.map(({ name }) => name)).size, 7);
  for (const { name, defaults, fit } of all) {
    assert.deepEqual(JSON.parse(JSON.stringify(defaults)), defaults);
    const few = { train: split.train.subarray(0, 30), validation: split.validation, test: split.test };
    const told = await fit(seedKey(3), features, labels, few, { ...defaults, epochs: 1, trees: 2 });
    assert.deepEqual([told.predictor, told.probabilities.length], [name, 120]);
    for (let row = 0; row < 60; row++)
      assert.ok(Math.abs(told.probabilities[2 * row] + told.probabilities[2 * row + 1] - 1) < 1e-6, name);
  }
});

test("a file that holds something else is refused by name", () => {
  const file = path.join(folder, "other.json");
  writeFileSync(
    file,
    JSON.stringify({ split: { test: [1] }, labels: [1], predicted: [1], probabilities: [1], classes: 2 }),
  );
  assert.throws(() => readPredictions(file), /other\.json holds no predictions that are whole/);
});
