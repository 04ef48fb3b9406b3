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
