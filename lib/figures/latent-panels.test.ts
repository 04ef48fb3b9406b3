import assert from "node:assert/strict";
import { test } from "node:test";
import { latentPanels } from "./latent-panels.js";

const panel = (title: string, scale: number) => ({
  title,
  points: [
    [scale, 0],
    [0, -scale],
    [-scale / 2, scale],
  ],
  labels: ["a", "b", "a"],
});

test("all panels have the same square axes, and a class looks the same in each", () => {
  const { data, layout } = latentPanels([panel("wide", 2), panel("narrow", 0.1), panel("one more", 1)], {
    columns: 2,
    circle: 2.5,
  });
  for (const axis of ["xaxis", "yaxis", "xaxis2", "yaxis2", "xaxis3", "yaxis3"])
    assert.deepEqual((layout[axis] as { range: number[] }).range, [-2.625, 2.625]);
  assert.equal(data.length, 6);
  assert.deepEqual(
    data.filter(({ showlegend }) => showlegend).map(({ name }) => name),
    ["a", "b"],
  );
  const [first, , again] = data;
  assert.deepEqual([first.marker, first.legendgroup], [again.marker, again.legendgroup]);
  assert.deepEqual(
    [again.x, again.y],
    [
      [0.1, -0.05],
      [0, 0.1],
    ],
  );
  const { width, height, shapes } = layout as { width: number; height: number; shapes: unknown[] };
  assert.ok(width > 500 && Math.abs(width - height) < 60, `${width} × ${height}`);
  assert.equal(shapes.length, 3);
});

test("axes are named at the outer panels alone", () => {
  const panels = ["a", "b", "c"].map((title) => panel(title, 1));
  const { layout } = latentPanels(panels, { columns: 2, axisTitles: ["first", "second"] });
  const titles = ["xaxis", "xaxis2", "xaxis3", "yaxis", "yaxis2", "yaxis3"].map(
    (axis) => (layout[axis] as { title?: { text: string } }).title?.text,
  );
  assert.deepEqual(titles, [undefined, "first", "first", "second", undefined, "second"]);
});

test("labels and points must match", () => {
  const { labels: _, ...rest } = panel("short", 1);
  assert.throws(
    () => latentPanels([{ ...rest, labels: ["a"] }]),
    /the panel "short" has 1 labels for 3 points/,
  );
  assert.throws(() => latentPanels([]), /give at least one/);
});
