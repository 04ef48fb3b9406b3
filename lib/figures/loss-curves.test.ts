import assert from "node:assert/strict";
import { test } from "node:test";
import { seriesStyle } from "./drawing/theme.js";
import { lossCurves } from "./loss-curves.js";

const series = [
  { name: "train", values: [8, 4, 0.1] },
  { name: "test", values: [9, 5], dash: "dot" },
];

test("one curve per series over epochs counted from 1, each with its own look", () => {
  const { data } = lossCurves(series);
  assert.deepEqual(
    data.map(({ name, x, y }) => ({ name, x, y })),
    [
      { name: "train", x: [1, 2, 3], y: [8, 4, 0.1] },
      { name: "test", x: [1, 2], y: [9, 5] },
    ],
  );
  const [first, second] = data as unknown as { line: { color: string; dash: string } }[];
  assert.equal(first.line.color, seriesStyle(0).color);
  assert.equal(first.line.dash, "solid");
  assert.equal(second.line.color, seriesStyle(1).color);
  assert.equal(second.line.dash, "dot");
});

test("axis titles and the logarithmic axis", () => {
  const { layout } = lossCurves(series, { xLabel: "step", yLabel: "L", title: "Loss", log: true });
  assert.deepEqual(layout.xaxis, { title: { text: "step" } });
  assert.deepEqual(layout.yaxis, { title: { text: "L" }, type: "log", exponentformat: "power", dtick: "D2" });
  assert.deepEqual(layout.title, { text: "Loss" });
  assert.equal("title" in lossCurves(series).layout, false);
});

test("a logarithmic axis refuses values that are not positive", () => {
  const falling = [{ name: "elbo", values: [2, 0, -1] }];
  assert.throws(() => lossCurves(falling, { log: true }), /series "elbo" is 0 at 2; leave out log/);
  assert.equal(lossCurves(falling).data.length, 1);
});
