import "../../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../../engine/backend.js";
import { expectClose } from "../../engine/finite-differences.js";
import { fold, normals, seedKey, uniforms } from "../../engine/random.js";
import { generatePatches, patchLogLikelihood } from "../../families/generate-patches.js";
import { initialVarIJepa, type VarIJepaConfig } from "../../models/var-i-jepa.js";
import { varTJepaDefaults } from "../../models/var-t-jepa.js";
import { mean, variance } from "../../moments.js";
import { blockMeasures, explained } from "./block-measures.js";
import { flooredMarginal, flooredRegression } from "./floored-gaussians.js";
import { blockDensity, blockPairs, imagesOf } from "./hidden-blocks.js";

before(startEngine);

const stack = { layers: 1, heads: 2, norm: "pre", activation: "gelu", dropout: 0 } as const;
const image = { height: 4, width: 6, patch: 2 };
const config: VarIJepaConfig = {
  ...varTJepaDefaults,
  image,
  masks: {
    ...{ contextMin: 1, contextMax: 1, targetMin: 0.3, targetMax: 0.4 },
    ...{ aspectMin: 0.5, aspectMax: 2, targetViews: 1 },
  },
  encoder: { ...stack, width: 8, ff: 12 },
  predictor: { ...stack, width: 6, ff: 8 },
  sigma: "fixed",
  initialLogSigma: Math.log(0.5),
};
const images = {
  rows: 5,
  ...image,
  images: Float32Array.from(uniforms(seedKey(1), 5 * 24)),
};
const hidden = [1, 5];
const given = [0, 2, 3, 4];
const model = { parameters: initialVarIJepa(seedKey(9), config), config };
const key = seedKey(3);

test("pairs hold the pixels of seen and of hidden patches, and images come back from them", () => {
  const pairs = blockPairs(image, images, hidden);
  assert.deepEqual([pairs.x.length, pairs.y.length], [5 * 16, 5 * 8]);
  assert.deepEqual(
    [...pairs.y.subarray(0, 4)],
    [2, 3, 8, 9].map((at) => images.images[at]),
  );
  assert.deepEqual(imagesOf(image, pairs, hidden).images, images.images);
  const bare = imagesOf(image, { rows: 5, x: pairs.x }, hidden).images;
  assert.deepEqual([bare[0], bare[2], bare[23]], [images.images[0], 0, 0]);
});

test("as a density a Var-I-JEPA has the means and the likelihood that its family generates, and never looks at y", () => {
  const pairs = blockPairs(image, images, hidden);
  const contexts = Array<number[]>(5).fill(given);
  const density = blockDensity(model, hidden, 4, key);
  const generated = generatePatches(model.parameters, config, images, contexts, hidden, 4, key);
  const tensors = tf.memory().numTensors;
  expectClose(density.mean(pairs), blockPairs(image, { ...images, images: generated.mean }, hidden).y);
  const { joint } = patchLogLikelihood(model.parameters, config, images, contexts, hidden, 4, key);
  expectClose(
    density.logLikelihood(pairs),
    joint.map((log) => 2 * log),
  );
  assert.equal(tf.memory().numTensors, tensors);

  const draws = 400;
  const drawn = density.draw(key, { rows: 5, x: pairs.x }, draws);
  assert.deepEqual(drawn, density.draw(key, pairs, draws));
  assert.equal(drawn.length, 5 * draws * 8);
  const { mean: means, deviation } = generatePatches(
    ...([model.parameters, config, images, contexts, hidden, draws, fold(key, "other")] as const),
  );
  const [m, s] = [means, deviation].map(
    (values) => blockPairs(image, { ...images, images: values }, hidden).y,
  );
  for (const at of [0, 13, 39]) {
    const own = Float64Array.from(
      { length: draws },
      (_, k) => drawn[(Math.floor(at / 8) * draws + k) * 8 + (at % 8)],
    );
    assert.ok(Math.abs(mean(own) - m[at]) < (4 * s[at]) / Math.sqrt(draws), `${mean(own)} for ${m[at]}`);
    assert.ok(Math.abs(Math.sqrt(variance(own)) / s[at] - 1) < 0.2);
  }
});

test("ridge finds a linear map; no variance is below the floor, and that of the noise is found above it", () => {
  const rows = 400;
  const x = Float32Array.from(normals(seedKey(4), rows * 3));
  const noise = normals(seedKey(5), rows * 2);
  // The second coordinate never changes: without a floor its likelihood has no bound.
  const y = Float32Array.from({ length: 2 * rows }, (_, i) =>
    i % 2 ? 0 : 2 * x[(3 * i) / 2] - x[(3 * i) / 2 + 1] + 0.5 * noise[i],
  );
  const pairs = { rows, x, y };
  const [ridge, marginal] = [flooredRegression(pairs, 0.04), flooredMarginal(pairs, 0.04)];
  const entropy = (variances: readonly number[]) =>
    -0.5 * variances.reduce((sum, v) => sum + Math.log(2 * Math.PI * v), 0);
  for (const form of ["full", "diagonal"] as const) {
    assert.ok(Math.abs(mean(ridge[form].logLikelihood(pairs)) - (entropy([0.25, 0.04]) - 0.5)) < 0.1);
    assert.ok(Math.abs(mean(marginal[form].logLikelihood(pairs)) - (entropy([5.25, 0.04]) - 0.5)) < 0.1);
  }
  const { r2, coverage, crps } = blockMeasures(ridge.full, pairs, [0, 0], key, { draws: 19, level: 0.9 });
  assert.ok(Math.abs(r2 - 5 / 5.25) < 0.02 && coverage > 0.87 && crps < 0.3);
  const [average] = [marginal.full.mean(pairs)];
  assert.ok(Math.abs(explained(average, y, Array.from(average).slice(0, 2))) < 1e-9);
  assert.equal(explained(y, y, [0, 0]), 1);
});
