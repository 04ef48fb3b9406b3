import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import {
  crossEntropy,
  type DiagonalGaussian,
  entropy,
  isotropicLogProb,
  kl,
  klToStandardNormal,
  logProb,
  rsample,
} from "./diagonal-gaussian.js";

before(startEngine);

const gaussian = (mean: number[], logVariance: number[]): DiagonalGaussian => ({
  mean: tf.tensor2d([mean]),
  logVariance: tf.tensor2d([logVariance]),
});
const q = { mean: [0.5, -1.2], logVariance: [-0.7, 0.4] };
const p = { mean: [0.1, 0.3], logVariance: [0.2, -0.5] };

/** log density of one dimension, straight from the definition. */
const logDensity = (x: number, mean: number, logVariance: number): number =>
  -0.5 * (Math.log(2 * Math.PI) + logVariance + (x - mean) ** 2 / Math.exp(logVariance));

/** E_q[f(x)] by Simpson's rule over ±12 standard deviations, summed over both dimensions. */
function expectationUnderQ(f: (x: number, j: number) => number): number {
  const n = 20_000;
  return q.mean.reduce((total, mean, j) => {
    const reach = 12 * Math.exp(q.logVariance[j] / 2);
    const h = (2 * reach) / n;
    let sum = 0;
    for (let i = 0; i <= n; i++) {
      const x = mean - reach + i * h;
      const weight = i === 0 || i === n ? 1 : i % 2 ? 4 : 2;
      sum += weight * Math.exp(logDensity(x, mean, q.logVariance[j])) * f(x, j);
    }
    return total + (sum * h) / 3;
  }, 0);
}
const logQ = (x: number, j: number) => logDensity(x, q.mean[j], q.logVariance[j]);
const logP = (x: number, j: number) => logDensity(x, p.mean[j], p.logVariance[j]);

test("KL, cross-entropy and entropy agree with numerical integration of their definitions", () => {
  const [a, b] = [gaussian(q.mean, q.logVariance), gaussian(p.mean, p.logVariance)];
  expectClose(kl(a, b).dataSync(), [expectationUnderQ((x, j) => logQ(x, j) - logP(x, j))]);
  expectClose(klToStandardNormal(a).dataSync(), [
    expectationUnderQ((x, j) => logQ(x, j) - logDensity(x, 0, 0)),
  ]);
  expectClose(crossEntropy(a, b).dataSync(), [expectationUnderQ((x, j) => -logP(x, j))]);
  expectClose(entropy(a).dataSync(), [expectationUnderQ((x, j) => -logQ(x, j))]);
});

test("KL of equal distributions is 0 and it is the cross-entropy minus the entropy", () => {
  const [a, b] = [gaussian(q.mean, q.logVariance), gaussian(p.mean, p.logVariance)];
  expectClose(kl(a, a).dataSync(), [0]);
  expectClose(kl(a, b).dataSync(), [crossEntropy(a, b).dataSync()[0] - entropy(a).dataSync()[0]]);
});

test("log densities follow the definition", () => {
  const x = [0.3, 2];
  const value = tf.tensor2d([x]);
  expectClose(logProb(gaussian(q.mean, q.logVariance), value).dataSync(), [logQ(x[0], 0) + logQ(x[1], 1)]);
  const logScale = -0.4;
  expectClose(isotropicLogProb(tf.tensor2d([q.mean]), tf.scalar(logScale), value).dataSync(), [
    logDensity(x[0], q.mean[0], 2 * logScale) + logDensity(x[1], q.mean[1], 2 * logScale),
  ]);
});

test("reparameterised samples have the mean and variance asked for", () => {
  const n = 50_000;
  const samples = rsample(
    { mean: tf.fill([n, 1], 1.5), logVariance: tf.fill([n, 1], Math.log(4)) },
    tf.tensor2d(normals(seedKey(5), n), [n, 1]),
  ).dataSync<"float32">();
  const mean = samples.reduce((sum, s) => sum + s, 0) / n;
  const variance = samples.reduce((sum, s) => sum + (s - mean) ** 2, 0) / n;
  assert.ok(Math.abs(mean - 1.5) < (4 * 2) / Math.sqrt(n));
  assert.ok(Math.abs(variance - 4) < 4 * 4 * Math.sqrt(2 / n));
});
