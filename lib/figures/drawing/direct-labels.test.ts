import assert from "node:assert/strict";
import { test } from "node:test";
import { directLabels } from "./direct-labels.js";

const panel = {
  xaxis: "x",
  yaxis: "y",
  xRange: [0, 1],
  yRange: [0, 1],
  width: 240,
  height: 240,
  size: 14,
} as const;

interface Label {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly textangle: number;
}

const line = (name: string, from: number, to: number) => ({
  name,
  color: "#000000",
  x: [0, 1],
  y: [from, to],
});

test("each name is nearer to its own curve than to any other, and beside it", () => {
  const curves = [line("upper", 0.8, 0.8), line("middle", 0.65, 0.65), line("lower", 0.2, 0.2)];
  const labels = directLabels(curves, panel) as Label[];
  assert.deepEqual(
    labels.map(({ text }) => text),
    ["upper", "middle", "lower"],
  );
  labels.forEach(({ y, textangle }, i) => {
    const away = curves.map(({ y: [level] }) => Math.abs(level - y) * 240);
    assert.equal(away.indexOf(Math.min(...away)), i);
    assert.ok(away[i] > 7 && away[i] < 20, `${away[i]} pixels`);
    assert.ok(Math.abs(textangle) === 0);
  });
});

test("in a narrow corridor between slopes the name follows its curve", () => {
  const curves = [line("upper", 0.2, 1.1), line("between two", 0, 0.9), line("lower", -0.2, 0.7)].map(
    (own) => ({
      ...own,
      x: [-1, 2],
      y: [own.y[0] - 0.9, own.y[1] + 0.9],
    }),
  );
  const [, label] = directLabels(curves, panel) as Label[];
  assert.ok(Math.abs(label.textangle + 42) <= 1, `${label.textangle} degrees`);
});

test("names of one curve drawn twice do not cover each other; one too long is left out", () => {
  const [a, b] = directLabels([line("first", 0.5, 0.5), line("second", 0.5, 0.5)], panel) as Label[];
  assert.ok(Math.abs(a.y - b.y) * 240 > 14 || Math.abs(a.x - b.x) * 240 > 40);
  assert.deepEqual(directLabels([line("w".repeat(60), 0.5, 0.5)], panel), []);
});
