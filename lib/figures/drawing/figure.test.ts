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

test("numbers that differ little for their size keep the digits that tell them apart, over all traces of an axis", () => {
  const days = Array.from({ length: 40 }, (_, i) => 2460310.25 + i / 20);
  const { data } = plainFigure({
    data: [
      { type: "scatter", x: days, y: days.map((day) => 1 / day) },
      {
        type: "scatter",
        x: [2460311.125],
        xaxis: "x",
        marker: { color: [1e6 + 1 / 3, 1e6 + 2 / 3], size: 1 / 3 },
      },
      { type: "scatter", x: [2460311.125, 0.5], xaxis: "x2", x0: 2460310.25 },
      { type: "heatmap", z: [[500000.125], [500000.375, 500000.5]] },
    ],
    layout: {},
  });
  assert.deepEqual(data[0].x, days);
  assert.deepEqual(data[1].x, [2460311.125]);
  assert.deepEqual(data[1].marker, { color: [1000000.33333, 1000000.66667], size: 1 / 3 });
  assert.deepEqual(data[2].x, [2460310, 0.5]);
  assert.equal(data[2].x0, 2460310.25);
  assert.deepEqual(data[3].z, [[500000.125], [500000.375, 500000.5]]);
  assert.equal(new Set(data[0].y as number[]).size, 40);
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
