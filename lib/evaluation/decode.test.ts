import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { fold, normals, seedKey } from "../engine/random.js";
import { elboWeights } from "../losses/elbo.js";
import { type VarJepaConfig, varJepaDefaults } from "../models/var-jepa.js";
import { fit } from "../training/fit.js";
import { generateTargets, reconstructViews } from "./decode.js";

before(startEngine);

const model: VarJepaConfig = { ...varJepaDefaults, dx: 3, dy: 3, d: 2, dz: 1, hidden: 16 };
const rows = 256;
const x = normals(seedKey(1), rows * 3).map((e, i) => 2 * Math.sign(((i / 3) | 0) % 2 ? 1 : -1) + 0.1 * e);
const y = x.map((value) => -value);
const views = { rows, x, y, labels: new Uint8Array(rows) };
const squaredError = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length;

test("after training, views are reconstructed, and y is generated from x alone, with spread", async () => {
  const { parameters } = await fit("var-jepa", views, {
    model,
    objective: elboWeights,
    training: { epochs: 60, batchSize: 32, learningRate: 5e-3, weightDecay: 1e-6 },
    seed: 2,
  });
  const before = tf.memory().numTensors;
  const reconstruction = reconstructViews(parameters, model, views);
  assert.ok(squaredError(reconstruction.x, x) < 0.3, `x: ${squaredError(reconstruction.x, x)}`);
  assert.ok(squaredError(reconstruction.y, y) < 0.3, `y: ${squaredError(reconstruction.y, y)}`);
  const draw = generateTargets(parameters, model, x, seedKey(3));
  assert.ok(squaredError(draw, y) < 1, `generated: ${squaredError(draw, y)}`);
  assert.deepEqual(generateTargets(parameters, model, x, seedKey(3)), draw);
  assert.notDeepEqual(generateTargets(parameters, model, x, fold(seedKey(3), 1)), draw);
  assert.equal(tf.memory().numTensors, before);
});

test("views are reconstructed by a model that decodes both, y with its target's average", async () => {
  const points = { ...model, latents: "deterministic", dz: 0, target: "shared", targetDecay: 0.5 } as const;
  const { parameters, average } = await fit("var-jepa", views, {
    model: points,
    objective: { prediction: 1, rec: 1, gen: 1 },
    training: { epochs: 10, batchSize: 32, learningRate: 1e-2, weightDecay: 0 },
  });
  assert.ok(squaredError(reconstructViews(parameters, points, views, average).y, y) < 0.5);
  assert.deepEqual(
    generateTargets(parameters, points, x, seedKey(1)),
    generateTargets(parameters, points, x, seedKey(2)),
  );
  assert.throws(
    () => reconstructViews(parameters, { ...points, decoders: "x" }, views, average),
    /decoders is "x"; reconstruction of both views needs "both"/,
  );
});

test("a context of the wrong length is refused", async () => {
  assert.throws(
    () =>
      generateTargets({ values: new Float32Array(0), layout: [] }, model, new Float32Array(4), seedKey(1)),
    /x holds 4 values; give a multiple of dx = 3/,
  );
});
