import assert from "node:assert/strict";
import { test } from "node:test";
import { fitScaling } from "./scaling.js";

test("scaling is that of the rows fitted on; a constant column counts for nothing", () => {
  const { mean, factor } = fitScaling(Float32Array.of(1, 5, 3, 5, 100, 5), 2, Int32Array.of(0, 1));
  assert.deepEqual([...mean], [2, 5]);
  assert.deepEqual([...factor], [1, 0]);
});
