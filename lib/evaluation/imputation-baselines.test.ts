import assert from "node:assert/strict";
import { test } from "node:test";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { columnValues, linearPredictions, marginalPredictions } from "./imputation-baselines.js";

const shape = { numeric: 3, cardinalities: [3] };

/** Column 1 is 2·(column 0) + 1 with noise of 0.1, column 2 is noise, the category follows column 0. */
function linearTable(seed: number, rows: number) {
  const draws = normals(seedKey(seed), 3 * rows);
  const numeric = draws.map((v, i) => (i % 3 === 1 ? 2 * draws[i - 1] + 1 + 0.1 * v : v));
  const categorical = Int32Array.from({ length: rows }, (_, row) => Number(draws[3 * row] > 0));
  return { rows, numeric, categorical };
}

const [training, heldOut, validation] = [linearTable(1, 2000), linearTable(2, 500), linearTable(3, 500)];
const none = linearTable(4, 0);
const data = (feature: number, visible: number[]) => ({
  shape,
  training,
  validation,
  heldOut,
  feature,
  visible,
  categories: feature === 3 ? 2 : undefined,
});
const mean = (values: Float64Array) => values.reduce((sum, v) => sum + v, 0) / values.length;

test("the marginal is a Gaussian of the training rows, or their frequencies with one row added to each", () => {
  const few = (numeric: number[], categorical: number[]) => ({
    rows: categorical.length,
    numeric: Float32Array.from(numeric.flatMap((v) => [v, 0, 0])),
    categorical: Int32Array.from(categorical),
  });
  const [seen, asked] = [few([1, 3, 1, 3], [0, 0, 1, 0]), few([2, 5], [1, 2])];
  const of = (feature: number) =>
    marginalPredictions({ shape, training: seen, validation: none, heldOut: asked, feature, visible: [] });
  const number = of(0);
  const atMean = -0.5 * Math.log(2 * Math.PI);
  expectClose(number.logLikelihood, [atMean, atMean - 4.5]);
  expectClose(number.point, [2, 2]);
  const category = of(3);
  expectClose(category.logLikelihood, [Math.log(2 / 7), Math.log(1 / 7)]);
  expectClose(category.point, [0, 0]);
  // A column without spread keeps a finite density.
  assert.ok(of(1).logLikelihood.every(Number.isFinite));
});

test("the linear model knows a linear column to its noise, and is no better than the marginal on noise", () => {
  const linear = linearPredictions(data(1, [0, 3]));
  const marginal = marginalPredictions(data(1, []));
  // Entropy of the noise: log(0.1 · √(2πe)).
  assert.ok(
    Math.abs(mean(linear.logLikelihood) + Math.log(0.1) + 0.5 * Math.log(2 * Math.PI * Math.E)) < 0.1,
  );
  assert.ok(mean(linear.logLikelihood) > mean(marginal.logLikelihood) + 2);
  const truth = columnValues(shape, heldOut, 1);
  assert.ok(mean(truth.map((v, row) => (v - linear.point[row]) ** 2)) < 0.012);

  const noise = linearPredictions(data(2, [0, 3]));
  const own = marginalPredictions(data(2, []));
  assert.ok(Math.abs(mean(noise.logLikelihood) - mean(own.logLikelihood)) < 0.02);
});

test("the linear model knows a category that a number decides, and its likelihood is above the marginal's", () => {
  const { logLikelihood, point } = linearPredictions(data(3, [0, 2]));
  const truth = columnValues(shape, heldOut, 3);
  assert.ok(mean(truth.map((category, row) => Number(category === point[row]))) > 0.97);
  assert.ok(mean(logLikelihood) > mean(marginalPredictions(data(3, [])).logLikelihood) + 0.3);
});
