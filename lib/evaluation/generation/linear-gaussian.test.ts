/** Every estimator of p(y|x) against the model whose p(y|x) is known. */
import "../../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../../engine/backend.js";
import { expectClose } from "../../engine/finite-differences.js";
import { fold, seedKey } from "../../engine/random.js";
import { loadParameters } from "../../families/load-parameters.js";
import { latentNoise, passVarJepa } from "../../models/var-jepa.js";
import { mean, variance } from "../../moments.js";
import { affineRow } from "./affine-density.js";
import { scoreDraws } from "./conditional-density.js";
import { drawTargets } from "./draw-targets.js";
import { generatorObservation } from "./generator-observation.js";
import { importanceBound, importanceRatio } from "./importance-bound.js";
import { importanceWeights, type Proposal } from "./importance-weights.js";
import { laplaceDefaults, laplaceWeights } from "./laplace.js";
import { latentNetworks } from "./latent-networks.js";
import {
  type AffineGaussian,
  drawLinearGaussian,
  exactConditional,
  linearGaussianParameters,
  simulateLinearGaussian,
} from "./linear-gaussian.js";
import { varJepaDensity } from "./var-jepa-density.js";

before(startEngine);

const model = drawLinearGaussian(seedKey(1), { dx: 3, dy: 4, d: 2, dz: 1 });
const pairs = simulateLinearGaussian(seedKey(2), model, 60);
const exact = exactConditional(model);
const wider = (q: AffineGaussian, factor: number, shift: number): AffineGaussian => ({
  ...q,
  deviation: q.deviation.map((v) => v * factor),
  bias: q.bias.map((v) => v + shift),
});
/** Posteriors that are off, as those of a trained model are. */
const rough = {
  ...model,
  qSx: wider(model.qSx, 1.3, 0.3),
  qZ: wider(model.qZ, 1.2, 0.2),
  qSy: wider(model.qSy, 1.4, 0.1),
};
const largest = (a: Float64Array, b: Float64Array) => Math.max(...a.map((v, i) => Math.abs(v - b[i])));

test("the exact density is that of the pairs: their mean, covariance and log-likelihood", () => {
  const many = simulateLinearGaussian(seedKey(3), model, 8000);
  const { logLikelihood, draw } = exact;
  const error = Math.sqrt(variance(logLikelihood(many)) / many.rows);
  // Drawn from the density itself, y is as likely as the true y.
  const own = { ...many, y: draw(seedKey(4), many, 1) };
  assert.ok(
    Math.abs(mean(logLikelihood(many)) - mean(logLikelihood(own))) < 3.5 * Math.SQRT2 * error,
    `${mean(logLikelihood(many))} and ${mean(logLikelihood(own))}`,
  );
  // A scale that is off by 5 % would be seen.
  const off = exactConditional({ ...model, pY: wider(model.pY, 1.1, 0) });
  assert.ok(mean(off.logLikelihood(many)) < mean(logLikelihood(many)) - 1e-3);
});

test("the parameters are those of the affine maps, and the networks those of the pass", () => {
  const { config, parameters: flat } = linearGaussianParameters(model);
  const parameters = loadParameters(flat);
  const [x, y] = [tf.tensor2d(pairs.x, [60, 3]), tf.tensor2d(pairs.y, [60, 4])];
  const pass = passVarJepa(parameters, config, x, y, latentNoise(seedKey(5), 60, config));
  const networks = latentNetworks(parameters, config);
  const [sx, z, sy] = [pass.sx, pass.z, pass.sy].map((tensor) => tensor.dataSync());
  for (let row = 0; row < 60; row++) {
    const given = [sx[2 * row], sx[2 * row + 1], z[row]];
    const all = [...given, ...pairs.y.subarray(4 * row, 4 * row + 4)];
    const close = (tensor: tf.Tensor2D, gaussian: AffineGaussian, input: number[]) =>
      expectClose(
        tensor.dataSync().slice(row * gaussian.bias.length, (row + 1) * gaussian.bias.length),
        affineRow(gaussian, input, 0),
        { absolute: 1e-5 },
      );
    close(pass.qSx.mean, model.qSx, [...pairs.x.subarray(3 * row, 3 * row + 3)]);
    close(pass.pSy.mean, model.pSy, given);
    close(pass.qSy.mean, model.qSy, all);
    close(pass.yMean!, model.pY, [sy[2 * row], sy[2 * row + 1]]);
  }
  expectClose(
    pass.qSy.logVariance.dataSync().slice(0, 2),
    model.qSy.deviation.map((v) => 2 * Math.log(v)),
  );
  for (const [own, ofPass] of [
    [networks.qSx(x), pass.qSx],
    [networks.qZ(pass.sx), pass.qZ],
    [networks.qSy(pass.sx, pass.z, y), pass.qSy],
    [networks.pSy(pass.sx, pass.z), pass.pSy],
  ]) {
    expectClose(own.mean.dataSync(), ofPass.mean.dataSync());
    expectClose(own.logVariance.dataSync(), ofPass.logVariance.dataSync());
  }
  expectClose(networks.xMean(pass.sx).dataSync(), pass.xMean!.dataSync());
  expectClose(networks.yMean(pass.sy).dataSync(), pass.yMean!.dataSync());
});

