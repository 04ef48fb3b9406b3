import assert from "node:assert/strict";
import { test } from "node:test";
import { knownCells } from "../data/tables/known-cells.js";
import { fitSchema } from "../data/tables/preprocess.js";
import { numericColumns, type Table } from "../data/tables/table.js";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { columnValues } from "../models/modalities/tabular/table.js";
import { mean } from "../moments.js";
import { hiddenColumn } from "./hidden-column.js";
import { linearPredictions } from "./imputation-baselines.js";
import { spreadRivals } from "./imputation-spread.js";
import { treePredictions } from "./imputation-trees.js";
import { fitLogVariance } from "./log-variance.js";
import { sparseFeatures } from "./raw-features.js";
import { predictLinear, ridgeOn } from "./ridge.js";

/** A number that two others and a code tell, less surely the larger the second. */
function formulas(first: number, rows: number) {
  const own = Array.from({ length: rows }, (_, row) => {
    const i = first + row;
    const [x, z] = [((7 * i) % 29) / 8, ((11 * i) % 23) / 4];
    const code = ((i * i) % 3) + Number(i % 5 === 0);
    return { numeric: [x, z, x + 0.3 * code + Math.exp(z / 4 - 1) * (((5 * i) % 17) / 8 - 1)], code };
  });
  return {
    rows,
    numeric: Float32Array.from(own.flatMap(({ numeric }) => numeric)),
    categorical: Int32Array.from(own.flatMap(({ code }) => [code, 0])),
  };
}

const asked = {
  shape: { numeric: 3, cardinalities: [4, 1] },
  training: formulas(0, 120),
  validation: formulas(200, 40),
  heldOut: formulas(300, 8),
  feature: 2,
  visible: [0, 1, 3],
};

/**
 * Made apart from this code, in double precision with NumPy and SciPy: the ridge regression by its normal equations and its
 * leave-one-out residuals by the diagonal of the hat matrix, the log variance by BFGS and Newton's method, λ of either along the same
 * thirteen; every tree by brute force, as in `imputation-trees.test.ts`.
 */
test("a linear spread, its penalty and its deviations are those of a program made apart", () => {
  const own = linearPredictions(asked, true);
  assert.equal(own.lambda, 10 ** 0.5);
  assert.ok(own.converged);
  expectClose(
    own.logLikelihood,
    [-0.397437, -0.7942096, -0.9671918, -1.6305756, -0.0569924, -1.0056714, -1.3736028, -0.7661733],
    { absolute: 1e-5 },
  );
  expectClose(
    own.deviation!,
    [0.4683838, 0.8475313, 0.439907, 0.8236666, 0.4204386, 0.7949407, 0.4015277, 0.7271067],
    { absolute: 1e-5 },
  );
  const alike = linearPredictions(asked);
  assert.deepEqual(own.point, alike.point);
  assert.equal(new Set(alike.deviation).size, 1);
  // Mean likelihoods of the validation rows.
  expectClose(
    [own, alike].map(({ chosenOn }) => mean(chosenOn.said.logLikelihood)),
    [-0.6402451, -0.7734084],
    { absolute: 1e-5 },
  );
});

test("boosted spreads, rounds and depth are those of a program made apart", () => {
  const own = treePredictions(asked, true);
  assert.deepEqual([own.rounds, own.maxDepth], [34, 3]);
  expectClose(
    own.logLikelihood,
    [-0.5655108, -0.6666343, -1.3791794, -1.9930426, -0.0602975, -1.7877625, -1.2741861, -0.8091864],
    { absolute: 1e-5 },
  );
  expectClose(
    own.point,
    [1.8396535, 2.7942567, 3.3121239, 0.7581562, 1.613679, 2.384804, 3.2230852, 0.6386588],
    { absolute: 1e-5 },
  );
  expectClose(
    own.deviation!,
    [0.4987397, 0.7648272, 0.4996548, 0.8037993, 0.4163525, 0.7134786, 0.4744345, 0.756054],
    { absolute: 1e-5 },
  );
  const alike = treePredictions(asked);
  assert.deepEqual([alike.rounds, alike.maxDepth], [33, 3]);
});

