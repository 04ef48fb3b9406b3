import assert from "node:assert/strict";
import { test } from "node:test";
import { corrupt } from "./corruption.js";

const image = Float32Array.of(0, 0.5, 1);
const noise = Float32Array.of(1, 0.25, 0.5);

test("u = 0 gives the image, in a new array", () => {
  const same = corrupt(image, 0, noise);
  assert.deepEqual(same, image);
  assert.notEqual(same, image);
});

test("u = 1 gives a quarter of the image and three quarters of the noise", () => {
  assert.deepEqual(corrupt(image, 1, noise), Float32Array.of(0.75, 0.3125, 0.625));
});

test("in between the share of noise is 0.75 u", () => {
  assert.deepEqual(corrupt(image, 0.5, noise), Float32Array.of(0.375, 0.40625, 0.8125));
});

test("the share is cut to 0 … 1", () => {
  assert.deepEqual(corrupt(image, -1, noise), image);
  assert.deepEqual(corrupt(image, 2, noise), noise);
});

test("image and noise have one length", () => {
  assert.throws(() => corrupt(image, 0.5, noise.subarray(1)), /noise has 2 values; the image needs 3/);
});
