import assert from "node:assert/strict";
import { test } from "node:test";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey, uniforms } from "../engine/random.js";
import { ambiguityDetection, standardised } from "./uncertainty-vs-ambiguity.js";

test("standardised: mean 0 and standard deviation 1; zeros for a constant", () => {
  expectClose(standardised([1, 3, 1, 3]), [-1, 1, -1, 1]);
  assert.deepEqual([...standardised([2, 2])], [0, 0]);
});

test("detection marks the rows above the quantile: a tenth of them", () => {
  const u = uniforms(seedKey(2), 1000);
  const { area, truePositive, falsePositive } = ambiguityDetection(u, u);
  assert.equal(area, 1);
  assert.equal(truePositive[100], 1);
  assert.equal(falsePositive[100], 0);
  assert.ok(Math.abs(ambiguityDetection(normals(seedKey(3), 1000), u).area - 0.5) < 0.08);
});
