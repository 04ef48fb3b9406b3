import assert from "node:assert/strict";
import { test } from "node:test";
import { latentScatter } from "./latent-scatter.js";

test("one trace per class in increasing order, points of a class together", () => {
  const points = [[1, 2], Float32Array.of(3, 4), [5, 6], [7, 8]];
  const { data, layout } = latentScatter(points, [10, 9, 10, 2], { xLabel: "PC 1", legendTitle: "digit" });
  assert.deepEqual(
    data.map(({ name, x, y }) => ({ name, x, y })),
    [
      { name: "2", x: [7], y: [8] },
      { name: "9", x: [3], y: [4] },
      { name: "10", x: [1, 5], y: [2, 6] },
    ],
  );
  assert.deepEqual(layout.xaxis, { title: { text: "PC 1" } });
  assert.deepEqual(layout.yaxis, { title: { text: "latent 2" } });
});

test("classes may be words", () => {
  const { data } = latentScatter(
    [
      [0, 0],
      [1, 1],
    ],
    ["no", "maybe"],
  );
  assert.deepEqual(
    data.map(({ name }) => name),
    ["maybe", "no"],
  );
});

test("every point needs a label", () => {
  assert.throws(() => latentScatter([[1, 2]], []), /labels has 0 entries; give one for each of the 1 points/);
});
