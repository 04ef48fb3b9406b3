import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { columnValues, linearPredictions, marginalPredictions } from "./imputation-baselines.js";

before(startEngine);

const shape = { numeric: 3, cardinalities: [3] };

/** Column 1 is 2·(column 0) + 1 with noise of 0.1, column 2 is noise, the category follows column 0. */
function linearTable(seed: number, rows: number) {
  const draws = normals(seedKey(seed), 3 * rows);
  const numeric = draws.map((v, i) => (i % 3 === 1 ? 2 * draws[i - 1] + 1 + 0.1 * v : v));
  const categorical = Int32Array.from({ length: rows }, (_, row) => Number(draws[3 * row] > 0));
  return { rows, numeric, categorical };
}

const [training, heldOut] = [linearTable(1, 2000), linearTable(2, 500)];
const mean = (values: Float64Array) => values.reduce((sum, v) => sum + v, 0) / values.length;

test("the marginal is a Gaussian of the training rows, or their frequencies with one row added to each", () => {
  const few = (numeric: number[], categorical: number[]) => ({
    rows: categorical.length,
    numeric: Float32Array.from(numeric.flatMap((v) => [v, 0, 0])),
    categorical: Int32Array.from(categorical),
  });
  const [seen, asked] = [few([1, 3, 1, 3], [0, 0, 1, 0]), few([2, 5], [1, 2])];
  const number = marginalPredictions(shape, seen, asked, 0);
  const atMean = -0.5 * Math.log(2 * Math.PI);
  expectClose(number.logLikelihood, [atMean, atMean - 4.5]);
  expectClose(number.point, [2, 2]);
  const category = marginalPredictions(shape, seen, asked, 3);
  expectClose(category.logLikelihood, [Math.log(2 / 7), Math.log(1 / 7)]);
  expectClose(category.point, [0, 0]);
  // A column without spread keeps a finite density.
  assert.ok(marginalPredictions(shape, seen, asked, 1).logLikelihood.every(Number.isFinite));
});

test("the linear model knows a linear column to its noise, and is no better than the marginal on noise", async () => {
  const key = seedKey(3);
  const linear = await linearPredictions(shape, training, heldOut, 1, [0, 3], key);
  const marginal = marginalPredictions(shape, training, heldOut, 1);
  // Entropy of the noise: log(0.1 · √(2πe)).
  assert.ok(
    Math.abs(mean(linear.logLikelihood) + Math.log(0.1) + 0.5 * Math.log(2 * Math.PI * Math.E)) < 0.1,
  );
  assert.ok(mean(linear.logLikelihood) > mean(marginal.logLikelihood) + 2);
  const truth = columnValues(shape, heldOut, 1);
  assert.ok(mean(truth.map((v, row) => (v - linear.point[row]) ** 2)) < 0.012);

  const noise = await linearPredictions(shape, training, heldOut, 2, [0, 3], key);
  const own = marginalPredictions(shape, training, heldOut, 2);
  assert.ok(Math.abs(mean(noise.logLikelihood) - mean(own.logLikelihood)) < 0.02);
});

test("the linear model knows a category that a number decides, and its likelihood is above the marginal's", async () => {
  const { logLikelihood, point } = await linearPredictions(shape, training, heldOut, 3, [0, 2], seedKey(3));
  const truth = columnValues(shape, heldOut, 3);
  assert.ok(mean(truth.map((category, row) => Number(category === point[row]))) > 0.97);
  assert.ok(mean(logLikelihood) > mean(marginalPredictions(shape, training, heldOut, 3).logLikelihood) + 0.3);
});
