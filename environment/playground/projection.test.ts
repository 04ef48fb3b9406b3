import assert from "node:assert/strict";
import { test } from "node:test";
import { normals, seedKey } from "../../lib/engine/random.js";
import { principalPlane } from "../../lib/evaluation/principal-plane.js";
import { firstAxes, followAxes, projected } from "./projection.js";

const rows = 200;
const d = 5;

/** Rows that spread by these standard deviations along the coordinates. */
function cloud(seed: number, spreads: readonly number[]): Float32Array {
  return normals(seedKey(seed), rows * d).map((value, i) => spreads[i % d] * value);
}
const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, j) => sum + value * b[j], 0);

test("the first picture shows the first two principal components", () => {
  const latents = cloud(1, [1, 3, 0.5, 2, 0.1]);
  const mean = Float64Array.from(
    { length: d },
    (_, j) => latents.filter((_, i) => i % d === j).reduce((a, b) => a + b) / rows,
  );
  const axes = firstAxes(latents, d);
  const points = projected(latents, axes);
  principalPlane(latents, d).forEach((wanted, row) => {
    for (const k of [0, 1])
      assert.ok(Math.abs(Math.abs(points[2 * row + k] - dot(mean, axes[k])) - Math.abs(wanted[k])) < 1e-4);
  });
});

test("from one picture to the next no axis changes its sign, and alike directions do not swap", () => {
  let axes = firstAxes(cloud(1, [1, 1.01, 1, 1, 1]), d);
  for (let seed = 2; seed < 60; seed++) {
    const latents = cloud(seed, [1, 1, 1, 1, 1]);
    const next = followAxes(axes, latents, d);
    for (const k of [0, 1] as const)
      assert.ok(dot(next[k], axes[k]) > 0.5, `${seed} ${dot(next[k], axes[k])}`);
    axes = next;
  }
});

test("pictures come to where the components have gone", () => {
  let axes = firstAxes(cloud(1, [3, 2, 1, 0.5, 0.1]), d);
  const moved = cloud(2, [0.1, 0.5, 1, 2, 3]);
  for (let i = 0; i < 20; i++) axes = followAxes(axes, moved, d);
  assert.ok(Math.abs(axes[0][4]) > 0.99 && Math.abs(axes[1][3]) > 0.98);
});

test("points that lie on a line, or all in one place, still have two directions", () => {
  for (const latents of [cloud(1, [1, 0, 0, 0, 0]), new Float32Array(rows * d).fill(3)]) {
    let axes = firstAxes(latents, d);
    for (let i = 0; i < 3; i++) axes = followAxes(axes, latents, d);
    assert.ok(Math.abs(dot(axes[0], axes[1])) < 1e-9 && Math.abs(dot(axes[1], axes[1]) - 1) < 1e-9);
    assert.ok(projected(latents, axes).every(Number.isFinite));
  }
});

test("two dimensions are shown as they are", () => {
  const latents = Float32Array.of(1, 2, 3, 4);
  const axes = firstAxes(latents, 2);
  assert.deepEqual(projected(latents, followAxes(axes, latents, 2)), latents);
});