test("the gradient of a log variance is 0 where its fit ends, penalty and far-off rows included", () => {
  const [features] = sparseFeatures(asked.shape, [asked.training], asked.visible);
  const residuals = Float64Array.from(normals(seedKey(1), 120), (v, i) => v * (i % 40 === 0 ? 20 : 1));
  for (const lambda of [0.1, 10]) {
    const { weights, converged } = fitLogVariance(features, ridgeOn(features), residuals, lambda);
    assert.ok(converged);
    const loss = (own: Float64Array) => {
      const eta = predictLinear(features, own);
      const rows = eta.map((value, row) => value + (residuals[row] ** 2 + 1e-6) * Math.exp(-value));
      const penalty = own.subarray(0, -1).reduce((sum, w) => sum + w * w, 0);
      return rows.reduce((sum, v) => sum + v / 2, 0) + (lambda / 4) * penalty;
    };
    for (let j = 0; j < weights.length; j++) {
      const moved = (by: number) => loss(weights.map((w, k) => w + (k === j ? by : 0)));
      assert.ok(Math.abs(moved(1e-4) - moved(-1e-4)) / 2e-4 < 1e-2, `λ ${lambda}, weight ${j}`);
    }
  }
});

test("hard rows: one alone, none missed, one missed by 1,000, none visible; all is finite and converges", () => {
  const cases = [
    { rows: 1, visible: [0, 3], misses: () => 1 },
    { rows: 50, visible: [0, 1, 3], misses: () => 0 },
    { rows: 200, visible: [0, 1, 3], misses: (i: number) => (i === 7 ? 1_000 : (i % 5) - 2) },
    { rows: 50, visible: [], misses: (i: number) => (i % 5) - 2 },
  ];
  for (const { rows, visible, misses } of cases) {
    const [features] = sparseFeatures(asked.shape, [formulas(0, rows)], visible);
    const residuals = Float64Array.from({ length: rows }, (_, i) => misses(i));
    for (const lambda of [1e-3, 1, 1e3]) {
      const own = fitLogVariance(features, ridgeOn(features), residuals, lambda);
      const deviations = own.deviations(features);
      assert.ok(own.converged && deviations.every(Number.isFinite), `${rows} rows, λ ${lambda}`);
      if (residuals.every((r) => r === 0))
        expectClose(
          deviations,
          deviations.map(() => 1e-3),
          { relative: 1e-6 },
        );
    }
  }
});

test("one row far from the others claims no deviation above the largest residual", () => {
  const rows = 200;
  const draws = normals(seedKey(4), 2 * rows);
  const numeric = Float32Array.from({ length: rows }, (_, i) => (i === 0 ? 300 : draws[2 * i]));
  const shape = { numeric: 1, cardinalities: [] };
  const [features] = sparseFeatures(shape, [{ rows, numeric, categorical: new Int32Array(0) }], [0]);
  const residuals = Float64Array.from({ length: rows }, (_, i) =>
    i === 0 ? 2 : Math.exp(draws[2 * i]) * draws[2 * i + 1],
  );
  const { weights, deviations } = fitLogVariance(features, ridgeOn(features), residuals, 1e-2);
  const largest = Math.max(...residuals.map(Math.abs));
  assert.ok(predictLinear(features, weights)[0] / 2 > Math.log(1e6 * largest));
  expectClose(deviations(features).slice(0, 1), [largest], { relative: 1e-6 });
});

test("a deviation is none beyond those of the rows fitted on", () => {
  const [features, far] = sparseFeatures(
    { numeric: 1, cardinalities: [] },
    [Float32Array.from({ length: 100 }, (_, i) => i % 10), Float32Array.of(-1_000, 1_000)].map((numeric) => ({
      rows: numeric.length,
      numeric,
      categorical: new Int32Array(0),
    })),
    [0],
  );
  const residuals = Float64Array.from({ length: 100 }, (_, i) => Math.exp((i % 10) / 5) * (i < 50 ? 1 : -1));
  const { deviations } = fitLogVariance(features, ridgeOn(features), residuals, 1);
  const inside = deviations(features);
  assert.deepEqual([...deviations(far)], [Math.min(...inside), Math.max(...inside)]);
});

