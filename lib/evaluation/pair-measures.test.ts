import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { simulate, simulationDefaults } from "../data/simulation.js";
import { startEngine } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { type VarJepaConfig, varJepaDefaults } from "../models/var-jepa.js";
import { activeUnits } from "./active-units.js";
import { featureMeasures } from "./feature-measures.js";
import { pairControls, untrainedPairs } from "./pair-controls.js";
import { listPairMeasures, measurePairs } from "./pair-measures.js";
import { predictionError } from "./prediction-error.js";
import { principalComponents } from "./principal-components.js";
import { principalPlane } from "./principal-plane.js";
import { spread } from "./spread.js";

before(startEngine);

const { train: fitted, evaluation: scored } = simulate(seedKey(1), {
  ...simulationDefaults,
  trainRows: 300,
  evaluationRows: 200,
});
const probe = { hidden: 0, epochs: 20, batchSize: 50, learningRate: 3e-2, weightDecay: 0 };
const config: VarJepaConfig = { ...varJepaDefaults, hidden: 32 };

test("spread: a sample worked out by hand, a plane, and a collapse", () => {
  // Four points (±1, ±2) shifted by (3, 0): covariance diag(4/3, 16/3).
  const { totalVariance, effectiveRank, firstShare } = spread(
    Float32Array.from([4, 2, 4, -2, 2, 2, 2, -2]),
    2,
  );
  const entropy = -(1 / 3) * Math.log(1 / 3) - (2 / 3) * Math.log(2 / 3);
  expectClose([totalVariance, effectiveRank, firstShare], [20 / 3, Math.exp(entropy), 0.8]);
  const line = normals(seedKey(1), 100);
  const onLine = Float32Array.from({ length: 300 }, (_, i) => [1, 2, -1][i % 3] * line[Math.floor(i / 3)]);
  expectClose([spread(onLine, 3).effectiveRank, spread(onLine, 3).firstShare], [1, 1], { absolute: 1e-3 });
  assert.deepEqual(spread(new Float32Array(12).fill(0.3), 3), {
    totalVariance: 0,
    effectiveRank: 0,
    firstShare: Number.NaN,
  });
});

test("active units: dimensions whose means vary by more than 0.01", () => {
  // Variances of ±a in two rows: 2 a², so 0.02, 0.005 and 0.
  assert.equal(activeUnits(Float32Array.of(0.1, 0.05, 3, -0.1, -0.05, 3), 3), 1);
});

test("prediction error: 1 for the mean, 0 for the target itself, and what is between", () => {
  const wanted = Float32Array.of(0, 0, 2, 4);
  assert.deepEqual(predictionError(Float32Array.of(1, 2, 1, 2), wanted, 2), {
    error: 5,
    variance: 5,
    ratio: 1,
  });
  assert.equal(predictionError(wanted, wanted, 2).ratio, 0);
  assert.equal(predictionError(Float32Array.of(0, 0, 2, 3), wanted, 2).ratio, 0.1);
  assert.ok(Number.isNaN(predictionError(new Float32Array(4), new Float32Array(4), 2).ratio));
});

test("principal components are those of the plane, read off other rows too", () => {
  const components = principalComponents(fitted.x, 32, 2);
  const plane = principalPlane(fitted.x, 32);
  const found = components(fitted.x);
  for (const axis of [0, 1] as const) {
    const sign = Math.sign(found[axis] * plane[0][axis]);
    expectClose(
      plane.map((_, row) => sign * found[2 * row + axis]),
      plane.map((point) => point[axis]),
      { absolute: 1e-4 },
    );
  }
  expectClose(components(fitted.x.subarray(0, 64)), found.subarray(0, 4));
  assert.throws(() => principalComponents(fitted.x, 32, 33), /count is 33; use a whole number from 1 to 32$/);
});

test("the true latent is found whole, and one component of x holds the class but little beyond it", async () => {
  const truth = { columns: 16, fitted: fitted.sx, scored: scored.sx };
  const { r2GivenClass } = await featureMeasures(seedKey(2), truth, fitted, scored, probe);
  assert.ok(r2GivenClass.sx! > 1 - 1e-6);
  // Var(s_y | class) = 1 + ¼ + |A_j|², of which s_x tells 1; z is independent of s_x.
  assert.ok(Math.abs(r2GivenClass.sy! - 1 / 2.25) < 0.12, `${r2GivenClass.sy}`);
  assert.ok(Math.abs(r2GivenClass.z!) < 0.2);

  const training = { epochs: 20, batchSize: 50, learningRate: 3e-3, weightDecay: 0 };
  const controls = await pairControls(seedKey(3), "x", fitted, scored, config, training);
  assert.deepEqual(
    Object.values(controls).map(({ columns }) => columns),
    [32, 16, 1, 16],
  );
  const found = await featureMeasures(seedKey(2), controls["one-component"], fitted, scored, probe);
  assert.ok(found.probe > 0.95, `probe ${found.probe}`);
  assert.ok(found.r2GivenClass.sx! < 0.2, `R² ${found.r2GivenClass.sx}`);
  const told = await featureMeasures(seedKey(2), controls.supervised, fitted, scored, probe);
  assert.ok(told.probe > 0.97);
});

test("a posterior much wider than its means: the means are read, the samples are not", async () => {
  const { parameters } = untrainedPairs(seedKey(4), config);
  const { offset } = parameters.layout.find(({ name }) => name === "contextEncoder.logVariance.bias")!;
  const values = parameters.values.map((v, i) => (i >= offset && i < offset + config.d ? 8 : v));
  const model = { parameters: { ...parameters, values }, config };
  const measured = await measurePairs(seedKey(5), model, fitted, scored, { probe, informationRows: 100 });
  const { means, samples, information } = measured;
  assert.ok(means.sx.probe > 0.9 && samples.sx.probe < 0.7, `${means.sx.probe}, ${samples.sx.probe}`);
  assert.ok(means.sx.r2GivenClass.sx! > 0.3 && samples.sx.r2GivenClass.sx! < 0.1);
  assert.ok(information!.upper < 0.5 && information!.lower < 0.5 && information!.ceiling === Math.log(100));
  assert.deepEqual(Object.keys(means), ["sx", "sy", "z", "conditionalKl", "prediction"]);

  const list = listPairMeasures(measured);
  const read = (name: string, of: string) =>
    list.find(({ measure, on }) => measure === name && on === of)?.value;
  assert.equal(list.length, 2 * 17 + 2);
  assert.equal(read("r2SyGivenClass", "means"), means.sy.r2GivenClass.sy);
  assert.equal(read("r2ZGivenClass", "samples"), samples.z!.r2GivenClass.z);
  assert.equal(read("informationUpper", "samples"), information!.upper);
});

test("points have samples that are their means, no information and no KL", async () => {
  const jepa = { ...config, latents: "deterministic", dz: 0, target: "shared", targetDecay: 0.9 } as const;
  const model = untrainedPairs(seedKey(4), jepa);
  const measured = await measurePairs(seedKey(5), model, fitted, scored, { probe, informationRows: 100 });
  const { means, samples, information } = measured;
  assert.deepEqual(samples, means);
  assert.equal(information, undefined);
  assert.deepEqual(Object.keys(means), ["sx", "sy", "prediction"]);
  assert.ok(means.prediction!.ratio > 0.5);
  const names = listPairMeasures(measured).map(({ measure }) => measure);
  assert.deepEqual([...new Set(names)].length, 15);
  assert.ok(!names.some((name) => /^(information|conditionalKl|r2ZGiven)/.test(name)));
});