test("draws have the exact mean and covariance, cut or not, and leave no tensors", () => {
  const { config, parameters } = linearGaussianParameters(model);
  const density = varJepaDensity(parameters, config, seedKey(6), { samples: 2, proposal: "posterior" });
  const before = tf.memory().numTensors;
  const few = { rows: 2, x: pairs.x.slice(0, 6) };
  const draws = 3000;
  const drawn = density.draw(seedKey(7), few, draws);
  const theirs = exact.draw(seedKey(8), few, draws);
  const column = (of: Float32Array, row: number, j: number) =>
    Float64Array.from({ length: draws }, (_, k) => of[(row * draws + k) * 4 + j]);
  for (let row = 0; row < 2; row++)
    for (let j = 0; j < 4; j++) {
      const [a, b] = [column(drawn, row, j), column(theirs, row, j)];
      const scale = variance(b);
      assert.ok(Math.abs(mean(a) - mean(b)) < 4 * Math.sqrt((2 * scale) / draws));
      assert.ok(Math.abs(variance(a) / scale - 1) < 4 * 2 * Math.sqrt(1 / draws));
      const [c, d] = [drawn, theirs].map((of) => column(of, row, (j + 1) % 4));
      const covariance = (u: Float64Array, v: Float64Array) =>
        mean(u.map((value, k) => (value - mean(a)) * (v[k] - mean(d))));
      assert.ok(Math.abs(covariance(a, c) - covariance(b, d)) < 0.1 * scale);
    }
  const whole = drawTargets(parameters, config, pairs, 3, seedKey(9));
  const part = drawTargets(parameters, config, { rows: 10, x: pairs.x.slice(60, 90) }, 2, seedKey(9), 20);
  for (let row = 0; row < 10; row++)
    expectClose(part.slice(row * 8, row * 8 + 8), whole.slice((row + 20) * 12, (row + 20) * 12 + 8));
  assert.equal(tf.memory().numTensors, before);
});

test("scores of the model's draws are those of the exact density's", () => {
  const { config, parameters } = linearGaussianParameters(model);
  const many = simulateLinearGaussian(seedKey(10), model, 600);
  const density = varJepaDensity(parameters, config, seedKey(6), { samples: 2, proposal: "posterior" });
  const settings = { draws: 19, level: 0.9 };
  const [own, theirs] = [density, exact].map((of, i) => scoreDraws(of, many, seedKey(11 + i), settings));
  for (const score of ["crps", "energy", "width", "spread"] as const)
    assert.ok(
      Math.abs(own[score].mean - theirs[score].mean) < 3 * own[score].error,
      `${score}: ${own[score].mean} and ${theirs[score].mean}`,
    );
  assert.equal(own.nominal, 0.9);
  assert.ok(Math.abs(own.coverage.mean - 0.9) < 4 * own.coverage.error);
});

