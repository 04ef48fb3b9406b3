import assert from "node:assert/strict";
import { test } from "node:test";
import { logMeanExp } from "./log-mean-exp.js";

test("the log of a mean of exponentials neither overflows nor vanishes", () => {
  const close = (values: number[], expected: number) =>
    assert.ok(Math.abs(logMeanExp(Float64Array.from(values)) - expected) < 1e-12);
  close([Math.log(1), Math.log(3)], Math.log(2));
  close([2000, 2000 + Math.log(3)], 2000 + Math.log(2));
  close([-2000, -5000], -2000 - Math.log(2));
  close([0, Number.NEGATIVE_INFINITY], -Math.log(2));
  assert.equal(logMeanExp(Float64Array.of(-Infinity, -Infinity)), -Infinity);
});
