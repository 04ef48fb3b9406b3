import assert from "node:assert/strict";
import { test } from "node:test";
import { expectClose, finiteDifferences } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { fitPenalisedSoftmax, logProbabilities, penalisedLoss } from "./penalised-softmax.js";
import { type SparseFeatures, sparseFeatures } from "./raw-features.js";

const shape = { numeric: 2, cardinalities: [3, 4] };

/** Two numbers and two categories, and a class of 4 that follows from them in part; `order` permutes the rows. */
function table(rows: number, order = (row: number) => row) {
  const draws = normals(seedKey(7), 4 * rows);
  const at = (row: number, j: number) => draws[4 * order(row) + j];
  const code = (v: number, count: number) => Math.min(count - 1, Math.max(0, Math.floor(v + count / 2)));
  const numeric = Float32Array.from({ length: 2 * rows }, (_, i) => at(i >> 1, i % 2));
  const categorical = Int32Array.from({ length: 2 * rows }, (_, i) =>
    i % 2 === 0 ? code(at(i >> 1, 2), 3) : code(at(i >> 1, 0) + at(i >> 1, 3), 4),
  );
  const labels = Int32Array.from({ length: rows }, (_, row) =>
    code(at(row, 1) + at(row, 2) + 0.5 * at(row, 3), 4),
  );
  return { features: sparseFeatures(shape, [{ rows, numeric, categorical }], [0, 1, 2, 3])[0], labels };
}

const near = (absolute: number) => ({ absolute, relative: 0 });

/** One categorical column alone. */
function groups(codes: number[], count: number): SparseFeatures {
  const alone = { numeric: 0, cardinalities: [count] };
  const input = { rows: codes.length, numeric: new Float32Array(0), categorical: Int32Array.from(codes) };
  return sparseFeatures(alone, [input], [0])[0];
}

test("the gradient is the loss's, and nothing is left of it at the optimum", () => {
  const { features, labels } = table(300);
  const loss = penalisedLoss(features, labels, 4, 0.3);
  const differences = (weights: Float64Array) => finiteDifferences((w) => loss(w).value, weights);
  const anywhere = Float64Array.from(normals(seedKey(1), (features.columns + 1) * 4));
  expectClose(loss(anywhere).gradient, differences(anywhere), near(1e-4));

  const fit = fitPenalisedSoftmax(features, labels, 4, 0.3);
  assert.ok(fit.converged && fit.iterations > 5);
  assert.ok(differences(fit.weights).every((slope) => Math.abs(slope) < 1e-3));
  // From elsewhere, and with a smaller penalty before: the optimum is one.
  const again = fitPenalisedSoftmax(
    features,
    labels,
    4,
    0.3,
    fitPenalisedSoftmax(features, labels, 4, 0.03).weights,
  );
  expectClose(again.weights, fit.weights, near(1e-4));
});

test("two groups without a penalty to speak of have the log odds of their counts", () => {
  // 8 of 10 and 3 of 20.
  const codes = [...Array(10).fill(0), ...Array(20).fill(1)];
  const labels = codes.map((group, i) => Number(group === 0 ? i < 8 : i < 13));
  const fit = fitPenalisedSoftmax(groups(codes, 2), labels, 2, 1e-6);
  const logs = logProbabilities(fit, groups([0, 1], 2));
  expectClose([logs[1] - logs[0], logs[3] - logs[2]], [Math.log(8 / 2), Math.log(3 / 17)], near(1e-5));
});

test("one group solves p − share + λw = 0, found by bisection", () => {
  // Groups of equal size, mirrored: the intercept is 0 and the logit of group 0 is 2w for both classes' ±w.
  const codes = [...Array(10).fill(0), ...Array(10).fill(1)];
  const labels = codes.map((_, i) => Number(i < 7 || (i >= 10 && i < 13)));
  const lambda = 2;
  let [low, high] = [0, 5];
  for (let i = 0; i < 60; i++) {
    const w = (low + high) / 2;
    if (10 / (1 + Math.exp(-2 * w)) - 7 + lambda * w > 0) high = w;
    else low = w;
  }
  const { weights } = fitPenalisedSoftmax(groups(codes, 2), labels, 2, lambda);
  expectClose(weights, [-low, low, low, -low, 0, 0], near(1e-6));
});

test("a large penalty leaves the frequencies with one row added to each class", () => {
  const { features, labels } = table(300);
  const logs = logProbabilities(fitPenalisedSoftmax(features, labels, 5, 1e9), features);
  const counts = new Float64Array(5).fill(1);
  for (const label of labels) counts[label]++;
  expectClose(
    logs.subarray(0, 5),
    counts.map((count) => Math.log(count / 305)),
    near(1e-5),
  );
});

test("the order of rows does not matter, nor does a constant added to all logits", () => {
  const rows = 200;
  const [own, turned] = [table(rows), table(rows, (row) => (row * 77 + 5) % rows)];
  const [a, b] = [own, turned].map(({ features, labels }) => fitPenalisedSoftmax(features, labels, 4, 1));
  const largest = (x: Float64Array, y: Float64Array) => Math.max(...x.map((v, i) => Math.abs(v - y[i])));
  assert.ok(largest(a.weights, b.weights) < 1e-9);
  const shifted = { ...a, weights: a.weights.map((w, i) => w + Math.floor(i / 4)) };
  const [x, y] = [a, shifted].map((fit) => logProbabilities(fit, own.features));
  assert.ok(largest(x, y) < 1e-12);
});

test("separable classes converge thanks to the penalty, and one of 0 is refused", () => {
  const codes = Array.from({ length: 60 }, (_, row) => row % 6);
  const features = groups(codes, 6);
  const fit = fitPenalisedSoftmax(features, codes, 6, 1e-3);
  assert.ok(fit.converged);
  const logs = logProbabilities(fit, features);
  assert.ok(codes.every((label, row) => logs[row * 6 + label] > -0.01));
  assert.throws(() => fitPenalisedSoftmax(features, codes, 6, 0), /lambda is 0; use a number above 0/);
});

test("one class, no columns, a row per class, numbers beyond all bounds: finite and converged", () => {
  const two = groups([0, 1], 2);
  const cases: [SparseFeatures, number[], number][] = [
    [two, [0, 0], 1],
    [{ ...two, columns: 0, indicatorCount: 0, indicators: new Int32Array(0) }, [0, 1], 2],
    [groups([0, 1, 2, 3, 4], 5), [4, 3, 2, 1, 0], 5],
  ];
  for (const [features, labels, classes] of cases) {
    const fit = fitPenalisedSoftmax(features, labels, classes, 0.1);
    assert.ok(fit.converged);
    const logs = logProbabilities(fit, features);
    assert.ok(logs.every((v) => Number.isFinite(v) && v <= 1e-12));
  }
  const { features, labels } = table(50);
  const fit = fitPenalisedSoftmax(features, labels, 4, 0.1);
  const far = { ...features, numbers: features.numbers.map((v) => v * 1e30) };
  assert.ok(logProbabilities(fit, far).every(Number.isFinite));
});
