import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { normals, seedKey } from "../engine/random.js";
import { varJepaDefaults } from "../models/var-jepa.js";
import { fitTask } from "./fit-task.js";
import { trainStepwise } from "./stepwise.js";
import { TrainingDiverged, train } from "./train.js";

before(startEngine);

const sizes = { ...varJepaDefaults, dx: 5, dy: 5, d: 3, dz: 0, hidden: 8 };
const config = { ...sizes, latents: "deterministic", target: "shared", decoders: "none" } as const;
const task = fitTask({
  family: "var-jepa",
  config: { ...config, targetDecay: 0.9 },
  objective: { prediction: 1, sigregSx: 1 },
  training: { epochs: 2, batchSize: 16, learningRate: 1e-2, weightDecay: 1e-6 },
  data: { rows: 40, x: normals(seedKey(1), 200), y: normals(seedKey(2), 200) } as { rows: number },
  seed: seedKey(3),
});

test("steps that are asked for are those of the loop, bit for bit, and nothing of them stays", async () => {
  const whole = await train(task);
  const before = tf.memory().numTensors;
  const training = trainStepwise(task);
  const values: number[] = [];
  for (let terms = training.step(); terms; terms = training.step()) {
    values.push(...Object.values(terms), 1e-2);
    assert.equal(training.parameters().values.length, task.parameters.values.length);
  }
  assert.deepEqual(Float32Array.from(values), whole.log.values);
  assert.deepEqual(training.parameters().values, whole.parameters.values);
  assert.deepEqual(training.average()?.values, whole.average?.values);
  assert.equal(training.step(), undefined);
  training.close();
  const early = trainStepwise(task);
  early.step();
  early.close();
  assert.equal(tf.memory().numTensors, before);
});

test("what the task reads can change between two steps, and a term that is not finite is named", () => {
  let rate = 0;
  const training = trainStepwise({ ...task, learningRate: () => rate });
  training.step();
  assert.deepEqual(training.parameters().values, task.parameters.values);
  rate = 1e-2;
  training.step();
  assert.notDeepEqual(training.parameters().values, task.parameters.values);
  rate = Number.POSITIVE_INFINITY;
  training.step();
  assert.throws(() => training.step(), TrainingDiverged);
  training.close();
});
