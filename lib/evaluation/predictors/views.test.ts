import assert from "node:assert/strict";
import { test } from "node:test";
import { viewOf } from "./views.js";

const pixels = (
  value: (row: number, y: number, x: number, i: number) => number,
  rows: number,
  width: number,
) => ({
  values: Float32Array.from({ length: rows * 784 * width }, (_, at) => {
    const [row, token, i] = [Math.floor(at / (784 * width)), Math.floor(at / width) % 784, at % width];
    return value(row, Math.floor(token / 28), token % 28, i);
  }),
  shape: [rows, 784, width] as const,
});

test("blocks of 4 × 4 pixels are averaged, every number of a token by itself", () => {
  const features = pixels((row, y, x, i) => 1000 * row + 100 * i + y + 2 * x, 2, 3);
  const { values, shape } = viewOf(features, "7 × 7");
  assert.deepEqual(shape, [2, 49, 3]);
  for (const [row, by, bx, i] of [
    [0, 0, 0, 0],
    [1, 3, 5, 2],
    [1, 6, 6, 1],
  ])
    assert.equal(
      values[(row * 49 + by * 7 + bx) * 3 + i],
      1000 * row + 100 * i + 4 * by + 1.5 + 2 * (4 * bx + 1.5),
    );
});

test("the mean of all tokens is one token; all tokens are the features themselves", () => {
  const features = { values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), shape: [2, 2, 2] as const };
  assert.deepEqual(viewOf(features, "mean"), { values: Float32Array.of(2, 3, 6, 7), shape: [2, 1, 2] });
  assert.equal(viewOf(features, "tokens"), features);
});

test("codes of categories are not averaged, and blocks need an image", () => {
  const codes = { values: Float32Array.of(0.5, 1), shape: [1, 2, 1] as const, categories: [0, 3] };
  assert.throws(() => viewOf(codes, "mean"), /view "mean" averages tokens, which codes .* use "tokens"/);
  assert.throws(
    () => viewOf({ ...codes, categories: [0, 0] }, "7 × 7"),
    /784 pixels; these features have 2 tokens/,
  );
});
