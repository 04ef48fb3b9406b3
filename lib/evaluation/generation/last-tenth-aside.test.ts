import assert from "node:assert/strict";
import { test } from "node:test";
import { lastTenthAside } from "./last-tenth-aside.js";

test("the last tenth of the pairs is held back, rounded up, and nothing is lost", () => {
  const x = Float32Array.from({ length: 22 }, (_, i) => i);
  const y = Float32Array.from({ length: 33 }, (_, i) => -i);
  const { own, validation } = lastTenthAside({ rows: 11, x, y });
  assert.deepEqual([own.rows, validation.rows], [9, 2]);
  assert.deepEqual([...own.x, ...validation.x], [...x]);
  assert.deepEqual([...own.y, ...validation.y], [...y]);
  assert.deepEqual([validation.x.length, validation.y.length], [4, 6]);
});
