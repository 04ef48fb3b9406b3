import assert from "node:assert/strict";
import { before, test } from "node:test";
import "../../node/world.js";
import { startEngine, tf } from "../../engine/backend.js";
import { softmaxCrossEntropy } from "../../engine/ops/cross-entropy.js";
import { fold, normals, seedKey } from "../../engine/random.js";
import { type Parameters, packParameters, unpackParameters } from "../../layers/parameters.js";
import { shareGradient } from "../../training/gradient.js";
import { classificationScores } from "../metrics/classification-scores.js";
import { autoInt, autoIntNetwork } from "./autoint.js";
import { dcnV2, dcnV2Network } from "./dcn-v2.js";
import { ftTransformer, ftTransformerNetwork } from "./ft-transformer.js";
import { mlp, mlpNetwork } from "./mlp.js";
import {
  columnsInput,
  type Network,
  type NeuralTraining,
  neuralPredictor,
  neuralTraining,
} from "./neural.js";
import type { Predictor } from "./predictor.js";
import { resnet, resnetNetwork } from "./resnet.js";

before(startEngine);

type AnyNetwork = Network<NeuralTraining, unknown, unknown>;
const networks = [
  mlpNetwork,
  resnetNetwork,
  dcnV2Network,
  autoIntNetwork,
  ftTransformerNetwork,
] as unknown as readonly AnyNetwork[];
const predictors = [
  mlp,
  resnet,
  dcnV2,
  autoInt,
  ftTransformer,
] as unknown as readonly Predictor<NeuralTraining>[];
const range = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
/** Smaller than the paper's. */
const quick = {
  epochs: 10,
  patience: 10,
  batchSize: 64,
  learningRate: 1e-2,
  hiddenWidth: 24,
  width: 24,
  encoder: { ...ftTransformer.defaults.encoder, width: 16, heads: 2, layers: 2, ff: 24 },
};

/** Rows of a number and a category of three; the class says whether the number is above what belongs to the category. */
function drawn(rows: number) {
  const numbers = normals(seedKey(1), rows);
  const values = new Float32Array(2 * rows);
  const labels = Int32Array.from(numbers, (v, row) => {
    const category = (row * 7) % 3;
    values.set([5 * v + 20, category], 2 * row);
    return Number(v > category - 1);
  });
  return { features: { values, shape: [rows, 2, 1] as const, categories: [0, 3] }, labels };
}

test("along random directions gradients are finite differences, of columns with categories and of embeddings", () => {
  const rows = 30;
  const { features } = drawn(rows);
  const embedded = { values: normals(seedKey(2), rows * 6), shape: [rows, 2, 3] as const };
  const labels = Int32Array.from({ length: rows }, (_, i) => i % 3);
  for (const { name, defaults, input, initial, logits } of networks)
    for (const seen of [features, embedded]) {
      const settings = { ...defaults, ...quick };
      const { size, take } = input(seen, range(0, rows));
      const { values, layout } = packParameters(initial(seedKey(3), size, 3, settings));
      const loss = (parameters: Parameters) =>
        tf.mean<tf.Scalar>(softmaxCrossEntropy(logits(parameters, take(range(0, rows)), settings), labels));
      const at = (direction: Float32Array, step: number) =>
        tf.tidy(() => {
          const theta = tf.tensor1d(values.map((v, i) => v + step * direction[i]));
          return loss(unpackParameters(theta, layout)).dataSync()[0];
        });
      const theta = tf.tensor1d(values);
      const batch = { rows: range(0, rows), first: 0, size: rows, key: seedKey(4), step: 0 };
      const terms = (parameters: Parameters) => ({
        loss: { weight: 1, value: loss(parameters), over: "rows" as const },
      });
      const { flat } = shareGradient(theta, layout, terms, batch, batch, rows);
      const gradient = flat.dataSync<"float32">();
      for (let k = 0; k < 4; k++) {
        // Along the gradient itself first, then along it bent at random.
        const bend = normals(fold(seedKey(5), k), values.length);
        const raw = gradient.map((g, i) => g * (k === 0 ? 1 : 1 + bend[i]));
        const length = Math.sqrt(raw.reduce((sum, v) => sum + v * v, 0));
        const direction = raw.map((v) => v / length);
        const expected = gradient.reduce((sum, g, i) => sum + g * direction[i], 0);
        const step = 5e-3;
        const slope = (at(direction, step) - at(direction, -step)) / (2 * step);
        assert.ok(
          Math.abs(slope - expected) < 0.01 * Math.abs(expected) + 1e-4,
          `${name}: ${slope}, ${expected}`,
        );
      }
      tf.dispose([theta, flat]);
    }
});