test("the bound rises with K to the exact value; the predictor as proposal is far below and says so", () => {
  const { config, parameters } = linearGaussianParameters(model);
  const truth = exact.logLikelihood(pairs);
  const samples = 1024;
  const before = tf.memory().numTensors;
  const bounds = (["posterior", "predictor"] as Proposal[]).map((proposal) =>
    importanceBound(
      importanceWeights(parameters, config, pairs, seedKey(12), { samples, proposal }).target,
      samples,
    ),
  );
  assert.equal(tf.memory().numTensors, before);
  const [posterior, predictor] = bounds;
  for (const { curve } of bounds)
    for (let i = 1; i < curve.length; i++)
      assert.ok(curve[i].mean > curve[i - 1].mean, `K = ${curve[i].samples}`);
  assert.deepEqual(
    posterior.curve.map((point) => point.samples),
    [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
  );
  const gap = mean(truth) - mean(posterior.perRow);
  assert.ok(
    Math.abs(gap) < 4 * posterior.monteCarloError + 1e-3,
    `gap ${gap} ± ${posterior.monteCarloError}`,
  );
  assert.ok(posterior.change.mean < 0.01);
  assert.ok(predictor.curve[0].mean < posterior.curve[0].mean - 1);
  assert.ok(mean(predictor.logWeightVariance) > 4 * mean(posterior.logWeightVariance));
  assert.ok(mean(posterior.paretoShape) < 0.7 && mean(predictor.paretoShape) > 0.7);
  assert.ok(mean(predictor.effectiveSamples) < mean(posterior.effectiveSamples) / 3);
});

test("weights of posteriors that are off are unbiased for the generator's density, for every proposal", () => {
  const { config, parameters } = linearGaussianParameters(rough);
  const few = { rows: 8, x: pairs.x.slice(0, 24), y: pairs.y.slice(0, 32) };
  const truth = exactConditional(rough).logLikelihood(few);
  const samples = 4096;
  for (const proposal of ["posterior", "posterior, prior z", "predictor"] as const) {
    const { target } = importanceWeights(parameters, config, few, seedKey(13), { samples, proposal });
    for (let row = 0; row < few.rows; row++) {
      const w = target.subarray(row * samples, (row + 1) * samples).map((v) => Math.exp(v - truth[row]));
      const error = Math.sqrt(variance(w) / samples);
      assert.ok(Math.abs(mean(w) - 1) < 4 * error, `${proposal}, row ${row}: ${mean(w)} ± ${error}`);
    }
  }
});

test("context weights bound log p(x), and their ratio gives the coupled model's density where q(s_x|x) is off", () => {
  const { config, parameters } = linearGaussianParameters(rough);
  const samples = 1024;
  const weights = importanceWeights(parameters, config, pairs, seedKey(14), {
    samples,
    proposal: "posterior",
  });
  const truth = exact.logLikelihood(pairs);
  const generator = exactConditional(rough).logLikelihood(pairs);
  const joint = weights.target.map((w, i) => w + weights.context[i]);
  const ratio = importanceRatio(joint, weights.context, samples);
  const distance = (of: Float64Array) => Math.sqrt(mean(of.map((v, row) => (v - truth[row]) ** 2)));
  assert.ok(distance(generator) > 0.1, `${distance(generator)}`);
  assert.ok(
    distance(ratio.perRow) < distance(generator) / 2,
    `${distance(ratio.perRow)}, ${distance(generator)}`,
  );
  // With the exact posterior of s_x every context weight is p(x).
  const own = linearGaussianParameters(model);
  const { context } = importanceWeights(own.parameters, own.config, pairs, seedKey(15), {
    samples: 16,
    proposal: "posterior",
  });
  assert.ok(Math.max(...importanceBound(context, 16).logWeightVariance) < 1e-7);
});

test("Laplace weights of an affine model are all p(y|x), and unbiased when inflated and mixed with the prior", () => {
  const { config, parameters } = linearGaussianParameters(rough);
  const before = tf.memory().numTensors;
  const { dispose, ...observation } = generatorObservation(parameters, config, pairs);
  const truth = exactConditional(rough).logLikelihood(pairs);
  const plain = { samples: 4, steps: 5, inflation: 1, priorShare: 0 };
  const { logWeights, laplace } = laplaceWeights(observation, seedKey(16), plain);
  assert.ok(largest(laplace, truth) < 1e-3, `${largest(laplace, truth)}`);
  for (let row = 0; row < pairs.rows; row++)
    for (let k = 0; k < 4; k++) assert.ok(Math.abs(logWeights[4 * row + k] - truth[row]) < 1e-3);
  const settings = { ...laplaceDefaults, samples: 256 };
  const bound = importanceBound(laplaceWeights(observation, seedKey(17), settings).logWeights, 256);
  dispose();
  assert.ok(Math.abs(mean(bound.perRow) - mean(truth)) < 4 * bound.monteCarloError);
  assert.ok(Math.min(...bound.effectiveSamples) > 100);
  assert.equal(tf.memory().numTensors, before);
});

test("the density's log-likelihood is the bound of the proposal asked for", () => {
  const { config, parameters } = linearGaussianParameters(model);
  const truth = exact.logLikelihood(pairs);
  for (const proposal of ["posterior", "mode"] as const) {
    const { logLikelihood } = varJepaDensity(parameters, config, seedKey(18), { samples: 256, proposal });
    assert.ok(Math.abs(mean(logLikelihood(pairs)) - mean(truth)) < 0.05, proposal);
    assert.deepEqual(logLikelihood(pairs), logLikelihood(pairs));
  }
});

test("what does not fit is refused", () => {
  const { config, parameters } = linearGaussianParameters(model);
  const settings = { samples: 4, proposal: "posterior" } as const;
  const key = fold(seedKey(1), 1);
  assert.throws(
    () => importanceWeights(parameters, config, { ...pairs, y: pairs.x }, key, settings),
    /y holds 180 values/,
  );
  assert.throws(
    () => importanceWeights(parameters, config, pairs, key, { ...settings, samples: 0 }),
    /samples is 0; use a whole number/,
  );
  assert.throws(
    () =>
      importanceWeights(parameters, config, pairs, key, {
        ...settings,
        proposal: "prior" as unknown as Proposal,
      }),
    /proposal is "prior"; use/,
  );
  assert.throws(() => importanceBound(Float64Array.of(1, 2, 3), 2), /3 weights; give 2 for every row/);
  assert.throws(() => importanceBound(Float64Array.of(1, Number.NaN), 2), /row 0, sample 1 is NaN/);
  assert.throws(() => drawLinearGaussian(key, { dx: 1, dy: 4, d: 2, dz: 1 }), /dx is 1/);
});
