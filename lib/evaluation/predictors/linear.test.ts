import "../../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../../engine/backend.js";
import { expectClose } from "../../engine/finite-differences.js";
import { fold, normals, seedKey, uniforms } from "../../engine/random.js";
import { classificationScores } from "../metrics/classification-scores.js";
import {
  classProbabilities,
  figure3Probe,
  fitSoftmaxRegression,
  type LabelledFeatures,
  linear,
  onlineProbe,
  paperProbe,
  probeOfRows,
} from "./linear.js";

before(startEngine);

const rowRange = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);

/** Classes drawn from a softmax over three columns; the columns have very different scales and one is constant. */
function drawn(rows: number, columns: number): LabelledFeatures {
  const scale = (j: number) => 10 ** ((j % 5) - 2);
  const plain = normals(seedKey(1), rows * columns);
  const draws = uniforms(fold(seedKey(1), "class"), rows);
  const labels = Int32Array.from({ length: rows }, (_, i) => {
    const logits = [0, 1, 2].map((c) => 3 * plain[i * columns + c]);
    const total = logits.reduce((sum, l) => sum + Math.exp(l), 0);
    let left = draws[i] * total;
    return logits.findIndex((l, c) => {
      left -= Math.exp(l);
      return left <= 0 || c === 2;
    });
  });
  const values = plain.map((v, i) => {
    const j = i % columns;
    return j === columns - 1 ? 7 : scale(j) * (v + j);
  });
  return { values, columns, labels };
}

/** Fits on some rows and scores others. */
async function probe(
  seed: number,
  { values, columns, labels }: LabelledFeatures,
  train: Int32Array,
  test: Int32Array,
  config: typeof paperProbe,
) {
  const shape = [labels.length, columns, 1] as const;
  const predictions = await linear.fit(seedKey(seed), { values, shape }, labels, { train, test }, config);
  return { ...predictions, ...classificationScores(predictions.labels, predictions.predicted) };
}

test("the three settings find the same rule whatever the columns' scales, to 2 % of the rows", async () => {
  const features = drawn(6000, 30);
  const [training, held] = [rowRange(0, 4000), rowRange(4000, 6000)];
  const accuracy = async (config: typeof paperProbe) =>
    (await probe(2, features, training, held, config)).accuracy;
  const paper = await accuracy({ ...paperProbe, epochs: 20 });
  assert.ok(paper > 0.75, `accuracy ${paper}`);
  assert.ok(Math.abs((await accuracy({ ...onlineProbe, epochs: 30 })) - paper) < 0.02);
  assert.ok(Math.abs((await accuracy({ ...figure3Probe, epochs: 100 })) - paper) < 0.02);
});

test("a few columns of a few rows are told as well as many: the probe gets away from its start weights", async () => {
  const columns = 6;
  const plain = normals(seedKey(4), 320 * columns);
  const labels = Int32Array.from({ length: 320 }, (_, row) => Number(plain[row * columns] > 0));
  const features = { values: Float32Array.from(plain), columns, labels };
  for (const seed of [1, 2, 3]) {
    const [training, held] = [rowRange(0, 120), rowRange(120, 320)];
    const { accuracy } = await probe(seed, features, training, held, probeOfRows(120));
    assert.ok(accuracy > 0.95, `seed ${seed}: accuracy ${accuracy}`);
  }
  assert.deepEqual(probeOfRows(30_000), paperProbe);
});

test("probabilities, predictions and scores belong to the test rows in their order; equal keys, equal results", async () => {
  const features = drawn(800, 6);
  const held = Int32Array.of(799, 3, 700, 10);
  const numbers = tf.memory().numTensors;
  const config = { ...onlineProbe, batchSize: 64 };
  const result = await probe(2, features, rowRange(0, 600), held, config);
  assert.equal(tf.memory().numTensors, numbers);
  assert.deepEqual(await probe(2, features, rowRange(0, 600), held, config), result);
  assert.deepEqual([result.classes, result.predicted.length, result.probabilities.length], [3, 4, 12]);
  for (let i = 0; i < 4; i++) {
    const row = result.probabilities.subarray(3 * i, 3 * i + 3);
    expectClose([row.reduce((sum, p) => sum + p, 0)], [1]);
    assert.equal(row[result.predicted[i]], Math.max(...row));
    const alone = await probe(2, features, rowRange(0, 600), held.subarray(i, i + 1), config);
    expectClose(alone.probabilities, row);
  }
  const hits = held.reduce((sum, row, i) => sum + Number(features.labels[row] === result.predicted[i]), 0);
  assert.equal(result.accuracy, hits / 4);
});

test("softmax regression on two indicator columns learns the conditional frequencies", async () => {
  // Of the rows with indicator 0, one in five is of class 1; of those with indicator 1, four in five.
  const labels = Int32Array.from({ length: 1000 }, (_, i) => Number(i % 5 < (i % 2 === 0 ? 1 : 4)));
  const values = Float32Array.from({ length: 2000 }, (_, i) => Number(i % 2 === Math.floor(i / 2) % 2));
  const features = { values, columns: 2, labels };
  const regression = await fitSoftmaxRegression(seedKey(3), features, 2, rowRange(0, 1000), {
    epochs: 100,
    batchSize: 100,
    learningRate: 2e-2,
    weightDecay: 0,
  });
  const [, low, , high] = classProbabilities(regression, values, Int32Array.of(0, 1));
  expectClose([low, high], [0.2, 0.8], { absolute: 0.03 });
});

test("what does not fit is refused", async () => {
  const features = drawn(10, 4);
  const rows = rowRange(0, 10);
  const at = (train: Int32Array, test: Int32Array) => probe(1, features, train, test, paperProbe);
  await assert.rejects(at(rows, new Int32Array(0)), /test is empty/);
  await assert.rejects(at(Int32Array.of(10), rows), /train names row 10/);
  const split = { train: rows, test: rows };
  const { values, labels } = features;
  await assert.rejects(linear.fit(seedKey(1), { values, shape: [10, 3, 1] }, labels, split), /needs 30/);
  await assert.rejects(
    linear.fit(seedKey(1), { values, shape: [10, 2, 2] }, [0, 1], split),
    /2 classes; 10 rows/,
  );
  const shape = [10, 4, 1] as const;
  const labelled = (label: number) =>
    linear.fit(seedKey(1), { values, shape }, Array(10).fill(label, 3, 4).fill(0, 0, 3), split);
  await assert.rejects(labelled(-1), /labels\[3\] is -1; use a whole number from 0 to/);
  const marked = values.slice();
  marked[6] = Number.NaN;
  await assert.rejects(
    linear.fit(seedKey(1), { values: marked, shape }, labels, split),
    /values holds NaN at row 1, column 2; use finite numbers/,
  );
  await assert.rejects(
    linear.fit(seedKey(1), { values: values.map(() => 2), shape, categories: [0, 3, 2, 0] }, labels, split),
    /values holds the code 2 at row 0, column 2; use a whole number from 0 to 1/,
  );
});
