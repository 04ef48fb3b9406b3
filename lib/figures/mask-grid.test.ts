import assert from "node:assert/strict";
import { test } from "node:test";
import { seedKey } from "../engine/random.js";
import { drawMasks } from "../models/modalities/tabular/masks.js";
import type { Masks } from "../models/tokens/masks.js";
import { featureShares, featureUse } from "./feature-use.js";
import { maskGrid } from "./mask-grid.js";

const masks: Masks = {
  rows: 2,
  contextSize: 1,
  targetSize: 2,
  targetViews: 2,
  context: Int32Array.of(0, 3),
  targets: Int32Array.of(1, 2, 2, 3, 0, 1, 0, 2),
};

test("one line per row and target, its context beside it, an empty one between rows", () => {
  const { data, layout } = maskGrid([{ title: "ours", masks }], 4);
  const [no, context, target] = [0.5, 1.5, 2.5];
  assert.deepEqual(data[0].z, [
    [context, target, target, no],
    [context, no, target, target],
    [null, null, null, null],
    [target, target, no, context],
    [target, no, target, context],
  ]);
  const { tickvals, ticktext } = layout.yaxis as { tickvals: number[]; ticktext: string[] };
  assert.deepEqual(tickvals, [0, 1, 3, 4]);
  assert.equal(ticktext[2], "row 2, y<sub>1</sub>");
  const scale = data[0].colorscale as [number, string][];
  const colorOf = (value: number) => scale.find(([end]) => end > value / 3)![1];
  const legend = data.slice(1).map(({ marker }) => (marker as { color: string }).color);
  assert.deepEqual([no, context, target].map(colorOf), legend);
});

test("panels stand side by side; they must have the same rows and targets", () => {
  const { data } = maskGrid(
    [
      { title: "a", masks },
      { title: "b", masks },
    ],
    4,
  );
  assert.deepEqual([data[0].xaxis, data[1].xaxis], ["x", "x2"]);
  assert.throws(() => maskGrid([], 4), /panels is empty/);
  const other = { title: "b", masks: { ...masks, targetViews: 1 } };
  assert.throws(() => maskGrid([{ title: "a", masks }, other], 4), /panels differ in rows or target masks/);
});

test("shares count each feature in contexts and in targets", () => {
  const shares = featureShares([masks], 4);
  assert.deepEqual(shares, { context: [0.5, 0, 0, 0.5], target: [0.5, 0.5, 0.75, 0.25] });
  const config = { contextMin: 0.3, contextMax: 0.3, targetMin: 0.5, targetMax: 0.5, targetViews: 3 };
  const drawn = featureShares([drawMasks(seedKey(1), config, 10, 4_000)], 10);
  for (const share of drawn.context) assert.ok(Math.abs(share - 0.3) < 0.03);
  for (const share of drawn.target) assert.ok(Math.abs(share - 0.5) < 0.03);
});

test("each series has a marker per feature and a line at its mean", () => {
  const { data, layout } = featureUse([{ name: "context", shares: [0.2, 0.4] }]);
  assert.deepEqual(
    [data[0].x, data[0].y],
    [
      [1, 2],
      [0.2, 0.4],
    ],
  );
  const both = featureUse(["a", "b"].map((name) => ({ name, shares: [0.2, 0.2] })));
  const [a, b] = both.data.map(({ x }) => (x as number[])[1]);
  assert.ok(a < 2 && b > 2 && Math.abs(a + b - 4) < 1e-12, "series stand side by side");
  const [line] = layout.shapes as { y0: number; y1: number }[];
  assert.ok(Math.abs(line.y0 - 0.3) < 1e-12 && line.y1 === line.y0);
});
