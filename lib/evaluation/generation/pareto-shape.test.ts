import assert from "node:assert/strict";
import { test } from "node:test";
import { fold, normals, seedKey, uniforms } from "../../engine/random.js";
import { mean } from "../../moments.js";
import { paretoShape } from "./pareto-shape.js";

/** Mean k̂ over some sets of 2,000 weights. */
const shapeOf = (draw: (seed: number) => Float64Array) =>
  mean(Array.from({ length: 20 }, (_, seed) => paretoShape(draw(seed))));
const uniform = (seed: number) => uniforms(fold(seedKey(1), seed), 2000);

test("Pareto weights have the shape that they were drawn with, uniform ones a negative one", () => {
  for (const k of [0.3, 0.7, 1.5]) {
    const found = shapeOf((seed) => uniform(seed).map((u) => -k * Math.log(u)));
    // The pull towards 0.5 is one of 10 weights among 134.
    const expected = (134 * k + 5) / 144;
    assert.ok(Math.abs(found - expected) < 0.1, `${found}, ${expected}`);
  }
  assert.ok(shapeOf((seed) => uniform(seed).map(Math.log)) < -0.5);
});

test("log weights of a small variance are harmless, of a large one they are not, whatever their scale", () => {
  const normal = (seed: number, deviation: number) =>
    Float64Array.from(normals(fold(seedKey(2), seed), 2000), (e) => deviation * e - 5000);
  assert.ok(shapeOf((seed) => normal(seed, 0.5)) < 0.4);
  assert.ok(shapeOf((seed) => normal(seed, 10)) > 1);
});

test("equal weights, one that outdoes the rest, and too few to tell", () => {
  assert.equal(paretoShape(new Float64Array(100).fill(-3)), Number.NEGATIVE_INFINITY);
  const one = new Float64Array(100).fill(-3000);
  one[7] = 0;
  assert.equal(paretoShape(one), Number.POSITIVE_INFINITY);
  assert.ok(Number.isNaN(paretoShape(new Float64Array(24))));
});
