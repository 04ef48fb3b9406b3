import assert from "node:assert/strict";
import { test } from "node:test";
import { seedKey } from "../engine/random.js";
import {
  couplingDeviation,
  firstRows,
  type SimulatedViews,
  simulate,
  simulatedWorld,
  simulationDefaults,
} from "./simulation.js";

const { d, dz, dObserved } = simulationDefaults;
const config = { ...simulationDefaults, trainRows: 20_000, evaluationRows: 2_000 };
const world = simulate(seedKey(11), config);

/** Mean over rows of a function of the row number. */
const average = (views: SimulatedViews, f: (row: number) => number): number => {
  let sum = 0;
  for (let row = 0; row < views.rows; row++) sum += f(row);
  return sum / views.rows;
};

test("sizes are those of the paper", () => {
  assert.equal(world.train.x.length, 20_000 * dObserved);
  assert.equal(world.train.sx.length, 20_000 * d);
  assert.equal(world.train.z.length, 20_000 * dz);
  assert.equal(world.evaluation.rows, 2_000);
});

test("half the rows are of class 1, whose s_x lie around 2 on every axis, the others around 0, with variance 1", () => {
  const { train } = world;
  assert.ok(Math.abs(average(train, (row) => train.labels[row]) - 0.5) < 0.02);
  for (let j = 0; j < d; j++) {
    const centred = (row: number) => train.sx[row * d + j] - 2 * train.labels[row];
    assert.ok(Math.abs(average(train, centred)) < 0.03);
    assert.ok(Math.abs(average(train, (row) => centred(row) ** 2) - 1) < 0.05);
  }
});

test("s_y given s_x and z keeps variance ¼ after regressing on z, and z explains the rest", () => {
  const { train } = world;
  const difference = (row: number, j: number) => train.sy[row * d + j] - train.sx[row * d + j];
  let coupled = 0;
  for (let j = 0; j < d; j++) {
    const a = Array.from({ length: dz }, (_, k) =>
      average(train, (row) => difference(row, j) * train.z[row * dz + k]),
    );
    const residual = average(train, (row) => {
      const explained = a.reduce((sum, value, k) => sum + value * train.z[row * dz + k], 0);
      return (difference(row, j) - explained) ** 2;
    });
    assert.ok(Math.abs(residual - 0.25) < 0.02, `residual variance ${residual}`);
    coupled += a.reduce((sum, value) => sum + value * value, 0) / d;
  }
  assert.ok(Math.abs(coupled - 1) < 0.4, `mean squared row norm of A is ${coupled}, expected 1`);
});

test("the same key gives the same world bit for bit, another key another", () => {
  const small = { ...config, trainRows: 50, evaluationRows: 10 };
  assert.deepEqual(simulate(seedKey(3), small), simulate(seedKey(3), small));
  assert.notDeepEqual(simulate(seedKey(3), small).train.x, simulate(seedKey(4), small).train.x);
});

test("noise with a slope: s_y − s_x − A z has the deviation that each row's first coordinate says; a slope of 0 changes no bit", () => {
  const sloped = { ...config, trainRows: 20_000, evaluationRows: 10, noiseSlope: 1.5 };
  const { train } = simulate(seedKey(11), sloped);
  const { coupling } = simulatedWorld(seedKey(11), sloped);
  assert.deepEqual([train.sx, train.z], [world.train.sx, world.train.z]);
  // Of ten parts by s_x1, the mean square of ε = (s_y − s_x − A z) / deviation is 1; the deviation runs from ½ e^−1.5 to ½ e^1.5.
  const squares = Array.from({ length: 10 }, () => ({ sum: 0, count: 0 }));
  for (let row = 0; row < train.rows; row++) {
    const first = train.sx[row * d];
    const part = squares[Math.min(9, Math.max(0, Math.floor(2 * (first + 1.5))))];
    for (let j = 0; j < d; j++) {
      let rest = train.sy[row * d + j] - train.sx[row * d + j];
      for (let k = 0; k < dz; k++) rest -= coupling[j * dz + k] * train.z[row * dz + k];
      part.sum += (rest / (0.5 * Math.exp(1.5 * Math.tanh(first - 1)))) ** 2;
      part.count++;
    }
  }
  for (const { sum, count } of squares)
    assert.ok(Math.abs(sum / count - 1) < 5 * Math.sqrt(2 / count), `${sum / count} of ${count}`);
  assert.deepEqual(
    [-1e3, 1, 1e3].map((first) => couplingDeviation(sloped, first)),
    [0.5 * Math.exp(-1.5), 0.5, 0.5 * Math.exp(1.5)],
  );
  const small = { ...config, trainRows: 50, evaluationRows: 10 };
  assert.deepEqual(simulate(seedKey(3), { ...small, noiseSlope: 0 }), simulate(seedKey(3), small));
});

test("the first rows of views are those of each of their parts", () => {
  const { evaluation } = world;
  const first = firstRows(evaluation, 3);
  assert.deepEqual([first.rows, first.x.length, first.sx.length, first.labels.length], [3, 96, 48, 3]);
  assert.equal(first.z[3 * dz - 1], evaluation.z[3 * dz - 1]);
  assert.equal(firstRows(evaluation, 1e9).rows, evaluation.rows);
});

test("training and evaluation rows are different draws from one world", () => {
  assert.notDeepEqual(world.train.x.slice(0, 64), world.evaluation.x.slice(0, 64));
});
