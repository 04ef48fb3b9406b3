import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { fold, normals, seedKey } from "../engine/random.js";
import { type FlatParameters, packParameters } from "../layers/parameters.js";
import { elboWeights } from "../losses/elbo.js";
import type { TermWeights } from "../losses/term.js";
import { initialVarJepa, type VarJepaConfig, varJepaDefaults } from "../models/var-jepa.js";
import { type FitOptions, fit } from "./fit.js";
import { constant, linear } from "./schedule.js";
import { TrainingDiverged, type TrainingTask, train } from "./train.js";

before(startEngine);

const model: VarJepaConfig = { ...varJepaDefaults, dx: 6, dy: 5, d: 4, dz: 2, hidden: 8 };
const rows = 64;
const views = {
  rows,
  x: normals(seedKey(1), rows * model.dx),
  y: normals(seedKey(2), rows * model.dy),
  labels: new Uint8Array(rows),
};
const training = { epochs: 3, batchSize: 24, learningRate: 1e-3, weightDecay: 1e-6 };
const trained = (objective: TermWeights, changes: Partial<typeof training> = {}, options: FitOptions = {}) =>
  fit("var-jepa", views, { model, objective, training: { ...training, ...changes }, ...options });
const withSigreg = { ...elboWeights, sigregSx: 10, sigregSy: 10 };

test("the same seed gives the same weights bit for bit, another seed others", async () => {
  const weightsOf = async (seed: number) =>
    (await trained(withSigreg, {}, { seed: seedKey(seed) })).parameters.values;
  const first = await weightsOf(7);
  assert.deepEqual(await weightsOf(7), first);
  assert.notDeepEqual(await weightsOf(8), first);
});

test("training lowers the objective", async () => {
  const { history } = await trained(elboWeights, { epochs: 30 });
  const negativeElbo = ({ terms }: (typeof history)[number]) =>
    Object.values(terms).reduce((sum, term) => sum + term, 0);
  assert.ok(negativeElbo(history[29]) < negativeElbo(history[0]) - 0.5);
});

test("a term of weight 0 is logged and moves nothing", async () => {
  const { parameters, history } = await trained({ ...elboWeights, rec: 0, gen: 0 }, { weightDecay: 0 });
  const start = initialVarJepa(fold(seedKey(1), "weights"), model);
  const read = ({ values, layout }: FlatParameters, name: string) => {
    const slot = layout.find((slot) => slot.name === name);
    assert.ok(slot);
    return values.slice(slot.offset, slot.offset + slot.shape.reduce((size, n) => size * n, 1));
  };
  assert.ok(history[0].terms.rec > 0);
  assert.deepEqual(read(parameters, "contextDecoder.1.weight"), read(start, "contextDecoder.1.weight"));
  assert.notDeepEqual(read(parameters, "contextEncoder.0.weight"), read(start, "contextEncoder.0.weight"));
});

test("no tensor is left behind over 1,000 training steps", async () => {
  const counts: number[] = [];
  const before = tf.memory().numTensors;
  const onEpoch = () => void counts.push(tf.memory().numTensors);
  await trained(withSigreg, { epochs: 250, batchSize: 16 }, { onEpoch });
  assert.equal(counts.length, 250);
  assert.equal(new Set(counts).size, 1, "the number of tensors is the same after every epoch");
  assert.equal(tf.memory().numTensors, before);
});

test("no training step multiplies matrices through the wasm backend's naive loop", async () => {
  const kernel = tf.getKernel("BatchMatMul", tf.getBackend());
  const naive: string[] = [];
  tf.unregisterKernel("BatchMatMul", tf.getBackend());
  tf.registerKernel({
    ...kernel,
    kernelFunc: (call) => {
      const { a, b } = call.inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
      const { transposeA, transposeB } = call.attrs as { transposeA: boolean; transposeB: boolean };
      const batched = a.shape.slice(0, -2).some((n) => n !== 1) || b.shape.slice(0, -2).some((n) => n !== 1);
      if (transposeA || transposeB || batched) naive.push(`${a.shape} × ${b.shape}`);
      return kernel.kernelFunc(call);
    },
  });
  try {
    await trained(withSigreg, { epochs: 1 });
    assert.deepEqual(naive, []);
    tf.tidy(() => void tf.matMul(tf.ones([3, 2]), tf.ones([3, 4]), true));
    assert.deepEqual(naive, ["3,2 × 3,4"], "the watch sees such a product");
  } finally {
    tf.unregisterKernel("BatchMatMul", tf.getBackend());
    tf.registerKernel(kernel);
  }
});

