import assert from "node:assert/strict";
import { test } from "node:test";
import { pathLength, pathPoints, pointAlong } from "./svg-path.js";

test("absolute and relative commands have the same length, and an empty path none", () => {
  for (const d of ["M1,2L4,2L4,5L1,5Z", "M1,2H4V5H1Z", "m1 2h3v3h-3z", "M1,2 4,2 4,5l-3,0Z"])
    assert.equal(pathLength(d), 12, d);
  assert.equal(pathLength(""), 0);
});

test("gaps between a path's parts have no length", () => {
  assert.equal(pathLength("M0,0h6m-3,0V4"), 10);
});

test("curves and arcs are measured along themselves", () => {
  const k = (4 / 3) * Math.tan(Math.PI / 8);
  for (const quarter of [`M1,0C1,${k} ${k},1 0,1`, "M1,0A1,1 0 0,1 0,1"])
    assert.ok(Math.abs(pathLength(quarter) - Math.PI / 2) < 1e-3, quarter);
});

test("points along a path, its ends beyond them", () => {
  const at = (distance: number) => pointAlong("M0,0L3,0L3,4", distance);
  assert.deepEqual(
    [at(5), at(-1), at(99)],
    [
      { x: 3, y: 2 },
      { x: 0, y: 0 },
      { x: 3, y: 4 },
    ],
  );
});

test("a path's points reach as far as its curves and arcs do", () => {
  assert.deepEqual(pathPoints("M1,2H4Z"), [
    [1, 2],
    [4, 2],
    [4, 2],
    [1, 2],
  ]);
  const top = (d: string) => Math.max(...pathPoints(d).map(([, y]) => y));
  assert.ok(Math.abs(top("M0,0Q1,2 2,0") - 1) < 0.02);
  assert.ok(Math.abs(top("M0,0A5,5 0 0,0 10,0") - 5) < 0.1);
  assert.deepEqual(pathPoints(""), []);
});
