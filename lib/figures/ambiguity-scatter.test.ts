import assert from "node:assert/strict";
import { test } from "node:test";
import { ambiguityScatter } from "./ambiguity-scatter.js";

const n = 30;
const rows = {
  points: Array.from({ length: n }, (_, row) => [row, -row]),
  labels: Array.from({ length: n }, (_, row) => (row % 2 === 0 ? "even" : "odd")),
  ambiguity: Array.from({ length: n }, (_, row) => row / (n - 1)),
};

test("every row in the panel of its third, under its class", () => {
  const { data } = ambiguityScatter(rows);
  const inPanel = (axis: string, name: string) =>
    data.filter((trace) => trace.xaxis === axis && trace.name === name).flatMap(({ x }) => x as number[]);
  const xs = (from: number, to: number, parity: number) =>
    rows.points.map(([x]) => x).filter((x) => x >= from && x < to && x % 2 === parity);
  assert.deepEqual(inPanel("x", "even"), xs(0, 10, 0));
  assert.deepEqual(inPanel("x", "odd"), xs(0, 10, 1));
  assert.deepEqual(inPanel("x2", "even"), xs(10, 20, 0));
  assert.deepEqual(inPanel("x3", "odd"), xs(20, 30, 1));
});

test("the class means of the clearest tenth are the same in every panel", () => {
  const means = ambiguityScatter(rows).data.filter(({ name }) => name === "class mean");
  assert.equal(means.length, 3);
  for (const { x, y } of means)
    assert.deepEqual(
      { x, y },
      {
        x: [1, 1],
        y: [-1, -1],
      },
    );
});

test("the lists must be of one length", () => {
  assert.throws(
    () => ambiguityScatter({ ...rows, labels: ["even"] }),
    /there are 30 points, 1 labels and 30 ambiguities; give as many of each/,
  );
});
