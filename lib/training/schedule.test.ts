import assert from "node:assert/strict";
import { test } from "node:test";
import { constant, learningRateSchedule, linear, stepsPerEpoch, warmupCosine } from "./schedule.js";

test("a line runs from one end to the other and stays", () => {
  assert.deepEqual([0, 50, 100, 1000].map(linear(0, 0.5, 100)), [0, 0.25, 0.5, 0.5]);
  assert.deepEqual([0, 1, 2, 3].map(linear(1, 0.5, 2)), [1, 0.75, 0.5, 0.5]);
  assert.equal(linear(0, 0.5, 0)(0), 0.5);
});

test("a published learning rate counts its warm-up in epochs", () => {
  const steps = stepsPerEpoch(1001, 100);
  assert.equal(steps, 11);
  const rate = learningRateSchedule({ learningRate: 5e-4, warmupEpochs: 2 }, 12, steps);
  const expected = warmupCosine(5e-4, 22, 132);
  for (const step of [0, 10, 21, 22, 77, 131, 132]) assert.equal(rate(step), expected(step));
  assert.throws(
    () => learningRateSchedule({ learningRate: 1, warmupEpochs: 10 }, 5, steps),
    /warmupEpochs is 10; it must not exceed epochs, 5/,
  );
});

test("warm-up reaches the peak, the cosine is halfway down in the middle and ends at 0", () => {
  const rate = warmupCosine(1e-3, 10, 110);
  assert.equal(rate(0), 1e-4);
  assert.equal(rate(9), 1e-3);
  assert.equal(rate(10), 1e-3);
  assert.ok(Math.abs(rate(60) - 5e-4) < 1e-12);
  assert.ok(Math.abs(rate(110)) < 1e-12);
  assert.ok(Math.abs(rate(500)) < 1e-12);
  assert.throws(() => warmupCosine(1, 20, 10), /warmupSteps is 20/);
});

test("constant is constant", () => {
  assert.equal(constant(3)(0), 3);
  assert.equal(constant(3)(999), 3);
});
