import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { rsample } from "../distributions/diagonal-gaussian.js";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { families } from "../families/registry.js";
import { unpackParameters } from "../layers/parameters.js";
import { termValues } from "../losses/term.js";
import { type IJepaConfig, initialIJepa } from "./i-jepa.js";
import {
  decode,
  decodeMarginal,
  marginalLogLikelihood,
  meanNegativeLogMarginal,
} from "./modalities/patches/decoder.js";
import { type ImageRows, pastePatches } from "./modalities/patches/images.js";
import { drawBlockMasks } from "./modalities/patches/masks.js";
import { patches } from "./modalities/patches/patches.js";
import { fixedMasks } from "./tokens/masks.js";
import { noiseFrom, noNoise, passTokens, trainingPass } from "./tokens/pass.js";
import { range, rowPositions } from "./tokens/positions.js";
import { initialVarIJepa, type VarIJepaConfig, varIJepa } from "./var-i-jepa.js";
import { varTJepaDefaults } from "./var-t-jepa.js";

before(startEngine);

const stack = { layers: 1, heads: 2, norm: "pre", activation: "gelu", dropout: 0 } as const;
/** Images of 6 × 6 pixels in 3 × 3 patches. */
const common = {
  image: { height: 6, width: 6, patch: 2 },
  masks: {
    contextMin: 1,
    contextMax: 1,
    targetMin: 0.2,
    targetMax: 0.25,
    aspectMin: 0.5,
    aspectMax: 2,
    targetViews: 2,
  },
  encoder: { ...stack, width: 8, ff: 12 },
  predictor: { ...stack, width: 6, ff: 8 },
};
const config: VarIJepaConfig = { ...varTJepaDefaults, ...common, poolTokens: 2, targetSamples: 2 };
const twin: IJepaConfig = { ...common, clsTokens: 1, auxiliaryTokens: 1, ema: { start: 0.9, end: 1 } };
const rows = 4;
const input: ImageRows = {
  rows,
  height: 6,
  width: 6,
  images: normals(seedKey(1), rows * 36).map((v) => Math.abs(v) % 1),
};
const { terms } = families["var-i-jepa"];
const names = ["rec", "gen", "klSx", "klZ", "klSy", "predictive", "predictedMean"] as const;
const source = { key: seedKey(5), firstRow: 0 };

function shaken() {
  const { values, layout } = initialVarIJepa(seedKey(3), config);
  const shake = normals(seedKey(4), values.length);
  return { layout, values: values.map((value, i) => value + 0.1 * shake[i]) };
}
const { values, layout } = shaken();
const modelOf = (theta: tf.Tensor) => varIJepa(unpackParameters(theta as tf.Tensor1D, layout), config);

test("the gradient of every term is its slope along random directions of the weights", () => {
  const masks = drawBlockMasks(seedKey(2), config.masks, config.image, rows);
  assert.deepEqual([masks.contextSize, masks.targetSize], [5, 2]);
  const theta = tf.tensor1d(values);
  const valuesAt = (at: tf.Tensor) =>
    termValues(terms, trainingPass(modelOf(at), input, masks, source), config);
  const step = 5e-3;
  for (const name of names) {
    const gradient = tf.grad((at: tf.Tensor) => valuesAt(at)[name])(theta);
    const scale = Math.sqrt(tf.sum(tf.square(gradient)).dataSync()[0]);
    assert.ok(scale > 0);
    const direction = tf.tensor1d(normals(seedKey(6), values.length));
    const along = tf.sum(tf.mul(gradient, direction)).dataSync()[0];
    const at = (h: number) => valuesAt(tf.add(theta, tf.mul(direction, h)))[name].dataSync()[0];
    const slope = (8 * (at(step / 2) - at(-step / 2)) - (at(step) - at(-step))) / (6 * step);
    assert.ok(Math.abs(along - slope) < 4e-3 * scale + 1e-4, `${name}: gradient ${along}, slope ${slope}`);
  }
});

test("both families: the parts of a batch cut in two average to the terms of the whole", () => {
  const target = initialIJepa(seedKey(7), twin);
  const parameters = initialIJepa(seedKey(8), twin);
  const tensors = ({ values: v, layout: l }: typeof target) => unpackParameters(tf.tensor1d(v), l);
  const batchOf = (from: number, to: number) => ({
    rows: Int32Array.of(2, 0, 3, 1).subarray(from, to),
    first: from,
    key: seedKey(9),
  });
  const variational = families["var-i-jepa"];
  const deterministic = families["i-jepa"];
  const valuesOf = (from: number, to: number) => {
    const batch = batchOf(from, to);
    const own = variational.pass(unpackParameters(tf.tensor1d(values), layout), config, input, batch, {});
    const plain = deterministic.pass(tensors(parameters), twin, input, batch, tensors(target));
    return [
      ...Object.values(termValues(terms, own, config)),
      termValues({ prediction: deterministic.terms.prediction }, plain, twin).prediction,
    ].map((value) => value.dataSync()[0]);
  };
  const [head, tail, whole] = [valuesOf(0, 1), valuesOf(1, 4), valuesOf(0, 4)];
  expectClose(
    head.map((value, i) => (value + 3 * tail[i]) / 4),
    whole,
    { absolute: 1e-4 },
  );
});

