import assert from "node:assert/strict";
import { test } from "node:test";
import { normals, seedKey } from "../../engine/random.js";
import { mean, variance } from "../../moments.js";
import { crps, energyScore, intervals, spread } from "./draw-scores.js";

/** Φ by Simpson's rule. */
function normalCdf(z: number): number {
  const n = 400;
  const h = z / n;
  let sum = 0;
  for (let i = 0; i <= n; i++)
    sum += (i === 0 || i === n ? 1 : i % 2 ? 4 : 2) * Math.exp(-0.5 * (i * h) ** 2);
  return 0.5 + (sum * h) / 3 / Math.sqrt(2 * Math.PI);
}

/** CRPS of N(0, σ²) at y in closed form (Gneiting et al. 2005). */
function gaussianCrps(y: number, sigma: number): number {
  const z = y / sigma;
  const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  return sigma * (z * (2 * normalCdf(z) - 1) + 2 * density - 1 / Math.sqrt(Math.PI));
}

test("CRPS and energy score are their definitions, pair by pair", () => {
  const shape = { rows: 3, draws: 5, dy: 2 };
  const draws = normals(seedKey(1), 30);
  const y = normals(seedKey(2), 6);
  const at = (row: number, k: number) => draws.subarray((row * 5 + k) * 2, (row * 5 + k + 1) * 2);
  const truth = (row: number) => y.subarray(row * 2, row * 2 + 2);
  const score = (row: number, distance: (a: Float32Array, b: Float32Array) => number) => {
    let [toTruth, pairs] = [0, 0];
    for (let i = 0; i < 5; i++) {
      toTruth += distance(at(row, i), truth(row)) / 5;
      for (let k = 0; k < 5; k++) if (k !== i) pairs += distance(at(row, i), at(row, k)) / (5 * 4);
    }
    return toTruth - pairs / 2;
  };
  const [ranked, energy] = [crps(draws, y, shape), energyScore(draws, y, shape)];
  for (let row = 0; row < 3; row++) {
    for (let j = 0; j < 2; j++)
      assert.ok(Math.abs(ranked[row * 2 + j] - score(row, (a, b) => Math.abs(a[j] - b[j]))) < 1e-12);
    const euclidean = (a: Float32Array, b: Float32Array) => Math.hypot(a[0] - b[0], a[1] - b[1]);
    assert.ok(Math.abs(energy[row] - score(row, euclidean)) < 1e-12);
  }
});

test("the mean CRPS of Gaussian draws is the closed form, of few draws too", () => {
  const [rows, sigma, y] = [20_000, 1.5, 0.8];
  for (const draws of [2, 5]) {
    const drawn = normals(seedKey(draws), rows * draws).map((e) => sigma * e);
    const scores = crps(drawn, new Float32Array(rows).fill(y), { rows, draws, dy: 1 });
    const error = Math.sqrt(variance(scores) / rows);
    assert.ok(Math.abs(mean(scores) - gaussianCrps(y, sigma)) < 3.5 * error, `${mean(scores)}`);
  }
});

test("the energy score of the true Gaussian is least, and in the mean E‖Y − Y′‖/2", () => {
  const [rows, draws, dy] = [4000, 8, 3];
  const y = normals(seedKey(3), rows * dy);
  const scores = (scale: number) =>
    energyScore(
      normals(seedKey(4), rows * draws * dy).map((e) => scale * e),
      y,
      { rows, draws, dy },
    );
  // ‖Y − Y′‖ is √2 times a χ variable of 3 degrees of freedom, whose mean is √(8/π).
  const own = scores(1);
  const error = Math.sqrt(variance(own) / rows);
  assert.ok(Math.abs(mean(own) - Math.sqrt(2) * 0.5 * Math.sqrt(8 / Math.PI)) < 3.5 * error);
  assert.ok(mean(scores(0.5)) > mean(own) && mean(scores(2)) > mean(own));
});

test("intervals of 19 draws cover 90 % where draws and truth have one distribution, and their width is the draws'", () => {
  const [rows, draws] = [20_000, 19];
  const drawn = normals(seedKey(5), rows * draws);
  const { nominal, covered, width } = intervals(drawn, normals(seedKey(6), rows), { rows, draws, dy: 1 });
  assert.equal(nominal, 0.9);
  assert.ok(Math.abs(mean(covered) - 0.9) < 3.5 * Math.sqrt(0.09 / rows), `${mean(covered)}`);
  const range = drawn.subarray(0, draws).toSorted();
  assert.equal(width[0], range[18] - range[0]);
  const half = intervals(drawn, normals(seedKey(6), rows), { rows, draws, dy: 1 }, 0.5);
  assert.equal(half.nominal, 0.5);
  assert.ok(Math.abs(mean(half.covered) - 0.5) < 3.5 * Math.sqrt(0.25 / rows));
});

test("spread is the root of the mean variance over coordinates", () => {
  const shape = { rows: 1, draws: 3, dy: 2 };
  assert.deepEqual(spread(Float32Array.of(0, 5, 1, 5, 2, 5), shape), Float64Array.of(Math.SQRT1_2));
});

test("too few draws, and arrays of another size, are refused", () => {
  const shape = { rows: 1, draws: 2, dy: 1 };
  assert.throws(() => crps(new Float32Array(1), new Float32Array(1), { ...shape, draws: 1 }), /at least 2/);
  assert.throws(() => energyScore(new Float32Array(3), new Float32Array(1), shape), /draws hold 3 values/);
  assert.throws(() => intervals(new Float32Array(2), new Float32Array(2), shape), /y holds 2 values/);
});
