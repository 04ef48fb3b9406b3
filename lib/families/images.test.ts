import "../node/world.js";
/** The two families of images, from training to generation. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { embedEncoded } from "../inference/embed-rows.js";
import { generateImages } from "../inference/generate-images.js";
import { unpackParameters } from "../layers/parameters.js";
import { type ImageRows, selectImages } from "../models/modalities/patches/images.js";
import { varTJepaDefaults } from "../models/var-t-jepa.js";
import { fit } from "../training/fit.js";
import { fitTask } from "../training/fit-task.js";
import { loadModel, loadTableModel, saveModel } from "../training/trained-model.js";
import { generatePatches, patchLogLikelihood } from "./generate-patches.js";

before(startEngine);

const folder = mkdtempSync(path.join(tmpdir(), "images-test-"));
after(() => rmSync(folder, { recursive: true }));

const stack = { layers: 1, heads: 2, norm: "pre", activation: "gelu", dropout: 0.05 } as const;
/** Images of 6 × 8 pixels in 3 × 4 patches. */
const common = {
  image: { height: 6, width: 8, patch: 2 },
  masks: {
    contextMin: 0.75,
    contextMax: 1,
    targetMin: 0.16,
    targetMax: 0.34,
    aspectMin: 0.5,
    aspectMax: 2,
    targetViews: 2,
  },
  encoder: { ...stack, width: 8, ff: 12 },
  predictor: { ...stack, width: 6, ff: 8 },
};
const training = { epochs: 2, batchSize: 12, learningRate: 5e-3, weightDecay: 1e-5, clipNorm: 5 };
const variational = {
  model: { ...varTJepaDefaults, ...common, poolTokens: 2, targetSamples: 1 },
  objective: { rec: 1, gen: 1, klSx: 1e-2, klZ: 1e-2, klSy: 1 },
  training,
  workers: 1,
};
const twin = {
  model: { ...common, clsTokens: 1, auxiliaryTokens: 0, ema: { start: 0.9, end: 1 } },
  objective: { prediction: 1 },
  training,
  workers: 1,
};

/** A bar of ink and noise. */
function bars(rows: number): ImageRows {
  const images = new Float32Array(rows * 48);
  const noise = normals(seedKey(2), images.length);
  for (let i = 0; i < images.length; i++) {
    const [row, column] = [Math.floor(i / 48), i % 8];
    images[i] = (Math.floor(column / 2) === row % 4 ? 1 : 0) + 0.05 * noise[i];
  }
  return { rows, height: 6, width: 8, images };
}
const data = bars(12);

test("both are trained for two steps, saved and loaded bit for bit; micro-batches change nothing but rounding", async () => {
  for (const [family, settings] of [
    ["var-i-jepa", variational],
    ["i-jepa", twin],
  ] as const) {
    const train = (changes: object) =>
      family === "var-i-jepa"
        ? fit(family, data, { ...variational, ...changes })
        : fit(family, data, { ...twin, ...changes });
    const tensors = tf.memory().numTensors;
    const model = await train({});
    assert.equal(tf.memory().numTensors, tensors);
    assert.deepEqual(Object.keys(model.history[1].terms), Object.keys(settings.objective));
    await saveModel(path.join(folder, family), model);
    assert.deepEqual(await loadModel(path.join(folder, family)), model);
    await assert.rejects(loadTableModel(path.join(folder, family)), /which is of no table; use loadModel/);

    const cut = await train({ training: { ...training, microBatch: 5 } });
    for (const [epoch, { terms }] of model.history.entries())
      expectClose(Object.values(cut.history[epoch].terms), Object.values(terms), {
        absolute: 1e-4,
        relative: 1e-3,
      });
    expectClose(cut.parameters.values, model.parameters.values, { absolute: 2e-3 });
  }
});

test("no gradient reaches the twin's target encoder, which is the average that it is given", () => {
  const { objective, model: config } = twin;
  const task = fitTask({ family: "i-jepa", seed: 1, data, config, objective, training });
  const batch = { rows: Int32Array.of(3, 1, 4), first: 0, size: 3, key: seedKey(2), step: 0 };
  const { values, layout } = task.parameters;
  tf.tidy(() => {
    const loss = (online: tf.Tensor, target: tf.Tensor) => {
      const [own, other] = [online, target].map((t) => unpackParameters(t as tf.Tensor1D, layout));
      return task.terms(own, batch, other).prediction.value;
    };
    const online = tf.tensor1d(values);
    const other = tf.tensor1d(values.map((v, i) => v + 0.1 * Math.sin(i)));
    assert.notEqual(loss(online, online).dataSync()[0], loss(online, other).dataSync()[0]);
    const gradient = tf
      .grad((theta) => loss(theta, other))(online)
      .dataSync();
    assert.ok(gradient.some((slope) => Math.abs(slope) > 1e-4));
    assert.throws(() => tf.grad((theta) => loss(online, theta))(other), /gradient/i);
  });
});

test("images are embedded, pooled three ways; the variational one tells how uncertain it is", async () => {
  const models = [await fit("var-i-jepa", data, variational), await fit("i-jepa", data, twin)];
  for (const model of models) {
    const { values } = embedEncoded(model, data);
    assert.equal(values.length, 12 * 12 * 8);
    const { values: pooled, uncertainty } = embedEncoded(model, data, "mean");
    expectClose(
      [pooled[8 * 5 + 3]],
      [Array.from({ length: 12 }, (_, j) => values[(5 * 12 + j) * 8 + 3]).reduce((a, b) => a + b) / 12],
    );
    assert.equal(embedEncoded(model, data, "cls").values.length, 12 * 8);
    if (model.family === "i-jepa") assert.equal(uncertainty, undefined);
    else assert.ok(uncertainty?.mean.every((mean, row) => mean > 0 && uncertainty.p90[row] > mean));
    const wide = { rows: 1, height: 6, width: 10, images: new Float32Array(60) };
    assert.throws(
      () => embedEncoded(model, wide),
      /width is 10; the model takes images of 6 × 8: scale or crop them to that/,
    );
  }
  await assert.rejects(
    fit("i-jepa", { ...data, height: 8, width: 6 }, twin),
    /height is 8; the model takes images of 6 × 8/,
  );
});

