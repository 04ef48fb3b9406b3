import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { patches } from "../models/modalities/patches/patches.js";
import type { VarIJepaConfig } from "../models/var-i-jepa.js";
import { initialVarIJepa } from "../models/var-i-jepa.js";
import { varTJepaDefaults } from "../models/var-t-jepa.js";
import { tokenContextUse } from "./context-use.js";
import { compareWithControls, trainedSource, untrainedSources } from "./controls.js";
import { pixelSource, principalSource } from "./image-controls.js";

before(startEngine);

const stack = { layers: 1, heads: 2, norm: "pre", activation: "gelu", dropout: 0 } as const;
const config: VarIJepaConfig = {
  ...varTJepaDefaults,
  image: { height: 4, width: 6, patch: 2 },
  masks: {
    contextMin: 1,
    contextMax: 1,
    targetMin: 0.3,
    targetMax: 0.4,
    aspectMin: 0.5,
    aspectMax: 2,
    targetViews: 1,
  },
  encoder: { ...stack, width: 8, ff: 12 },
  predictor: { ...stack, width: 6, ff: 8 },
};

/** 80 images of two classes: ink above or below, and noise. */
const rows = 80;
const noise = normals(seedKey(1), rows * 24);
const images = noise.map((v, i) => (Math.floor((i % 24) / 12) === Math.floor(i / 24) % 2 ? 1 : 0) + 0.2 * v);
const labels = Uint8Array.from({ length: rows }, (_, i) => i % 2);
const data = { rows, height: 4, width: 6, images, labels };
const all = Int32Array.from({ length: rows }, (_, i) => i);
const split = { train: all.subarray(0, 60), test: all.subarray(60) };

test("images stand among the controls as tables do: trained, untrained, pixels, as many principal components", async () => {
  const model = {
    family: "var-i-jepa",
    config,
    objective: { gen: 1 },
    training: { epochs: 1, batchSize: 10, learningRate: 1e-3, weightDecay: 0 },
    seed: 4,
    history: [],
    parameters: initialVarIJepa(seedKey(9), config),
  };
  const before = tf.memory().numTensors;
  const lines = await compareWithControls(
    seedKey(1),
    data,
    [
      trainedSource(model, data, "mean"),
      ...untrainedSources(model, data, [1], "mean"),
      trainedSource(model, data),
      pixelSource(data, split.train),
      principalSource(data, 8, split.train),
    ],
    split,
    { probe: { epochs: 40, batchSize: 20, learningRate: 3e-2, weightDecay: 0 }, aggregation: "p90" },
  );
  assert.equal(tf.memory().numTensors, before);
  assert.deepEqual(
    lines.map(({ features, columns, selective }) => [features, columns, selective.map(({ by }) => by)]),
    [
      ["trained", 8, ["posterior", "probe"]],
      ["untrained", 8, ["posterior", "probe"]],
      ["trained", 48, ["posterior", "probe"]],
      ["raw", 24, ["probe"]],
      ["8 principal components", 8, ["probe"]],
    ],
  );
  assert.ok(lines[3].accuracy > 0.9 && lines[4].accuracy > 0.9);
});

test("a pixel that one image touches is left out of the pixels, which are otherwise as they are", () => {
  const touched = images.map((v, i) => (i % 24 === 5 ? (i === 5 ? 0.01 : 0) : v));
  const { values, shape } = pixelSource({ ...data, images: touched }, split.train).compute();
  assert.deepEqual(shape, [rows, 23, 1]);
  assert.deepEqual(
    [...values],
    [...touched].filter((_, i) => i % 24 !== 5),
  );
});

test("principal components are found on the rows that a probe learns from", () => {
  const of = (fitOn: Int32Array) => principalSource(data, 3, fitOn).compute();
  const { values, shape } = of(split.train);
  assert.deepEqual(shape, [rows, 1, 3]);
  const first = Array.from(split.train, (i) => values[i * 3]);
  // Ink above or below: half a unit either way on each of 24 pixels, and the noise.
  expectClose([first.reduce((sum, v) => sum + v * v, 0) / 60], [0.25 * 24 + 0.04], { relative: 0.1 });
  assert.notDeepEqual(of(split.train.subarray(0, 20)).values, values);
});

test("how much the predictor makes of the visible patches is measured as for tables", () => {
  const model = { config, modality: patches(config) };
  const { kl, shuffledKl } = tokenContextUse(initialVarIJepa(seedKey(9), config), model, data, seedKey(2));
  // Start weights know nothing yet: another image's patches serve as well.
  assert.ok(kl > 0 && Math.abs(shuffledKl - kl) < 0.05 * kl, `${kl} and ${shuffledKl}`);
});