/** x, y, a class; around 2x the deviation of y is exp(x), and a cell of x missing in every tenth row, or 1 and none missing. */
function table(rows: number, varying: boolean): Table {
  const draws = normals(seedKey(9), 2 * rows);
  const x = Float64Array.from({ length: rows }, (_, row) => draws[2 * row]);
  const y = x.map((v, row) => 2 * v + (varying ? Math.exp(v) : 1) * draws[2 * row + 1]);
  return {
    name: "made",
    rows,
    source: { title: "made", files: [], notes: [] },
    notes: [],
    columns: [
      { name: "x", kind: "numeric", values: x.map((v, row) => (varying && row % 10 === 0 ? Number.NaN : v)) },
      { name: "y", kind: "numeric", values: y },
      {
        name: "half",
        kind: "categorical",
        categories: ["a", "b"],
        codes: Int32Array.from(x, (_, i) => i % 2),
      },
    ],
  };
}

test("a spread that follows the row is found where there is one, and costs nothing where there is none", () => {
  const rows = 6_000;
  const places = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
  const split = { train: places(0, 4_000), validation: places(4_000, 5_000), test: places(5_000, rows) };
  for (const varying of [true, false]) {
    const own = table(rows, varying);
    const [x, y] = spreadRivals(fitSchema(own, split.train), own, split);
    assert.deepEqual([x.column, x.rows, y.column, y.rows], ["x", varying ? 900 : 1_000, "y", 1_000]);
    for (const rival of [y.linear, y.trees]) {
      assert.ok(Math.abs(rival.gain - (rival.spread.logLikelihood - rival.alike.logLikelihood)) < 1e-9);
      if (varying) assert.ok(rival.spreadChosen);
      if (varying) assert.ok(rival.gain > 0.3 && rival.gain > 3 * rival.gainError, `${rival.gain}`);
      else assert.ok(Math.abs(rival.gain) < 0.01, `${rival.gain}`);
    }
  }
});

test("the marginal has peaks, each rival is its own, and a spread that serves nowhere is not chosen everywhere", () => {
  const own = table(400, false);
  const { columns } = own;
  const mostly: Table["columns"][number] = {
    name: "mostly 0",
    kind: "numeric",
    values: Float64Array.from({ length: 400 }, (_, i) => (i % 3 === 0 ? (i % 7) + 1 : 0)),
  };
  const places = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
  const split = { train: places(0, 250), validation: places(250, 320), test: places(320, 400) };
  const withPeak = { ...own, columns: [...columns, mostly] };
  const numbers = spreadRivals(fitSchema(withPeak, split.train), withPeak, split);
  const peaked = numbers.find(({ column }) => column === "mostly 0")!;
  // A Gaussian's best is −½ log 2πe at deviation 1; two thirds at a peak of .001 gain 4 nats and more.
  assert.ok(peaked.marginal.logLikelihood > 2, `${peaked.marginal.logLikelihood}`);
  const [, y] = numbers;
  assert.notEqual(y.linear.alike.logLikelihood, y.trees.alike.logLikelihood);
  const chosen = numbers.flatMap(({ linear, trees }) => [linear.spreadChosen, trees.spreadChosen]);
  assert.ok(chosen.includes(false), `${chosen}`);
});

test("a hidden column is learnt, chosen and scored on the rows of each part that have the cell", () => {
  const own = table(60, true);
  const places = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
  const split = { train: places(0, 25), validation: places(25, 40), test: places(40, 60) };
  const schema = fitSchema(own, split.train);
  const known = knownCells(schema, own);
  const { heldOutRows, truth, parts } = hiddenColumn(schema, own, known, split, 0, [[1, 2]])!;
  const kept = (rows: Int32Array) => rows.filter((row) => row % 10 !== 0);
  assert.deepEqual(heldOutRows, kept(split.test));
  const { mean: centre, std } = schema.numeric[0];
  const [{ values }] = numericColumns(own);
  const encoded = (rows: Int32Array) => Float64Array.from(kept(rows), (row) => (values[row] - centre) / std);
  for (const [part, rows] of [
    [parts.training, split.train],
    [parts.validation, split.validation],
    [parts.heldOut, split.test],
  ] as const)
    expectClose(columnValues(parts.shape, part, 0), encoded(rows), { absolute: 1e-6 });
  expectClose(truth, encoded(split.test), { absolute: 1e-6 });
});
