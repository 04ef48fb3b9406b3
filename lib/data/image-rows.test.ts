import assert from "node:assert/strict";
import { test } from "node:test";
import { halves } from "./digits.js";
import { joinHalves, unstack } from "./image-rows.js";

test("joining the halves of a digit gives the digit back", () => {
  const image = Float32Array.from({ length: 784 }, (_, i) => i);
  const { left, right } = halves(image);
  assert.deepEqual(joinHalves(left, right), image);
});

test("a stack is cut into its items", () => {
  assert.deepEqual(unstack(Float32Array.of(1, 2, 3, 4), 2), [Float32Array.of(1, 2), Float32Array.of(3, 4)]);
  assert.throws(() => unstack(new Float32Array(5), 2), /stack holds 5 values/);
});
