import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { fold, seedKey } from "../engine/random.js";
import { tableShape } from "../families/table.js";
import { type FlatParameters, unpackParameters } from "../layers/parameters.js";
import { initialTJepa } from "../models/t-jepa.js";
import { fit } from "./fit.js";
import { fitTask } from "./fit-task.js";
import { smallTable, smallTJepa } from "./tabular.test-table.js";

before(startEngine);

const table = smallTable();
const config = { ...smallTJepa.model, table: tableShape(table.schema) };
const { objective, training, seed } = smallTJepa;

test("the target encoder follows the weights as a moving average whose decay rises to the last step", async () => {
  const everyEpoch: { parameters: FlatParameters; target: FlatParameters }[] = [];
  const oneStep = { ...training, batchSize: 40 };
  const model = await fit("t-jepa", table, {
    ...smallTJepa,
    training: oneStep,
    workers: 1,
    onEpoch: (_, parameters, target) =>
      void everyEpoch.push({ parameters, target: target as FlatParameters }),
  });
  let target = Float64Array.from(initialTJepa(fold(seedKey(seed), "weights"), config).values);
  for (const [step, now] of everyEpoch.entries()) {
    const decay = 0.9 + (0.1 * step) / 3;
    target = target.map((value, i) => decay * value + (1 - decay) * now.parameters.values[i]);
    expectClose(now.target.values, target, { absolute: 1e-5 });
    assert.ok(now.target.values.some((value, i) => Math.abs(value - now.parameters.values[i]) > 1e-3));
  }
  assert.deepEqual(model.average, everyEpoch[3].target);
  assert.deepEqual(model.parameters, everyEpoch[3].parameters);
});

test("the task's target is the average it is given, and no gradient reaches it", () => {
  const task = fitTask({ family: "t-jepa", seed, data: table, config, objective, training });
  const rows = Int32Array.of(3, 1, 4);
  const batch = { rows, first: 0, size: 3, key: seedKey(2), step: 0 };
  const { values, layout } = task.parameters;
  tf.tidy(() => {
    const loss = (online: tf.Tensor, target: tf.Tensor) =>
      task.terms(
        unpackParameters(online as tf.Tensor1D, layout),
        batch,
        unpackParameters(target as tf.Tensor1D, layout),
      ).prediction.value;
    const [online, other] = [tf.tensor1d(values), tf.tensor1d(values.map((v, i) => v + 0.1 * Math.sin(i)))];
    assert.notEqual(loss(online, online).dataSync()[0], loss(online, other).dataSync()[0]);
    const gradient = tf
      .grad((theta) => loss(theta, other))(online)
      .dataSync();
    assert.ok(gradient.some((slope) => Math.abs(slope) > 1e-4));
    assert.throws(() => tf.grad((theta) => loss(online, theta))(other), /gradient/i);
  });
});

test("training lowers the prediction error; a team of two does as one worker to rounding", async () => {
  const [one, two] = [
    await fit("t-jepa", table, { ...smallTJepa, workers: 1 }),
    await fit("t-jepa", table, { ...smallTJepa, workers: 2 }),
  ];
  assert.ok(one.history[3].terms.prediction < one.history[0].terms.prediction);
  expectClose(
    two.history.map(({ terms }) => terms.prediction),
    one.history.map(({ terms }) => terms.prediction),
    { absolute: 1e-4 },
  );
  expectClose(two.average!.values, one.average!.values, { absolute: 2e-3 });
});
