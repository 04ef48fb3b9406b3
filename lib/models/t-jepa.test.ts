import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { embedTJepa } from "../families/embed-table.js";
import { type FlatParameters, unpackParameters } from "../layers/parameters.js";
import { prediction } from "../losses/prediction.js";
import { termValues } from "../losses/term.js";
import { publishedEma } from "../papers/var-jepa/published.js";
import { drawMasks } from "./modalities/tabular/masks.js";
import type { TableRows } from "./modalities/tabular/table.js";
import { initialTJepa, passTJepa, type TJepaConfig, tJepa } from "./t-jepa.js";
import { fixedMasks } from "./tokens/masks.js";
import { encodeRows, predictTokens } from "./tokens/token-jepa.js";

before(startEngine);

const tJepaLoss = (...pass: Parameters<typeof passTJepa>) =>
  termValues({ prediction }, passTJepa(...pass), {}).prediction;

const stack = { layers: 1, heads: 2, norm: "post", activation: "gelu", dropout: 0 } as const;
const config: TJepaConfig = {
  table: { numeric: 2, cardinalities: [3, 2] },
  masks: { contextMin: 0.25, contextMax: 0.5, targetMin: 0.25, targetMax: 0.5, targetViews: 3 },
  encoder: { ...stack, width: 6, ff: 8 },
  predictor: { ...stack, width: 4, ff: 6 },
  clsTokens: 1,
  auxiliaryTokens: 2,
  ema: publishedEma,
};
const input: TableRows = {
  rows: 4,
  numeric: normals(seedKey(1), 8),
  categorical: Int32Array.of(0, 1, 2, 0, 1, 1, 2, 1),
};
const masks = drawMasks(seedKey(2), config.masks, 4, 4);
const source = { key: seedKey(3), firstRow: 0 };
const weights = initialTJepa(seedKey(4), config);
const other: FlatParameters = { ...weights, values: weights.values.map((v, i) => v + 0.1 * Math.sin(i)) };
const tensors = ({ values, layout }: FlatParameters) => unpackParameters(tf.tensor1d(values), layout);

test("the loss is the mean squared difference of predicted tokens and the target encoder's at the target features", () => {
  const [online, target] = [tensors(weights), tensors(other)];
  const predicted = predictTokens(online, tJepa(config), input, masks, source).dataSync();
  const wanted = encodeRows(target, tJepa(config), input).dataSync();
  let sum = 0;
  masks.targets.forEach((feature, i) => {
    const row = Math.floor(i / (3 * masks.targetSize));
    for (let c = 0; c < 6; c++) sum += (predicted[i * 6 + c] - wanted[(row * 4 + feature) * 6 + c]) ** 2;
  });
  expectClose(
    tJepaLoss(online, target, config, input, masks, source).dataSync(),
    [sum / (masks.targets.length * 6)],
    { absolute: 1e-5 },
  );
});

test("its gradient is its slope along random directions; none reaches the target encoder", () => {
  const target = tensors(other);
  const loss = (theta: tf.Tensor) =>
    tJepaLoss(unpackParameters(theta as tf.Tensor1D, weights.layout), target, config, input, masks, source);
  const theta = tf.tensor1d(weights.values);
  const gradient = tf.grad(loss)(theta);
  const scale = Math.sqrt(tf.sum(tf.square(gradient)).dataSync()[0]);
  const step = 1e-2;
  for (const seed of [5, 6, 7]) {
    const direction = tf.tensor1d(normals(seedKey(seed), weights.values.length));
    const along = tf.sum(tf.mul(gradient, direction)).dataSync()[0];
    const at = (h: number) => loss(tf.add(theta, tf.mul(direction, h))).dataSync()[0];
    const slope = (8 * (at(step / 2) - at(-step / 2)) - (at(step) - at(-step))) / (6 * step);
    assert.ok(Math.abs(along - slope) < 4e-3 * scale + 1e-4, `gradient ${along}, slope ${slope}`);
  }
  // With the trained weights as their own target: only the predicted side has a gradient.
  const own = (theta: tf.Tensor) => {
    const parameters = unpackParameters(theta as tf.Tensor1D, weights.layout);
    return tJepaLoss(parameters, parameters, config, input, masks, source);
  };
  const fixed = tensors(weights);
  const stopped = (theta: tf.Tensor) =>
    tJepaLoss(unpackParameters(theta as tf.Tensor1D, weights.layout), fixed, config, input, masks, source);
  expectClose(tf.grad(own)(theta).dataSync(), tf.grad(stopped)(theta).dataSync(), { absolute: 1e-6 });
});

test("predictions see the context only, and every auxiliary token and target position counts", () => {
  const fixed = fixedMasks(Array(4).fill([0, 3]), [1, 2]);
  const predict = (w: FlatParameters, r: TableRows, m = fixed) =>
    predictTokens(tensors(w), tJepa(config), r, m, source).dataSync();
  const before = predict(weights, input);
  const hidden = { ...input, numeric: input.numeric.slice() };
  hidden.numeric[1] += 1;
  assert.deepEqual(predict(weights, hidden), before);
  hidden.numeric[0] += 1;
  assert.notDeepEqual(predict(weights, hidden), before);
  const slot = weights.layout.find(({ name }) => name === "predictor.auxiliary")!;
  for (const token of [0, 1]) {
    const values = weights.values.slice();
    values[slot.offset + token * 4] += 1;
    assert.notDeepEqual(predict({ ...weights, values }, input), before);
  }
  assert.notDeepEqual(before.subarray(0, 6), before.subarray(6, 12));
});

test("dropout acts on the trained side only and follows the step's key", () => {
  const dropping: TJepaConfig = {
    ...config,
    encoder: { ...config.encoder, dropout: 0.5 },
    predictor: { ...config.predictor, dropout: 0.5 },
  };
  const parameters = tensors(weights);
  const predict = (seed: number) =>
    predictTokens(parameters, tJepa(dropping), input, masks, { key: seedKey(seed), firstRow: 0 }).dataSync();
  assert.deepEqual(predict(1), predict(1));
  assert.notDeepEqual(predict(1), predict(2));
  assert.deepEqual(
    encodeRows(parameters, tJepa(dropping), input).dataSync(),
    encodeRows(parameters, tJepa(config), input).dataSync(),
  );
});

test("an embedding has D · d columns, each row's own", () => {
  const embedded = embedTJepa(weights, config, input);
  assert.equal(embedded.length, 4 * 4 * 6);
  expectClose(embedded, encodeRows(tensors(weights), tJepa(config), input).dataSync(), { absolute: 1e-6 });
  assert.throws(() => embedTJepa(weights, config, { ...input, rows: 5 }), /5 rows of 2 need 10/);
});

test("a configuration that cannot be built is refused by name", () => {
  assert.throws(() => initialTJepa(seedKey(1), { ...config, auxiliaryTokens: -1 }), /auxiliaryTokens is -1/);
  assert.throws(() => initialTJepa(seedKey(1), { ...config, ema: { start: 2, end: 1 } }), /ema.start is 2/);
});
