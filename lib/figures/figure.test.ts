import assert from "node:assert/strict";
import { test } from "node:test";
import { type Figure, plainFigure } from "./figure.js";

const figure: Figure = {
  data: [
    {
      type: "scatter",
      x: Float32Array.of(0.1, 2),
      y: [1 / 3, Number.NaN, 1_700_000_000_123, -1.23456789e-9],
      customdata: [[0.123456789]],
    },
  ],
  layout: { width: 300, shift: 1 / 3, tickvals: Int32Array.of(1, 2) },
};

test("traces keep six significant digits of fractions and all digits of whole numbers", () => {
  const [trace] = plainFigure(figure).data;
  assert.deepEqual(trace.y, [0.333333, null, 1_700_000_000_123, -1.23457e-9]);
  assert.deepEqual(trace.customdata, [[0.123457]]);
});

test("typed arrays become arrays, the layout keeps its numbers", () => {
  const plain = plainFigure(figure);
  assert.deepEqual(plain.data[0].x, [0.1, 2]);
  assert.deepEqual(plain.layout, { width: 300, shift: 1 / 3, tickvals: [1, 2] });
});

test("a plain figure stays as it is, and the original is not changed", () => {
  const plain = plainFigure(figure);
  assert.deepEqual(plainFigure(plain), plain);
  assert.ok(figure.data[0].x instanceof Float32Array);
});
