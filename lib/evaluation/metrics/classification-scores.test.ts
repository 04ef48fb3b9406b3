import assert from "node:assert/strict";
import { test } from "node:test";
import { expectClose } from "../../engine/finite-differences.js";
import { classificationScores, recallPerClass } from "./classification-scores.js";

test("three classes worked out by hand", () => {
  // Class 0: 2 of 3 found, 1 false; class 1: 1 of 2 found, 1 false; class 2: 1 of 1 found.
  const scores = classificationScores([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 0, 2]);
  const f1 = [4 / 6, 2 / 4, 1];
  expectClose(
    [scores.accuracy, scores.balancedAccuracy, scores.weightedF1, scores.macroF1],
    [4 / 6, (2 / 3 + 1 / 2 + 1) / 3, (3 * f1[0] + 2 * f1[1] + f1[2]) / 6, (f1[0] + f1[1] + f1[2]) / 3],
    { relative: 1e-12 },
  );
  expectClose(recallPerClass([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 0, 2]), [2 / 3, 1 / 2, 1]);
  assert.deepEqual([...recallPerClass([2, 2], [0, 2])], [Number.NaN, Number.NaN, 0.5]);
});

test("a constant prediction on 774 of 1000 rows: the paper's .774 and .675, while macro F1 is .436", () => {
  const labels = Array.from({ length: 1000 }, (_, i) => Number(i >= 774));
  const scores = classificationScores(labels, new Int32Array(1000));
  assert.equal(scores.accuracy, 0.774);
  assert.equal(scores.balancedAccuracy, 0.5);
  assert.equal(scores.weightedF1.toFixed(3), "0.675");
  assert.equal(scores.macroF1.toFixed(3), "0.436");
});

test("a class that neither occurs nor is predicted does not count; lengths that differ are refused", () => {
  const { macroF1, balancedAccuracy } = classificationScores([0, 3], [0, 3]);
  assert.deepEqual([macroF1, balancedAccuracy], [1, 1]);
  assert.equal(classificationScores([0, 0], [0, 1]).macroF1, 1 / 3);
  assert.throws(() => classificationScores([0, 1], [0]), /predicted has 1 rows and labels 2/);
  assert.throws(() => classificationScores([], []), /at least 1/);
});
