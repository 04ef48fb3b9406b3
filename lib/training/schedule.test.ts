import assert from "node:assert/strict";
import { test } from "node:test";
import { constant, linearAnnealing, warmupCosine } from "./schedule.js";

test("annealing rises in a straight line and stays", () => {
  const beta = linearAnnealing(0.5, 100);
  assert.deepEqual([0, 50, 100, 1000].map(beta), [0, 0.25, 0.5, 0.5]);
  assert.equal(linearAnnealing(0.5, 0)(0), 0.5);
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
