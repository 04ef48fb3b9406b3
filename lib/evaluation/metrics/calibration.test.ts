import assert from "node:assert/strict";
import { test } from "node:test";
import { expectClose } from "../../engine/finite-differences.js";
import { seedKey, uniforms } from "../../engine/random.js";
import { expectedCalibrationError } from "./calibration.js";

test("six rows in two of four bins, worked out by hand", () => {
  // Confidences .6, .7, .75 lie in (.5, .75]: two of three right, mean .6833…; .8, .9, 1 in (.75, 1]: one of three, mean .9.
  const confidences = [0.6, 0.7, 0.75, 0.8, 0.9, 1];
  const right = [true, true, false, false, true, false];
  const probabilities = confidences.flatMap((p) => [p, 1 - p]);
  const labels = right.map((is) => Number(!is));
  const expected = (3 / 6) * Math.abs(2 / 3 - 2.05 / 3) + (3 / 6) * Math.abs(1 / 3 - 2.7 / 3);
  expectClose([expectedCalibrationError(labels, probabilities, 2, 4)], [expected], { absolute: 1e-12 });
});

test("labels drawn from the probabilities themselves are calibrated; those that never come true are off by them", () => {
  const p = uniforms(seedKey(1), 20_000);
  const draws = uniforms(seedKey(2), 20_000);
  const probabilities = Float64Array.from({ length: 40_000 }, (_, i) => (i % 2 ? p[i >> 1] : 1 - p[i >> 1]));
  const labels = draws.map((u, row) => Number(u < p[row]));
  assert.ok(expectedCalibrationError(labels, probabilities, 2) < 0.02);
  assert.equal(expectedCalibrationError([1, 1], [1, 0, 1, 0], 2), 1);
  assert.equal(expectedCalibrationError([0, 1], [0.5, 0.5, 0.5, 0.5], 2), 0);
  expectClose([expectedCalibrationError([1], [1 + 1e-7, 0], 2)], [1], { relative: 1e-6 });
  for (const wrong of [Number.NaN, 1.5])
    assert.throws(() => expectedCalibrationError([1], [wrong, wrong], 2), /probabilities has .* in row 0/);
});

test("lengths that do not fit are refused", () => {
  assert.throws(() => expectedCalibrationError([0], [1], 2), /1 probabilities for 1 rows of 2 classes/);
  assert.throws(() => expectedCalibrationError([], [], 2), /at least 1 row/);
});
