import assert from "node:assert/strict";
import { test } from "node:test";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { columnValues } from "../models/modalities/tabular/table.js";
import { linearPredictions, marginalPredictions, nearestPredictions } from "./imputation-baselines.js";
import { treePredictions } from "./imputation-trees.js";

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
const everyBaseline = [marginalPredictions, linearPredictions, nearestPredictions, treePredictions];
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

test("the nearest rows know what no linear model can: a number in whose middle a category sits", () => {
  const band = (seed: number, rows: number) => {
    const own = linearTable(seed, rows);
    const categorical = own.categorical.map((_, row) => Number(Math.abs(own.numeric[3 * row]) < 0.7));
    const numeric = own.numeric.map((v, i) => (i % 3 === 1 ? Math.abs(own.numeric[i - 1]) : v));
    return { rows, numeric, categorical };
  };
  const [training, validation, heldOut] = [band(1, 2000), band(2, 300), band(3, 300)];
  for (const feature of [1, 3]) {
    const asked = { shape, training, validation, heldOut, feature, visible: [0], categories: 2 };
    const nearest = nearestPredictions(asked);
    const linear = linearPredictions(asked);
    assert.ok(nearest.k >= 5 && nearest.k <= 50, `${nearest.k} neighbours`);
    assert.ok(mean(nearest.logLikelihood) > mean(linear.logLikelihood) + 0.5);
    assert.equal(linear.lambda, 1000);
  }
});

test("the penalty follows the validation rows: little of it where categories are told exactly, much on noise", () => {
  const alone = { numeric: 20, cardinalities: [8] };
  const rows = (seed: number, count: number) => {
    const numeric = normals(seedKey(seed), 20 * count);
    const categorical = Int32Array.from({ length: count }, (_, row) =>
      Math.min(7, Math.max(0, Math.floor(2 * numeric[20 * row] + 4))),
    );
    return { rows: count, numeric, categorical };
  };
  const [training, validation, heldOut] = [rows(1, 800), rows(2, 200), rows(3, 200)];
  const data = { shape: alone, training, validation, heldOut };
  const told = linearPredictions({ ...data, feature: 20, visible: [0, 1, 2] });
  assert.ok(told.converged && told.iterations > 0);
  assert.ok(told.lambda < 0.1, `λ ${told.lambda}`);
  assert.ok(mean(told.logLikelihood) > -0.25, `${mean(told.logLikelihood)}`);
  const noise = { ...data, training: rows(4, 60), feature: 20, visible: [5, 6, 7, 8, 9, 10, 11, 12, 13, 14] };
  const blind = linearPredictions(noise);
  assert.ok(blind.lambda >= 10, `λ ${blind.lambda}`);
  assert.ok(mean(blind.logLikelihood) > mean(marginalPredictions(noise).logLikelihood) - 0.05);
});

test("whatever the column is, every baseline gives every cell a finite likelihood", () => {
  const wide = { numeric: 12, cardinalities: [4, 6] };
  const make = (rows: number, number: (row: number, j: number) => number, code: (row: number) => number) => ({
    rows,
    numeric: Float32Array.from({ length: 12 * rows }, (_, i) => number(Math.floor(i / 12), i % 12)),
    categorical: Int32Array.from({ length: 2 * rows }, (_, i) => code(i >> 1)),
  });
  const draws = normals(seedKey(9), 12 * 30);
  const noise = (row: number, j: number) => draws[12 * row + j];
  const heavy = (row: number, j: number) => (row % 10 === 3 ? (j < 3 ? 1e30 : noise(row, j)) : noise(row, 0));
  const cases = {
    "fewer rows than columns": [make(5, noise, (row) => row % 4), make(8, noise, (row) => row % 4)],
    "heavy tails, in two columns alike": [make(30, heavy, (row) => row % 4), make(30, heavy, () => 2)],
    "a heavy tail in held-out rows alone": [make(30, noise, (row) => row % 4), make(30, heavy, () => 2)],
    constants: [
      make(
        30,
        () => 3,
        () => 1,
      ),
      make(30, noise, (row) => row % 4),
    ],
    "a row per category": [make(4, noise, (row) => row), make(8, noise, (row) => row % 4)],
    "a category that training lacks": [make(30, noise, (row) => row % 2), make(9, noise, (row) => row % 4)],
    "one training row": [make(1, noise, () => 0), make(9, noise, (row) => row % 4)],
  };
  for (const [name, [training, others]] of Object.entries(cases))
    for (const feature of [1, 12])
      for (const validation of [others, make(0, noise, () => 0), make(3, noise, () => 3)])
        for (const predictions of everyBaseline) {
          const visible = [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13];
          const asked = { shape: wide, training, validation, heldOut: others, feature, visible };
          const { logLikelihood, point } = predictions({ ...asked, categories: 4 });
          const said = `${name}, column ${feature}, ${predictions.name}: ${logLikelihood}`;
          assert.ok(logLikelihood.every(Number.isFinite) && point.every(Number.isFinite), said);
        }
});

test("probability is shared by the occurring categories alone", () => {
  const rows = { rows: 6, numeric: new Float32Array(18), categorical: Int32Array.of(0, 0, 0, 1, 1, 0) };
  const asked = { ...rows, rows: 2, numeric: new Float32Array(6), categorical: Int32Array.of(0, 1) };
  for (const predictions of everyBaseline) {
    const sum = (categories?: number) =>
      predictions({
        shape,
        training: rows,
        validation: asked,
        heldOut: asked,
        feature: 3,
        visible: [0],
        categories,
      }).logLikelihood.reduce((total, v) => total + Math.exp(v), 0);
    assert.ok(Math.abs(sum(2) - 1) < 1e-6, predictions.name);
    assert.ok(sum() < 0.999, `${predictions.name}: a third slot may occur`);
    assert.throws(
      () => sum(1),
      /training has slot 1 of column 3 in row 3; leave out rows whose slot is above 0/,
    );
  }
  const unseen = { ...asked, categorical: Int32Array.of(0, 2) };
  const of = (validation: typeof rows) =>
    linearPredictions({
      shape,
      training: rows,
      validation,
      heldOut: asked,
      feature: 3,
      visible: [0],
      categories: 2,
    });
  assert.deepEqual(
    of(unseen),
    of({ ...asked, rows: 1, numeric: new Float32Array(3), categorical: Int32Array.of(0) }),
  );
});
