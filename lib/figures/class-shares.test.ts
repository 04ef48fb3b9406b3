import assert from "node:assert/strict";
import { test } from "node:test";
import { classShares } from "./class-shares.js";

const lines = [
  { code: "AD", shares: { "<=50K": 0.76, ">50K": 0.24 } },
  { code: "CO", shares: { 1: 0.37, 2: 0.48, 3: 0.06, 4: 0.07, 5: 0.02 } },
] as const;

test("one trace per rank, largest class first, shares in percent that add up to the whole bar", () => {
  const { data } = classShares(lines);
  assert.equal(data.length, 5);
  assert.deepEqual(data[0].y, ["AD", "CO"]);
  assert.deepEqual(data[0].x, [76, 48]);
  assert.deepEqual(data[2].y, ["CO"]);
  for (const { code } of lines) {
    const pieces = data.map(({ x, y }) => (x as number[])[(y as string[]).indexOf(code)] ?? 0);
    assert.ok(Math.abs(pieces.reduce((sum, piece) => sum + piece, 0) - 100) < 1e-9);
  }
});

test("labels are escaped and get shorter with the piece", () => {
  const { data } = classShares(lines);
  assert.deepEqual(
    data.map(({ text }) => text),
    [["&lt;=50K: 76 %", "2: 48 %"], ["&gt;50K: 24 %", "1: 37 %"], ["4"], ["3"], [""]],
  );
});

test("no data set, no figure", () => {
  assert.throws(() => classShares([]), /lines is empty; give at least one data set/);
});
