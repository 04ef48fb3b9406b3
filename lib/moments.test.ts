import assert from "node:assert/strict";
import { test } from "node:test";
import { errorOfMean, mean, shareError, squares, variance } from "./moments.js";

test("mean, squares around it or around another centre, and the sample variance", () => {
  const values = Float32Array.of(1, 2, 6);
  assert.deepEqual([mean(values), squares(values), squares(values, 0), variance(values)], [3, 14, 41, 7]);
  assert.ok(Number.isNaN(mean([])) && Number.isNaN(variance([1])));
});

test("sums run in the order of the values: no compensation that would change a result's last digit", () => {
  const values = [0.1, 0.2, 0.3];
  assert.equal(mean(values), (0.1 + 0.2 + 0.3) / 3);
  assert.equal(mean([1e16, 1, -1e16]), 0);
});

test("a share of a half over a hundred cases has a standard error of a twentieth", () => {
  assert.deepEqual([shareError(0.5, 100), shareError(1, 7)], [0.05, 0]);
});

test("the standard error of a mean is that of the sample over √n, and 0 of a single value", () => {
  assert.deepEqual(
    [errorOfMean([1, 3]), errorOfMean(Float64Array.of(1, 2, 6, 3, 3)), errorOfMean([7])],
    [1, Math.sqrt(14 / 4 / 5), 0],
  );
});
