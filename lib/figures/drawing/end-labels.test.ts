import assert from "node:assert/strict";
import { test } from "node:test";
import { apart, endLabels } from "./end-labels.js";

test("places stay where they are wanted if they are apart; those that touch spread around their middle", () => {
  assert.deepEqual(apart([1, 3, 9], 1, [0, 10]), [1, 3, 9]);
  assert.deepEqual(apart([5, 5, 5, 9], 1, [0, 10]), [4, 5, 6, 9]);
  assert.deepEqual(apart([5, 5.2, 5.9, 6], 1, [0, 10]), [4.025, 5.025, 6.025, 7.025]);
  // At a border they move inside, by half a step.
  assert.deepEqual(apart([-1, 0, 10], 1, [0, 10]), [0.5, 1.5, 9.5]);
});

test("every name stands at the end of its curve, in the margin", () => {
  const curve = (name: string, end: number) => ({ name, color: "#000000", x: [0, 1], y: [0, end] });
  const panel = {
    xaxis: "x2",
    yaxis: "y2",
    xRange: [0, 1],
    yRange: [0, 10],
    width: 100,
    height: 120,
    size: 10,
  };
  const labels = endLabels([curve("high", 8), curve("low", 2)], {
    ...panel,
    xRange: [0, 1],
    yRange: [0, 10],
  });
  assert.deepEqual(
    (labels as { text: string; y: number; xref: string }[]).map(({ text, y, xref }) => [text, y, xref]),
    [
      ["low", 2, "x2 domain"],
      ["high", 8, "x2 domain"],
    ],
  );
});