test("s_x, z and the prediction see the visible patches only; q(s_w) sees every patch", () => {
  const masks = fixedMasks(Array(rows).fill([0, 1, 3]), [4, 5]);
  const read = (images: Float32Array) => {
    const { sx, z, pSy, qSw } = passTokens(
      modelOf(tf.tensor1d(values)),
      { ...input, images },
      masks,
      noNoise,
    );
    return [sx, z, pSy.mean, qSw.mean].map((tensor) => [...tensor.dataSync()]);
  };
  const [sx, z, p, w] = read(input.images);
  const hidden = input.images.slice();
  hidden[2 * 6 + 2] += 1; // the first pixel of patch 4 of the first image
  const after = read(hidden);
  assert.deepEqual(after.slice(0, 3), [sx, z, p]);
  assert.notDeepEqual(after[3], w);
  const seen = input.images.slice();
  seen[7] += 1; // the last pixel of patch 0
  const [movedSx, , movedP] = read(seen);
  assert.notDeepEqual(movedSx, sx);
  expectClose(movedP.slice(p.length / 4), p.slice(p.length / 4), { absolute: 1e-6 });
  assert.notDeepEqual(movedP.slice(0, p.length / 4), p.slice(0, p.length / 4));
});

test("a likelihood is summed over the pixels of a patch and averaged over patches; that of the prediction is taken at its mean", () => {
  const masks = fixedMasks(Array(rows).fill([0, 8]), [4]);
  const noise = noiseFrom(seedKey(13), rows, 8);
  const model = modelOf(tf.tensor1d(values));
  const pass = passTokens(model, input, masks, noise);
  /** Of patches decoded to `means`, the corner of the patch of each cell being given. */
  const negativeLog = (means: ArrayLike<number>, sigma: number, corners: readonly number[]) => {
    const cells = means.length / 4;
    let sum = 0;
    for (let cell = 0; cell < cells; cell++)
      for (let pixel = 0; pixel < 4; pixel++) {
        const row = Math.floor(cell / corners.length);
        const at = row * 36 + corners[cell % corners.length] + Math.floor(pixel / 2) * 6 + (pixel % 2);
        const off = (input.images[at] - means[cell * 4 + pixel]) / sigma;
        sum += 0.5 * off ** 2 + Math.log(sigma) + 0.5 * Math.log(2 * Math.PI);
      }
    return sum / cells;
  };
  const [sigmaX, sigmaY] = [pass.logSigmaX, pass.logSigmaY].map((log) => Math.exp(log.dataSync()[0]));
  const seen = pass.contextDecoded.mean.dataSync();
  expectClose(pass.negativeLogX().dataSync(), [negativeLog(seen, sigmaX, [0, 4 * 6 + 4])]);
  const middle = { row: range(0, rows), feature: masks.targets };
  const said = decode(model.parameters, "targetDecoder", pass.pSy.mean, middle).mean.dataSync();
  expectClose(pass.negativeLogYAtMean().dataSync(), [negativeLog(said, sigmaY, [2 * 6 + 2])]);
});

