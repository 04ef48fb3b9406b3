import "../../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../../engine/backend.js";
import { normals, seedKey } from "../../engine/random.js";
import { mean } from "../../moments.js";
import { energyDistance } from "./energy-distance.js";
import {
  drawLinearGaussian,
  type LinearGaussian,
  linearGaussianParameters,
  simulateLinearGaussian,
} from "./linear-gaussian.js";
import { sampleQuality } from "./sample-quality.js";

before(startEngine);

test("the energy distance is its definition, pair by pair", () => {
  const [a, b] = [normals(seedKey(1), 8), normals(seedKey(2), 6)];
  const row = (of: Float32Array, i: number) => of.subarray(2 * i, 2 * i + 2);
  const distance = (u: Float32Array, v: Float32Array) => Math.hypot(u[0] - v[0], u[1] - v[1]);
  const average = (u: Float32Array, v: Float32Array) => {
    const all: number[] = [];
    for (let i = 0; i < u.length / 2; i++)
      for (let j = 0; j < v.length / 2; j++) if (u !== v || i !== j) all.push(distance(row(u, i), row(v, j)));
    return mean(all);
  };
  const expected = 2 * average(a, b) - average(a, a) - average(b, b);
  assert.ok(Math.abs(energyDistance(a, b, 2, seedKey(3)).distance - expected) < 1e-6);
});

test("of two Gaussians it is what an integral says, of equal ones about 0, and the deals tell which is which", () => {
  // E|X − Y| of N(0, 1) and N(1, 1), whose difference is N(1, 2): 2/√π e^(−1/4) + erf ½, and of equal ones 2/√π
  const folded = (2 / Math.sqrt(Math.PI)) * Math.exp(-0.25) + 0.5204998778;
  const expected = 2 * folded - 4 / Math.sqrt(Math.PI);
  const [a, b] = [normals(seedKey(4), 500), normals(seedKey(5), 500)];
  const apart = energyDistance(
    a,
    b.map((v) => v + 1),
    1,
    seedKey(6),
  );
  assert.ok(Math.abs(apart.distance - expected) < 0.12, `${apart.distance}, ${expected}`);
  assert.ok(apart.pValue === 0.01 && apart.distance > 10 * apart.error);
  const same = energyDistance(a, b, 1, seedKey(6));
  assert.ok(Math.abs(same.distance) < 4 * same.error && same.pValue > 0.02);
});

const model = drawLinearGaussian(seedKey(7), { dx: 3, dy: 4, d: 2, dz: 1 });
const pairs = simulateLinearGaussian(seedKey(8), model, 500);
const quality = (of: LinearGaussian) => {
  const { config, parameters } = linearGaussianParameters(of);
  return sampleQuality(parameters, config, pairs, seedKey(9));
};

test("where posteriors are exact, prior samples are as good as any", () => {
  const before = tf.memory().numTensors;
  const { sx, z, x, y } = quality(model);
  assert.equal(tf.memory().numTensors, before);
  assert.ok(sx.aggregate < 0.06 && Math.abs(z!.aggregate) < 1e-6, `${sx.aggregate}, ${z!.aggregate}`);
  for (const { distance, error } of [x.posterior, x.prior, y.predicted, y.prior])
    assert.ok(Math.abs(distance) < 4 * error, `${distance} ± ${error}`);
});

test("where the aggregated posterior is not the prior, samples of the prior suffer, those of the posterior do not", () => {
  // The latents of x moved by 2 and read accordingly: the model is as good at x, but its prior is elsewhere.
  const bias = model.pX.bias.map((b, o) => b - 2 * (model.pX.matrix[o] + model.pX.matrix[3 + o]));
  const moved = {
    ...model,
    pX: { ...model.pX, bias },
    qSx: { ...model.qSx, bias: model.qSx.bias.map((b) => b + 2) },
  };
  const { sx, x, y } = quality(moved);
  // KL(N(2·1, I) ‖ N(0, I)) = 4 nats.
  assert.ok(Math.abs(sx.aggregate - 4) < 0.5, `${sx.aggregate}`);
  assert.ok(Math.abs(sx.gaussianKl - 4) < 0.5, `${sx.gaussianKl}`);
  assert.ok(Math.abs(x.posterior.distance) < 4 * x.posterior.error);
  assert.ok(x.prior.distance > 10 * x.prior.error, `${x.prior.distance} ± ${x.prior.error}`);
  assert.ok(y.predicted.distance > 10 * y.predicted.error);
  assert.ok(Math.abs(y.prior.distance) < 4 * y.prior.error);
});
