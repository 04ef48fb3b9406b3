import assert from "node:assert/strict";
import { test } from "node:test";
import { seedKey } from "../engine/random.js";
import { mean, variance } from "../moments.js";
import { digitTargets } from "./digit-targets.js";
import { halves, loadDigits } from "./digits.js";

const { images } = loadDigits({ split: "test", limit: 30 });

test("halves: the right one is seen through noise that is drawn by the key, the left one as it is", () => {
  const asked = { digits: "noisy halves", noise: 0.1, trainRows: 20, evaluationRows: 30 } as const;
  const { train, evaluation } = digitTargets(seedKey(1), asked);
  assert.deepEqual([train.rows, evaluation.rows, evaluation.labels.length], [20, 30, 30]);
  const { left, right } = halves(images);
  assert.deepEqual(evaluation.x, left);
  const noise = evaluation.y.map((v, i) => v - right[i]);
  assert.ok(Math.abs(Math.sqrt(variance(noise)) - 0.1) < 0.005 && Math.abs(mean(noise)) < 0.005);
  assert.notDeepEqual(digitTargets(seedKey(2), asked).evaluation.y, evaluation.y);
  assert.notDeepEqual(train.y.slice(0, 9), evaluation.y.slice(0, 9));
});

test("corrupted: clean ones are means of four grey values, corrupted ones lie between them and any grey", () => {
  const asked = { digits: "corrupted", trainRows: 1, evaluationRows: 30 } as const;
  const { x, y, rows } = digitTargets(seedKey(1), asked).evaluation;
  assert.equal(x.length, 30 * 196);
  const pixel = (row: number, line: number, column: number) => images[row * 784 + line * 28 + column];
  const four = [...[pixel(2, 14, 12), pixel(2, 14, 13)], ...[pixel(2, 15, 12), pixel(2, 15, 13)]];
  assert.ok(Math.abs(x[2 * 196 + 7 * 14 + 6] - mean(four)) < 1e-6 && mean(four) > 0);
  assert.ok(y.every((v) => v >= 0 && v <= 1));
  const moved = Array.from({ length: rows }, (_, row) =>
    mean(y.subarray(row * 196, (row + 1) * 196).map((v, j) => Math.abs(v - x[row * 196 + j]))),
  );
  assert.ok(Math.min(...moved) < 0.05 && Math.max(...moved) > 0.25, "every digit has a level of its own");
});
