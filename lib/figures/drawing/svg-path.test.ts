import assert from "node:assert/strict";
import { test } from "node:test";
import { pathPoints, pointAlong, runningLengths } from "./svg-path.js";

function length(d: string): number {
  return runningLengths(pathPoints(d)).at(-1) ?? 0;
}

test("absolute and relative commands give the same points", () => {
  const square = [
    [1, 2],
    [4, 2],
    [4, 5],
    [1, 5],
    [1, 2],
  ];
  assert.deepEqual(pathPoints("M1,2L4,2L4,5L1,5Z"), square);
  assert.deepEqual(pathPoints("M1,2H4V5H1Z"), square);
  assert.deepEqual(pathPoints("m1 2h3v3h-3z"), square);
  assert.deepEqual(pathPoints("M1,2 4,2 4,5l-3,0Z"), square);
  assert.deepEqual(pathPoints(""), []);
});

test("a cubic quarter circle has nearly the length of its arc", () => {
  const k = (4 / 3) * Math.tan(Math.PI / 8);
  const arc = length(`M1,0C1,${k} ${k},1 0,1`);
  assert.ok(Math.abs(arc - Math.PI / 2) < 2e-3, `${arc}`);
});

test("a quadratic curve passes its middle and ends at its end", () => {
  const points = pathPoints("M0,0Q1,2 2,0");
  assert.deepEqual(points[8], [1, 1]);
  assert.deepEqual(points.at(-1), [2, 0]);
});

test("points along a path", () => {
  const points = pathPoints("M0,0L3,0L3,4");
  assert.deepEqual(runningLengths(points), [0, 3, 7]);
  assert.deepEqual(pointAlong(points, 5), [3, 2]);
  assert.deepEqual(pointAlong(points, -1), [0, 0]);
  assert.deepEqual(pointAlong(points, 99), [3, 4]);
  assert.deepEqual(pointAlong([], 1), [0, 0]);
});

test("an arc counts as its chord", () => {
  assert.equal(length("M5,0A5,5 0 0,1 0,5"), Math.hypot(5, 5));
});
