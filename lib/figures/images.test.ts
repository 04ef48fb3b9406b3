import assert from "node:assert/strict";
import { test } from "node:test";
import { figureToSvg } from "./drawing/render.js";
import { drawSvg } from "./drawing/text-metrics.js";
import { imageGrid } from "./images.js";

const black = [1, 1, 1, 1];
const grey = [0.4, 0.4, 0.4, 0.4];
const white = [0, 0, 0, 0];
const mixed = [1, 0, -3, 9];
const size = { height: 2, width: 2 };

test("images stand at their place, ink is black, pixels have sharp edges", async () => {
  const figure = imageGrid([black, white, mixed, Float32Array.from(grey)], { ...size, columns: 2 });
  const { width, pixels } = drawSvg(await figureToSvg(figure), 1);
  const margin = figure.layout.margin as { l: number; t: number };
  const at = (x: number, y: number) => {
    const place = 4 * ((margin.t + y * 3 + 1) * width + margin.l + x * 3 + 1);
    return [...pixels.subarray(place, place + 3)];
  };
  const rows = [0, 1, 2, 3, 4, 5].map((y) => [0, 1, 2, 3, 4, 5].map((x) => at(x, y)[0]));
  assert.deepEqual(rows, [
    [0, 0, 255, 255, 255, 255],
    [0, 0, 255, 255, 255, 255],
    [255, 255, 255, 255, 255, 255],
    [255, 255, 255, 255, 255, 255],
    [0, 255, 255, 255, 153, 153],
    [255, 0, 255, 255, 153, 153],
  ]);
  const shades = new Set(pixels.filter((_, i) => i % 4 === 0));
  assert.deepEqual([...shades].sort(), [0, 153, 255], "no shade between two pixels");
});

test("labels stand at the middles of rows and columns and widen the margin", () => {
  const images = [black, black, black];
  const labels = { rowLabels: ["input", "s<sub>x</sub>"], columnLabels: [0, 1] };
  const { layout } = imageGrid(images, { ...size, columns: 2, ...labels });
  const { xaxis, yaxis } = layout as Record<
    string,
    { tickvals: number[]; ticktext: string[]; range: number[] }
  >;
  assert.deepEqual(xaxis.tickvals, [0.5, 4.5]);
  assert.deepEqual(yaxis.tickvals, [0.5, 4.5]);
  assert.deepEqual(xaxis.ticktext, ["0", "1"]);
  assert.deepEqual(yaxis.ticktext, labels.rowLabels);
  assert.deepEqual(yaxis.range, [5.5, -0.5]);
  const bare = imageGrid(images, { ...size, columns: 2 }).layout;
  assert.ok(layout.width! > bare.width! && layout.height! > bare.height!);
});

test("wrong sizes are named", () => {
  const [columns, rowLabels] = [2, ["one", "two"]];
  assert.throws(() => imageGrid([], { ...size, columns }), /images is empty; give at least one/);
  assert.throws(() => imageGrid([black, [1]], { ...size, columns }), /image 1 has 1 values; give 2 × 2 = 4/);
  assert.throws(
    () => imageGrid([black], { ...size, columns, rowLabels }),
    /rowLabels has 2 entries.*needs 1/,
  );
  assert.throws(
    () => imageGrid([black], { ...size, columns, columnLabels: [1] }),
    /columnLabels has 1 entries; the grid needs 2/,
  );
});

test("a seam is a line in every column of the grid, below its first row", () => {
  const image = new Float32Array(4 * 6);
  const { layout } = imageGrid([image, image, image, image], { height: 4, width: 6, columns: 2, seam: 3 });
  const shapes = layout.shapes as { x0: number; x1: number; y0: number; y1: number }[];
  assert.deepEqual(
    shapes.map(({ x0, x1, y0, y1 }) => [x0, x1, y0, y1]),
    [
      [2.5, 2.5, 4.5, 9.5],
      [10.5, 10.5, 4.5, 9.5],
    ],
  );
});