/** Minimises (w − 1)², whose value turns into NaN at step 5. */
const turningNaN: TrainingTask = {
  parameters: packParameters({ w: { shape: [1], values: Float32Array.of(3) } }),
  rows: 4,
  batchSize: 2,
  epochs: 5,
  learningRate: constant(0.1),
  weightDecay: 0,
  key: seedKey(1),
  terms: (parameters, { step }) => ({
    distance: { weight: 1, value: tf.sum(tf.square(tf.sub(parameters.w, 1))) as tf.Scalar, over: "rows" },
    poison: { weight: 1, value: tf.scalar(step === 5 ? Number.NaN : 0), over: "rows" },
  }),
};

test("AdamW's second moment decays as the task says", async () => {
  const beta2 = 0.6;
  const { parameters: weights } = await train({
    ...turningNaN,
    epochs: 2,
    beta2,
    terms: (parameters) => ({
      distance: { weight: 1, value: tf.sum(tf.square(tf.sub(parameters.w, 1))) as tf.Scalar, over: "rows" },
    }),
  });
  let [w, m, v] = [3, 0, 0];
  for (let step = 1; step <= 4; step++) {
    const gradient = 2 * (w - 1);
    m = 0.9 * m + 0.1 * gradient;
    v = beta2 * v + (1 - beta2) * gradient ** 2;
    w -= (0.1 * (m / (1 - 0.9 ** step))) / (Math.sqrt(v / (1 - beta2 ** step)) + 1e-8);
  }
  assert.ok(Math.abs(weights.values[0] - w) < 1e-5, `${weights.values[0]}, by hand ${w}`);
  await assert.rejects(train({ ...turningNaN, beta2: 1 }), /beta2 is 1; use a number in/);
});

test("training that produces NaN stops, names the term and keeps the last good weights", async () => {
  const { parameters: expected } = await train({
    ...turningNaN,
    epochs: 3,
    batchSize: 2,
    rows: 4,
    terms: (parameters, batch) => {
      const { distance } = turningNaN.terms(parameters, { ...batch, step: 0 }, {});
      return { distance: { ...distance, weight: batch.step < 5 ? 1 : 0 }, idle: distance };
    },
    learningRate: (step) => (step < 5 ? 0.1 : 0),
  });
  await assert.rejects(train(turningNaN), (error: unknown) => {
    assert.ok(error instanceof TrainingDiverged);
    assert.equal(error.term, "poison");
    assert.equal(error.step, 5);
    assert.equal(error.epoch, 3);
    assert.match(error.message, /poison became NaN at step 5/);
    assert.deepEqual(error.lastGood.values, expected.values);
    return true;
  });
});

test("every step is logged: terms, gradient norm, learning rate; an epoch's report is their mean", async () => {
  const { history, log } = await train({
    ...turningNaN,
    epochs: 2,
    learningRate: (step) => 0.1 / (step + 1),
  });
  assert.deepEqual(log.columns, ["distance", "poison", "gradient norm", "learning rate"]);
  assert.equal(log.values.length, 4 * 4);
  const [first, second] = [log.values.slice(0, 4), log.values.slice(4, 8)];
  assert.deepEqual([...first], [4, 0, 4, Math.fround(0.1)]);
  assert.equal(second[3], Math.fround(0.05));
  assert.equal(history[0].terms.distance, (first[0] + second[0]) / 2);
  assert.equal(history[0].gradientNorm, (first[2] + second[2]) / 2);
});

test("terms that change their names from step to step are refused", async () => {
  const terms: TrainingTask["terms"] = (parameters, batch) => {
    const { distance } = turningNaN.terms(parameters, batch, {});
    return { [batch.step === 0 ? "distance" : "length"]: distance };
  };
  await assert.rejects(train({ ...turningNaN, terms }), /terms changed from distance,.* to length,/);
});

test("the moving average starts as a copy, follows every update, and is what the terms see", async () => {
  const seen: number[] = [];
  const online: number[] = [];
  const { average } = await train({
    ...turningNaN,
    rows: 1,
    epochs: 3,
    averageDecay: linear(0.5, 1, 2),
    terms: ({ w }, _, { w: followed }) => {
      online.push(w.dataSync()[0]);
      seen.push(followed.dataSync()[0]);
      return {
        distance: { weight: 1, value: tf.sum(tf.square(tf.sub(w, tf.mul(followed, 0.5)))), over: "rows" },
      };
    },
    onEpoch: ({ epoch }, { values: [w] }, followed) => {
      assert.ok(followed);
      if (epoch === 3) assert.equal(followed.values[0], seen[2], "decay 1 keeps it where it is");
      else online[epoch] = w;
    },
  });
  assert.equal(seen[0], 3);
  expectClose([seen[1]], [(3 + online[1]) / 2], { relative: 1e-6 });
  expectClose([seen[2]], [0.75 * seen[1] + 0.25 * online[2]], { relative: 1e-6 });
  assert.deepEqual(average?.values, Float32Array.of(seen[2]));
  assert.equal((await train({ ...turningNaN, epochs: 1 })).average, undefined);
});

