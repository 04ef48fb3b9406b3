import assert from "node:assert/strict";
import { test } from "node:test";
import { normals, seedKey } from "../engine/random.js";
import { principalPlane } from "./principal-plane.js";

test("the first axis is the direction of largest spread, the second that of the next", () => {
  const rows = 2000;
  const scales = [0.1, 3, 1];
  const latents = normals(seedKey(1), rows * 3).map((e, i) => scales[i % 3] * e + 5);
  const points = principalPlane(latents, 3);
  const deviation = (axis: 0 | 1) =>
    Math.sqrt(points.reduce((sum, point) => sum + point[axis] ** 2, 0) / rows);
  assert.ok(Math.abs(deviation(0) - 3) < 0.15);
  assert.ok(Math.abs(deviation(1) - 1) < 0.05);
  const alongSecondColumn = points.reduce((sum, point, n) => sum + point[0] * (latents[n * 3 + 1] - 5), 0);
  assert.ok(alongSecondColumn > 0, "signs are fixed");
});

test("more columns than rows give the same plane as their transposed problem", () => {
  const [rows, d] = [12, 40];
  const narrow = normals(seedKey(2), rows * 4);
  // Four numbers per row, each spread over ten columns: distances stay the same but for a factor √10.
  const wide = Float32Array.from({ length: rows * d }, (_, i) => {
    const [row, column] = [Math.floor(i / d), i % d];
    return narrow[row * 4 + (column % 4)];
  });
  const [small, large] = [principalPlane(narrow, 4), principalPlane(wide, d)];
  for (const axis of [0, 1] as const) {
    const sign = Math.sign(small[0][axis] * large[0][axis]);
    for (let row = 0; row < rows; row++)
      assert.ok(Math.abs(sign * large[row][axis] - Math.sqrt(10) * small[row][axis]) < 1e-5);
  }
});

test("axes found from some rows of a large table are those of its plane", () => {
  const [rows, d] = [300, 30];
  const inPlane = normals(seedKey(3), rows * 2);
  const values = Float32Array.from({ length: rows * d }, (_, i) => {
    const [row, column] = [Math.floor(i / d), i % d];
    return column % 3 === 0 ? 5 * inPlane[2 * row] : column % 3 === 1 ? inPlane[2 * row + 1] : 0;
  });
  const [all, some] = [principalPlane(values, d), principalPlane(values, d, 20)];
  const distance = (points: [number, number][], row: number) =>
    Math.hypot(points[row][0] - points[0][0], points[row][1] - points[0][1]);
  for (let row = 1; row < rows; row++)
    assert.ok(Math.abs(distance(all, row) - distance(some, row)) < 1e-5 * (1 + distance(all, row)));
});

test("axes of other rows show these rows from there, about those rows' mean", () => {
  const other = normals(seedKey(5), 500 * 3).map((e, i) => [0.1, 3, 1][i % 3] * e + 2);
  const [point] = principalPlane(Float32Array.of(2, 12, 2), 3, 1024, other);
  assert.ok(Math.abs(Math.abs(point[0]) - 10) < 0.3 && Math.abs(point[1]) < 1.5, `${point}`);
});