test("s integrated out: mean, variance and likelihood are those of many draws", () => {
  const parameters = unpackParameters(tf.tensor1d(values), layout);
  const [mean, logVariance] = [normals(seedKey(10), 8), normals(seedKey(11), 8).map((v) => v - 1)];
  const q = { mean: tf.tensor2d(mean, [1, 8]), logVariance: tf.tensor2d(logVariance, [1, 8]) };
  const logSigma = tf.scalar(Math.log(0.4));
  const draws = 40_000;
  const many = {
    mean: tf.tile(q.mean, [draws, 1]) as tf.Tensor2D,
    logVariance: tf.tile(q.logVariance, [draws, 1]) as tf.Tensor2D,
  };
  const cells = { row: new Int32Array(draws), feature: new Int32Array(draws) };
  const noise = tf.tensor2d(normals(seedKey(12), 8 * draws), [draws, 8]);
  const s = rsample(many, noise);
  const decoded = decode(parameters, "targetDecoder", s, cells).mean.dataSync();
  const said = decodeMarginal(parameters, "targetDecoder", q, logSigma);
  const y = Float32Array.from(said.mean.dataSync(), (v, i) => v + 0.3 * (i % 2 === 0 ? 1 : -1));
  const [means, squares] = [new Float64Array(4), new Float64Array(4)];
  let likelihood = 0;
  for (let draw = 0; draw < draws; draw++) {
    let log = 0;
    for (let i = 0; i < 4; i++) {
      const v = decoded[draw * 4 + i];
      means[i] += v / draws;
      squares[i] += (v * v) / draws;
      log -= 0.5 * ((y[i] - v) / 0.4) ** 2 + Math.log(0.4) + 0.5 * Math.log(2 * Math.PI);
    }
    likelihood += Math.exp(log) / draws;
  }
  expectClose(said.mean.dataSync(), means, { absolute: 0.02 });
  expectClose(
    said.variance.dataSync(),
    squares.map((square, i) => square - means[i] ** 2 + 0.16),
    { absolute: 0.005, relative: 0.03 },
  );
  const [exact] = marginalLogLikelihood(parameters, "targetDecoder", q, logSigma, y);
  assert.ok(Math.abs(Math.log(likelihood) - exact) < 0.02, `${Math.log(likelihood)} ≠ ${exact}`);
  // The term that is trained takes one draw: more than −log p by what Jensen's inequality loses.
  const [image, shape] = [new Float32Array(36), config.image];
  pastePatches(shape, image, { row: Int32Array.of(0), feature: Int32Array.of(4) }, y);
  const middle = { row: new Int32Array(draws), feature: new Int32Array(draws).fill(4) };
  const drawn = meanNegativeLogMarginal(
    parameters,
    "targetDecoder",
    shape,
    many,
    middle,
    { rows: 1, height: 6, width: 6, images: image },
    logSigma,
    noise,
  ).dataSync()[0];
  const spread = said.variance.dataSync<"float32">().reduce((sum, v) => sum + v - 0.16, 0);
  const atMean = 4 * (0.5 * (0.3 / 0.4) ** 2 + Math.log(0.4) + 0.5 * Math.log(2 * Math.PI));
  expectClose([drawn], [atMean + spread / (2 * 0.16)], { relative: 0.02 });
  assert.ok(drawn > -exact);
});

test("tokens of both families start as much larger as asked, all else as it was", () => {
  for (const start of [
    (tokenScale?: number) => initialVarIJepa(seedKey(3), { ...config, tokenScale }),
    (tokenScale?: number) => initialIJepa(seedKey(3), { ...twin, tokenScale }),
  ]) {
    const [plain, scaled] = [start(), start(8)];
    for (const { name, offset } of plain.layout)
      assert.equal(
        scaled.values[offset],
        (name.startsWith("tokenizer.") ? 8 : 1) * plain.values[offset],
        name,
      );
  }
});

test("patches above each other are as near as patches side by side; the predictor has the tokenizer's positions", () => {
  const modality = patches(config);
  const width = 8;
  const placed = rowPositions(2, modality, width);
  assert.deepEqual(placed.shape, [2 + 9, width]);
  const rows = Array.from({ length: 9 }, (_, j) =>
    placed.dataSync<"float32">().subarray((2 + j) * width, (3 + j) * width),
  );
  const product = (a: number, b: number) => rows[a].reduce((sum, v, i) => sum + v * rows[b][i], 0);
  expectClose([product(4, 1), product(4, 7), product(4, 5)], [product(4, 3), product(4, 3), product(4, 3)]);
  assert.ok(product(4, 3) > product(4, 0) && product(4, 0) > product(3, 5));
  const parameters = unpackParameters(tf.tensor1d(values), layout);
  const blank = modality
    .tokenize(parameters, { ...input, rows: 1, images: new Float32Array(36) }, 2)
    .dataSync<"float32">();
  const bias = parameters["tokenizer.patch.bias"].dataSync();
  expectClose(
    blank.map((v, i) => v - bias[i % width]),
    rows.flatMap((row) => [...row]),
    { absolute: 1e-5 },
  );
});

test("a configuration that cannot be built is refused by name", () => {
  const attempt = (changes: Partial<VarIJepaConfig>) => () =>
    initialVarIJepa(seedKey(1), { ...config, ...changes });
  assert.throws(
    attempt({ image: { height: 6, width: 6, patch: 4 } }),
    /patch is 4; use a side that divides height, 6/,
  );
  assert.throws(attempt({ poolTokens: 0 }), /poolTokens is 0/);
  assert.throws(attempt({ sigma: "per token" }), /sigma is "per token"; .* use "learned" or "fixed"/);
  assert.throws(
    () => initialIJepa(seedKey(1), { ...twin, tokenScale: 0 }),
    /tokenScale is 0; use a number from 0.001/,
  );
  assert.throws(() => initialIJepa(seedKey(1), { ...twin, ema: { start: 2, end: 1 } }), /ema.start is 2/);
});