test("hidden patches are generated: visible ones stay as they are, a key gives the same draws, the hidden truth is not looked at", async () => {
  const model = await fit("var-i-jepa", data, variational);
  const hidden = [5, 6];
  const tensors = tf.memory().numTensors;
  const generated = generateImages(model, data, { hidden, samples: 6, seed: 3 });
  assert.equal(tf.memory().numTensors, tensors);
  const { draws, mean, deviation, sigma } = generated;
  assert.deepEqual([draws.length, mean.length, deviation.length], [6 * 12 * 48, 12 * 48, 12 * 48]);
  const isHidden = (pixel: number) => {
    const patch = Math.floor((pixel % 48) / 16) * 4 + Math.floor((pixel % 8) / 2);
    return hidden.includes(patch);
  };
  draws.forEach((value, i) => {
    if (!isHidden(i)) assert.equal(value, data.images[i % (12 * 48)]);
  });
  for (let i = 0; i < mean.length; i++) {
    const drawn = Array.from({ length: 6 }, (_, sample) => draws[sample * 12 * 48 + i]);
    if (isHidden(i)) {
      assert.ok(deviation[i] > sigma && new Set(drawn).size === 6);
      assert.notEqual(mean[i], data.images[i]);
    } else assert.deepEqual([mean[i], deviation[i]], [data.images[i], 0]);
  }
  const again = { hidden, samples: 6, seed: 3 };
  const other = { ...data, images: data.images.map((v, i) => (isHidden(i) ? 9 : v)) };
  assert.deepEqual(generateImages(model, other, again).mean, mean);
  assert.deepEqual(generateImages(model, data, again), generated);
  assert.notDeepEqual(generateImages(model, data, { ...again, seed: 4 }).mean, mean);
  assert.notDeepEqual(generateImages(model, data, { ...again, given: [0, 1] }).mean, mean);

  const plain = await fit("i-jepa", data, twin);
  assert.throws(
    () => generateImages(plain as never, data, { hidden }),
    /i-jepa generates no patches of images; use a var-i-jepa model/,
  );
  assert.throws(
    () => generateImages(model, data, { hidden: [5, 12] }),
    /patch 12 does not exist; use 0 … 11/,
  );
  assert.throws(() => generateImages(model, data, { hidden, given: [5] }), /patch 5 is named twice/);
});

test("mean and deviation are those of the mixture over samples, and so is the likelihood", async () => {
  const { parameters, config } = await fit("var-i-jepa", data, variational);
  const few = selectImages(data, [0, 1, 2]);
  const given = [
    [0, 1],
    [2, 3],
    [0, 11],
  ];
  const generate = (samples: number) =>
    generatePatches(parameters, config, few, given, [5, 6], samples, seedKey(6));
  const [one, many] = [generate(1), generate(400)];
  const pixel = 2 * 48 + 2 * 8 + 3; // of patch 5 of the third image
  const drawn = Array.from({ length: 400 }, (_, sample) => many.draws[sample * 3 * 48 + pixel]);
  const average = drawn.reduce((sum, v) => sum + v, 0) / 400;
  const spread = drawn.reduce((sum, v) => sum + (v - average) ** 2, 0) / 400;
  const deviation = Math.sqrt(spread + many.sigma ** 2);
  assert.ok(Math.abs(average - many.mean[pixel]) < 4 * Math.sqrt(spread / 400));
  expectClose([deviation], [many.deviation[pixel]], { relative: 0.05 });

  const likelihood = (samples: number) =>
    patchLogLikelihood(parameters, config, few, given, [5, 6], samples, seedKey(6));
  const [single, several] = [likelihood(1), likelihood(400)];
  // Under one sample patches are independent of each other.
  for (const row of [0, 1, 2])
    expectClose([single.joint[row]], [(single.each[2 * row] + single.each[2 * row + 1]) / 2]);
  assert.ok(several.joint.every((log, row) => Number.isFinite(log) && log !== single.joint[row]));
  const diagonal = [0, 1, 8, 9].reduce((sum, offset) => {
    const at = 2 * 48 + 2 * 8 + 2 + offset;
    const off = (few.images[at] - one.mean[at]) / one.deviation[at];
    return sum - 0.5 * off ** 2 - Math.log(one.deviation[at]) - 0.5 * Math.log(2 * Math.PI);
  }, 0);
  // The pixels of a patch are only weakly correlated at the start of training.
  assert.ok(Math.abs(diagonal - single.each[4]) < 0.5, `${diagonal} and ${single.each[4]}`);
});

test("training lowers every likelihood's loss and the twin's error", async () => {
  const longer = { ...training, epochs: 30, learningRate: 1e-2 };
  const model = await fit("var-i-jepa", data, { ...variational, training: longer });
  const plain = await fit("i-jepa", data, { ...twin, training: { ...longer, learningRate: 3e-3 } });
  const change = ({ history }: typeof model | typeof plain, term: string) =>
    history[29].terms[term] - history[0].terms[term];
  for (const term of ["rec", "gen"]) assert.ok(change(model, term) < -1, `${term}: ${change(model, term)}`);
  assert.ok(change(plain, "prediction") < -0.1, `${change(plain, "prediction")}`);
});
