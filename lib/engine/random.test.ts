import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  fold,
  keyOf,
  normals,
  permutation,
  seedKey,
  split,
  threefry2x32,
  uniforms,
  uniformsWithin,
  unitVectors,
} from "./random.js";

test("threefry2x32 gives the known answers published with Random123 (kat_vectors)", () => {
  const answers: [number[], number[], number[]][] = [
    [
      [0, 0],
      [0, 0],
      [0x6b200159, 0x99ba4efe],
    ],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x1cb996fc, 0xbb002be7],
    ],
    [
      [0x13198a2e, 0x03707344],
      [0x243f6a88, 0x85a308d3],
      [0xc4923a9c, 0x483df7a0],
    ],
  ];
  for (const [key, counter, expected] of answers) {
    const block = Uint32Array.from(counter);
    threefry2x32(key[0], key[1], block);
    assert.deepEqual([...block], expected);
  }
});

test("the same key gives the same numbers, other keys give others", () => {
  assert.deepEqual(normals(seedKey(1), 7), normals(seedKey(1), 7));
  assert.notDeepEqual(normals(seedKey(1), 7), normals(seedKey(2), 7));
  const [left, right] = split(seedKey(1));
  assert.notDeepEqual(uniforms(left, 3), uniforms(right, 3));
  assert.notDeepEqual(fold(seedKey(1), "weights"), fold(seedKey(1), "noise"));
  assert.notDeepEqual(fold(seedKey(1), 0), fold(seedKey(1), 1));
});

test("a longer draw begins with the shorter one", () => {
  assert.deepEqual([...normals(seedKey(3), 9)].slice(0, 4), [...normals(seedKey(3), 4)]);
});

test("normals have the moments of N(0, 1) and are uncorrelated between split keys", () => {
  const n = 200_000;
  const [left, right] = split(seedKey(7)).map((key) => normals(key, n));
  const mean = (values: Iterable<number>) => [...values].reduce((sum, v) => sum + v, 0) / n;
  assert.ok(Math.abs(mean(left)) < 4 / Math.sqrt(n));
  assert.ok(Math.abs(mean(left.map((v) => v * v)) - 1) < 4 * Math.sqrt(2 / n));
  assert.ok(Math.abs(mean(left.map((v) => v ** 4)) - 3) < 4 * Math.sqrt(96 / n));
  assert.ok(Math.abs(mean(left.map((v, i) => v * right[i]))) < 4 / Math.sqrt(n));
});

test("uniforms stay inside (0, 1); permutations hold every index once; directions have length 1", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 300 }), (seed, count) => {
      const key = seedKey(seed);
      assert.ok(uniforms(key, count).every((u) => u > 0 && u < 1));
      const within = uniforms(key, count).map((u) => Math.fround((2 * u - 1) * 0.3));
      assert.deepEqual(Float64Array.from(uniformsWithin(key, count, 0.3)), within);
      assert.deepEqual(
        [...permutation(key, count)].sort((a, b) => a - b),
        Array.from({ length: count }, (_, i) => i),
      );
      const vectors = unitVectors(key, 3, count);
      for (let i = 0; i < 3; i++)
        assert.ok(Math.abs(Math.hypot(...vectors.subarray(i * count, (i + 1) * count)) - 1) < 1e-5);
    }),
  );
});

test("a seed that is no whole number is refused by name", () => {
  assert.throws(() => seedKey(1.5), /seed is 1.5/);
  assert.throws(() => seedKey(-1), /seed is -1/);
  assert.deepEqual(keyOf(seedKey(3)), keyOf(3));
  for (const seed of ["a", null, {}, { k0: 1 }])
    assert.throws(() => keyOf(seed as never), /seed is .*; use an integer between 0 and 2\^53 - 1, or a key/);
});