test("each finds a rule of a number and a category on new rows; equal keys, equal bits; nothing stays behind", async () => {
  const { features, labels } = drawn(700);
  const split = { train: range(0, 450), validation: range(450, 520), test: range(520, 700) };
  for (const predictor of predictors) {
    const settings = { ...predictor.defaults, ...quick };
    const tensors = tf.memory().numTensors;
    const told = await predictor.fit(seedKey(6), features, labels, split, settings);
    assert.equal(tf.memory().numTensors, tensors, predictor.name);
    const { accuracy } = classificationScores(told.labels, told.predicted);
    assert.ok(accuracy > 0.93, `${predictor.name}: ${accuracy}`);
    const shorter = { ...settings, epochs: 2 };
    const again = () => predictor.fit(seedKey(6), features, labels, split, shorter);
    assert.deepEqual(await again(), await again());
  }
});

test("the weights with the least loss on the validation rows are kept, and patience ends the training", async () => {
  const { features, labels } = drawn(300);
  // On validation rows whose labels are turned round, what is learnt makes the loss larger from the first epoch on.
  const turned = labels.map((label, row) => (row >= 200 && row < 250 ? 1 - label : label));
  const split = { train: range(0, 200), validation: range(200, 250), test: range(250, 300) };
  const settings = { ...mlp.defaults, ...quick, patience: 3, epochs: 30 };
  let steps = 0;
  const told = await mlp.fit(seedKey(7), features, turned, split, settings, (done) => {
    steps = done;
  });
  const epochs = steps / Math.ceil(200 / quick.batchSize);
  assert.ok(epochs >= 4 && epochs < 10, `${epochs}`);
  const best = await mlp.fit(seedKey(7), features, turned, split, { ...settings, epochs: epochs - 3 });
  assert.deepEqual(best.probabilities, told.probabilities);
  const stopped = { ...settings, keep: "last" } as const;
  const last = await mlp.fit(seedKey(7), features, turned, split, stopped);
  const long = await mlp.fit(seedKey(7), features, turned, split, { ...stopped, epochs, patience: 100 });
  assert.deepEqual(last.probabilities, long.probabilities, "as they are when training stops");
  assert.notDeepEqual(last.probabilities, told.probabilities);
  const { validation: _, ...without } = split;
  await assert.rejects(mlp.fit(seedKey(7), features, turned, without), /MLP needs validation rows/);
});

test("a network of one's own is a predictor", async () => {
  const { features, labels } = drawn(200);
  const own = neuralPredictor({
    name: "own",
    defaults: { ...neuralTraining, epochs: 1 },
    input: columnsInput,
    initial: (_, columns, classes) => ({
      w: { shape: [columns, classes], values: new Float32Array(columns * classes) },
    }),
    logits: ({ w }, x) => tf.matMul(x, w as tf.Tensor2D),
  });
  const split = { train: range(0, 100), validation: range(100, 150), test: range(150, 200) };
  const { predictor, probabilities } = await own.fit(seedKey(8), features, labels, split);
  assert.deepEqual([predictor, probabilities.length], ["own", 100]);
});
