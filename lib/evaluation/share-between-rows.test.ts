import assert from "node:assert/strict";
import { test } from "node:test";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { shareBetweenRows } from "./share-between-rows.js";

test("0 when tokens tell their place alone, near 1 when their row alone, in between by variance", () => {
  const shape = [400, 5, 3] as const;
  const noise = normals(seedKey(1), 400 * 15);
  const made = (ofPlace: number, ofRow: number) =>
    shareBetweenRows({ values: noise.map((v, i) => ofPlace * noise[i % 15] + ofRow * v), shape });
  assert.ok(made(1, 0) < 1e-9);
  assert.ok(made(0, 1) > 0.98);
  const [row, both] = [made(0, 1), made(2, 1)];
  assert.ok(both > 0.1 && both < 0.5 && both < row);
  // Rows ±1 around a token that is 3 at one place and −3 at the other.
  expectClose([shareBetweenRows({ values: Float32Array.of(4, -2, 2, -4), shape: [2, 2, 1] })], [0.1]);
  assert.throws(
    () => shareBetweenRows({ values: noise.subarray(0, 15), shape: [1, 5, 3] }),
    /the features have 1 rows; give at least 2/,
  );
});
