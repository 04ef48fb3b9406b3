import assert from "node:assert/strict";
import { test } from "node:test";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey, uniforms } from "../engine/random.js";
import { neighbourStatistics } from "./nearest-rows.js";

const shape = { numeric: 2, cardinalities: [3] };

test("three neighbours by hand: standardised numbers, 2 for a category that differs, ties shared", () => {
  // Column 0 has mean 0 and deviation 2; column 1 is the target.
  const training = {
    rows: 4,
    numeric: Float32Array.of(-2, 10, -2, 20, 2, 30, 2, 50),
    categorical: Int32Array.of(0, 1, 0, 1),
  };
  const asked = { rows: 1, numeric: Float32Array.of(-2, 0), categorical: Int32Array.of(0) };
  // Squared distances 0, 2, 4 and 6.
  const target = Float64Array.of(10, 20, 30, 50);
  const [one, two, three] = neighbourStatistics(shape, training, target, asked, [0, 2], [1, 2, 3], undefined);
  expectClose([one.mean[0], two.mean[0], three.mean[0]], [10, 15, 20]);
  expectClose([one.variance[0], two.variance[0], three.variance[0]], [0, 25, 200 / 3]);
  // The category alone: rows 0 and 2 are at 0, rows 1 and 3 share what is left of three.
  const codes = Float64Array.of(0, 1, 2, 1);
  const [, shared] = neighbourStatistics(shape, training, codes, asked, [2], [1, 3], 3);
  expectClose(shared.shares, [1 / 3, 1 / 3, 1 / 3]);
  const [single] = neighbourStatistics(shape, training, codes, asked, [2], [1], 3);
  expectClose(single.shares, [0.5, 0, 0.5]);
});

test("equal to sorting all rows by distance, in whatever order they come", () => {
  const rows = 300;
  const numeric = Float32Array.from(normals(seedKey(1), 2 * rows));
  const categorical = Int32Array.from(uniforms(seedKey(2), rows), (u) => Math.floor(3 * u));
  const target = Float64Array.from(normals(seedKey(3), rows));
  const asked = {
    rows: 5,
    numeric: numeric.slice(100, 110).map((v) => v + 0.1),
    categorical: categorical.slice(7, 12),
  };
  const counts = [1, 7, 40, 300];
  const all = neighbourStatistics(
    shape,
    { rows, numeric, categorical },
    target,
    asked,
    [2, 0, 1],
    counts,
    undefined,
  );

  const deviation = [0, 1].map((j) => {
    const column = Array.from({ length: rows }, (_, i) => numeric[2 * i + j]);
    const mean = column.reduce((sum, v) => sum + v, 0) / rows;
    return Math.sqrt(column.reduce((sum, v) => sum + (v - mean) ** 2, 0) / rows);
  });
  for (let row = 0; row < asked.rows; row++) {
    const distance = (i: number) =>
      [0, 1].reduce(
        (sum, j) => sum + ((numeric[2 * i + j] - asked.numeric[2 * row + j]) / deviation[j]) ** 2,
        categorical[i] === asked.categorical[row] ? 0 : 2,
      );
    const sorted = Array.from({ length: rows }, (_, i) => i).sort((a, b) => distance(a) - distance(b));
    for (const { k, mean, variance } of all) {
      const values = sorted.slice(0, k).map((i) => target[i]);
      const own = values.reduce((sum, v) => sum + v, 0) / k;
      expectClose([mean[row]], [own], { absolute: 1e-9 });
      expectClose([variance[row]], [values.reduce((sum, v) => sum + (v - own) ** 2, 0) / k], {
        absolute: 1e-9,
      });
    }
  }
  const order = Array.from({ length: rows }, (_, i) => (i * 77 + 5) % rows);
  const turned = {
    rows,
    numeric: Float32Array.from({ length: 2 * rows }, (_, i) => numeric[2 * order[i >> 1] + (i % 2)]),
    categorical: Int32Array.from(order, (i) => categorical[i]),
  };
  const other = neighbourStatistics(
    shape,
    turned,
    Float64Array.from(order, (i) => target[i]),
    asked,
    [2],
    counts,
    undefined,
  );
  const same = neighbourStatistics(
    shape,
    { rows, numeric, categorical },
    target,
    asked,
    [2],
    counts,
    undefined,
  );
  assert.ok(other.every(({ mean }, n) => mean.every((v, row) => Math.abs(v - same[n].mean[row]) < 1e-9)));
});
