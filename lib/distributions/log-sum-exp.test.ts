import assert from "node:assert/strict";
import { test } from "node:test";
import { logSumExp } from "./log-sum-exp.js";

test("the log of a sum of exponentials neither overflows nor vanishes", () => {
  const close = (values: number[], expected: number) =>
    assert.ok(Math.abs(logSumExp(Float64Array.from(values)) - expected) < 1e-12);
  close([Math.log(1), Math.log(3)], Math.log(4));
  close([2000, 2000 + Math.log(3)], 2000 + Math.log(4));
  close([-2000, -5000], -2000);
  close([0, Number.NEGATIVE_INFINITY], 0);
  assert.equal(logSumExp(Float32Array.of(-1000)), -1000);
});

test("of nothing but −∞ it is −∞, and a number that is none stays seen", () => {
  assert.equal(logSumExp(Float64Array.of(-Infinity, -Infinity)), -Infinity);
  assert.equal(logSumExp(new Float64Array(0)), -Infinity);
  assert.ok(Number.isNaN(logSumExp(Float64Array.of(-Infinity, Number.NaN))));
  assert.ok(Number.isNaN(logSumExp(Float64Array.of(Number.NaN, 1))));
});