test("a gradient above clipNorm is scaled down to it, one below is left as it is", async () => {
  const task: TrainingTask = {
    ...turningNaN,
    parameters: packParameters({ w: { shape: [2], values: Float32Array.of(1, 1) } }),
    epochs: 3,
    rows: 1,
    terms: ({ w }, { step }) => ({
      slope: { weight: 1, value: tf.sum(tf.mul(w, step === 0 ? [30, 40] : [0.3, 0.4])), over: "rows" },
    }),
  };
  const clipped = await train({ ...task, clipNorm: 0.5 });
  assert.deepEqual([...clipped.log.values].filter((_, i) => i % 3 === 1).map(Math.fround), [50, 0.5, 0.5]);
  // All three gradients are equal once clipped, so Adam's steps are 0.1 each; unclipped, the first one dominates.
  for (const w of clipped.parameters.values) assert.ok(Math.abs(w - 0.7) < 1e-4, `${w}`);
  const loose = await train({ ...task, clipNorm: 60 });
  assert.deepEqual(loose.parameters, (await train(task)).parameters);
  assert.notDeepEqual(loose.parameters, clipped.parameters);
});

test("a gradient that is not finite stops training before it reaches the weights", async () => {
  const task: TrainingTask = {
    ...turningNaN,
    parameters: packParameters({ w: { shape: [1], values: Float32Array.of(0) } }),
    terms: ({ w }) => ({ root: { weight: 1, value: tf.sum(tf.sqrt(w)) as tf.Scalar, over: "rows" } }),
  };
  await assert.rejects(train(task), (error: unknown) => {
    assert.ok(error instanceof TrainingDiverged);
    assert.equal(error.term, "gradient norm");
    assert.deepEqual([...error.lastGood.values], [0]);
    return true;
  });
});

test("bad input gets a sentence that names the field", async () => {
  const attempt = (changes: object, fields: object = {}) =>
    fit(
      "var-jepa",
      { ...views, ...changes },
      {
        model,
        objective: elboWeights,
        training: { ...training, ...fields },
      },
    );
  const withNaN = views.x.slice();
  withNaN[model.dx + 2] = Number.NaN;
  await assert.rejects(attempt({ x: withNaN }), /x holds NaN at row 1, column 2/);
  await assert.rejects(attempt({ y: new Float32Array(3) }), /y holds 3 values; 64 rows of 5 need 320/);
  await assert.rejects(attempt({}, { epochs: 0 }), /epochs is 0/);
  await assert.rejects(attempt({}, { batchSize: 1.5 }), /batchSize is 1.5/);
  await assert.rejects(attempt({}, { weightDecay: -1 }), /weightDecay is -1/);
  await assert.rejects(attempt({}, { learningRate: Number.POSITIVE_INFINITY }), /learningRate is Infinity/);
  await assert.rejects(attempt({}, { warmupEpochs: Number.NaN }), /warmupEpochs is NaN; use a number from 0/);
  await assert.rejects(attempt({}, { sigregForm: "foo" }), /sigregForm is "foo"; use "var-jepa" or "lejepa"/);
  await assert.rejects(attempt({}, { freeBits: -1 }), /freeBits is -1; use a number from 0/);
  for (const field of ["model", "objective", "training"])
    await assert.rejects(
      fit("var-jepa", views, { model, objective: elboWeights, training, [field]: undefined }),
      new RegExp(`${field} is missing; use an object with named fields`),
    );
  await assert.rejects(
    fit("var-jepa", views, { model: { ...model, d: 0 }, objective: elboWeights, training }),
    /d is 0; use a whole number/,
  );
  await assert.rejects(trained({ ...elboWeights, klZ: -0.5 }), /klZ is -0.5/);
  await assert.rejects(
    trained({ ...elboWeights, sigreg: 1 }),
    /sigreg is no term; use rec, gen, klSx, klZ, klSy, .*, sigregSx, sigregSy/,
  );
});
