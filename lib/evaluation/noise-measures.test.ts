import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { couplingDeviation, simulate, simulatedWorld, simulationDefaults } from "../data/simulation.js";
import { startEngine } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { varJepaDefaults } from "../models/var-jepa.js";
import { mean, variance } from "../moments.js";
import type { DrawnDensity } from "./generation/conditional-density.js";
import { fitVarianceRegression } from "./generation/variance-regression.js";
import { noiseControls } from "./noise-controls.js";
import { drawnNoiseMeasures, noiseOrder, priorNoiseMeasures, thirdsWithin } from "./noise-measures.js";

before(startEngine);

const data = { ...simulationDefaults, trainRows: 600, evaluationRows: 300, noiseSlope: 1.5 };
const key = seedKey(1);
const { train, evaluation } = simulate(key, data);
const scoring = { draws: 19, level: 0.9 };
const named = (measures: readonly { measure: string; value: number }[]) =>
  Object.fromEntries(measures.map(({ measure, value }) => [measure, value]));

test("thirds are within each class", () => {
  const values = Float64Array.of(1, 2, 3, 30, 20, 10);
  assert.deepEqual([...thirdsWithin(values, [0, 0, 0, 1, 1, 1])], [0, 1, 2, 2, 1, 0]);
});

test("Σ that follows the true noise has rank 1, one that knows the class alone has none within it, points have none", () => {
  const d = 2;
  const order = noiseOrder(evaluation);
  const gaussian = (width: (row: number) => number) => ({
    mean: new Float32Array(evaluation.rows * d),
    logVariance: Float32Array.from({ length: evaluation.rows * d }, (_, i) =>
      i % d === 0 ? width(Math.floor(i / d)) : -3,
    ),
  });
  const measured = (width: (row: number) => number) =>
    named(priorNoiseMeasures(gaussian(width), evaluation, "means"));
  assert.deepEqual(
    measured((row) => order[row] / 4),
    { noiseRankSy: 1, noiseRankSyPooled: 1 },
  );
  const classAlone = measured((row) => evaluation.labels[row]);
  assert.deepEqual(Object.keys(classAlone), ["noiseRankSyPooled"]);
  assert.ok(classAlone.noiseRankSyPooled > 0.5, "pooled, the class is most of it");
  assert.deepEqual(
    measured(() => Number.NEGATIVE_INFINITY),
    {},
  );
});

/** Draws N(0, scale²) of every coordinate, y itself N(0, 1). */
const draws = (scale: (row: number) => number): DrawnDensity => ({
  draw: (drawKey, { rows }, count, first = 0) =>
    normals(drawKey, rows * count * 4).map((e, at) => scale(first + Math.floor(at / (count * 4))) * e),
});

test("draws whose spread follows: ranks near 1, coverage by the third of a class that a row is in", () => {
  const y = normals(seedKey(5), evaluation.rows * 4);
  const views = { ...evaluation, y, x: evaluation.x };
  const thirds = thirdsWithin(noiseOrder(evaluation), evaluation.labels);
  const following = named(
    drawnNoiseMeasures(
      draws((row) => [0.3, 1, 3][thirds[row]]),
      views,
      seedKey(2),
      { draws: 99, level: 0.9 },
    ),
  );
  assert.ok(following.noiseRankY > 0.85 && following.noiseRankYPooled > 0.4);
  // P(|N(0, 1)| < 1.645 · (0.3, 1, 3)) = .378, .9, 1.
  expectClose([following.coverageYLow, following.coverageYMiddle, following.coverageYHigh], [0.378, 0.9, 1], {
    absolute: 0.05,
  });
  expectClose(
    [following.coverageY],
    [(following.coverageYLow + following.coverageYMiddle + following.coverageYHigh) / 3],
    { absolute: 1e-2 },
  );
  const blind = named(
    drawnNoiseMeasures(
      draws(() => 1),
      views,
      seedKey(2),
      scoring,
    ),
  );
  assert.ok(Math.abs(blind.noiseRankY) < 0.15 && Math.abs(blind.coverageYHigh - 0.9) < 0.05);
  assert.ok(blind.crpsY > 0 && blind.crpsY < following.crpsY);
});

test("a regression with learned variance finds it where it is, a linear one has one for all, the world told s_x is calibrated", async () => {
  // y = x + e^x ε in one dimension.
  const [x, e] = [normals(seedKey(6), 2000), normals(seedKey(7), 2000)];
  const pairs = { rows: 2000, x, y: x.map((value, i) => value + Math.exp(value) * e[i]) };
  const sizes = { ...varJepaDefaults, hidden: 16 };
  const training = { epochs: 40, batchSize: 100, learningRate: 1e-2, weightDecay: 0 };
  const density = await fitVarianceRegression(seedKey(8), pairs, sizes, training);
  const at = (value: number) => {
    const drawn = density.draw(seedKey(9), { rows: 1, x: Float32Array.of(value) }, 4000);
    return [mean(drawn), Math.sqrt(variance(Float64Array.from(drawn)))];
  };
  for (const value of [-1, 0, 1]) {
    const [middle, deviation] = at(value);
    assert.ok(Math.abs(middle - value) < 0.3 * Math.exp(value), `${value}: mean ${middle}`);
    assert.ok(Math.abs(Math.log(deviation) - value) < 0.25, `${value}: deviation ${deviation}`);
  }
  const [middle, deviation] = at(0);
  const byHand =
    -0.5 * Math.log(2 * Math.PI) - Math.log(deviation) - (0.4 - middle) ** 2 / (2 * deviation ** 2);
  const told = density.logLikelihood({ rows: 1, x: Float32Array.of(0), y: Float32Array.of(0.4) });
  expectClose(told, [byHand], { absolute: 0.1 });
  const whole = density.draw(seedKey(9), { rows: 2, x: Float32Array.of(0.1, 0.2) }, 3);
  const second = density.draw(seedKey(9), { rows: 1, x: Float32Array.of(0.2) }, 3, 1);
  assert.deepEqual(whole.subarray(3), second, "rows in parts get the noise of the whole");

  const world = simulatedWorld(key, data);
  const controls = await noiseControls(seedKey(3), world, data, train, evaluation, sizes, {
    ...training,
    epochs: 2,
  });
  assert.deepEqual(Object.keys(controls), ["regression", "variance-regression", "told-sx"]);
  const measured = (name: keyof typeof controls) =>
    named(drawnNoiseMeasures(controls[name], evaluation, seedKey(4), scoring));
  const [blind, best] = [measured("regression"), measured("told-sx")];
  assert.ok(Math.abs(blind.noiseRankY) < 0.2 && best.noiseRankY > 0.5);
  assert.ok(Math.abs(best.coverageYHigh - 0.9) < 0.03 && Math.abs(best.coverageYLow - 0.9) < 0.03);
  assert.ok(blind.coverageYLow > blind.coverageYHigh + 0.03);
  // What is drawn for a row does not hang on the rows before it.
  const one = controls["told-sx"].draw(seedKey(4), { rows: 1, x: evaluation.x.subarray(32, 64) }, 2, 1);
  const two = controls["told-sx"].draw(seedKey(4), { rows: 2, x: evaluation.x.subarray(0, 64) }, 2);
  assert.deepEqual(two.subarray(64), one);
  assert.ok(couplingDeviation(data, 3) > couplingDeviation(data, 0));
});
