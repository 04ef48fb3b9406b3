import assert from "node:assert/strict";
import { test } from "node:test";
import { Matrix, pseudoInverse } from "ml-matrix";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { rawFeatures, sparseFeatures } from "./raw-features.js";
import { ridgeOn } from "./ridge.js";

const shape = { numeric: 3, cardinalities: [3, 3] };

/** Column 2 is constant and the second category copies the first. */
function table(rows: number) {
  const draws = normals(seedKey(3), 4 * rows);
  const numeric = Float32Array.from({ length: 3 * rows }, (_, i) =>
    i % 3 === 2 ? 5 : draws[4 * Math.floor(i / 3) + (i % 3)],
  );
  const categorical = Int32Array.from({ length: 2 * rows }, (_, i) => (i >> 1) % 3);
  const target = Float64Array.from({ length: rows }, (_, row) => 40 + draws[4 * row] + draws[4 * row + 3]);
  return { input: { rows, numeric, categorical }, target };
}

const near = (absolute: number) => ({ absolute, relative: 0 });

/** The closed form on centred columns by the pseudo-inverse: predictions of some rows from others. */
function closedForm(x: Matrix, y: Float64Array, asked: Matrix, lambda: number): number[] {
  const means = x.mean("column");
  const mean = y.reduce((sum, v) => sum + v, 0) / y.length;
  const centred = x.clone().subRowVector(means);
  const right = centred.transpose().mmul(Matrix.columnVector(Array.from(y, (v) => v - mean)));
  const left = centred.transpose().mmul(centred).add(Matrix.eye(x.columns).mul(lambda));
  const weights = pseudoInverse(left).mmul(right);
  return asked
    .clone()
    .subRowVector(means)
    .mmul(weights)
    .to1DArray()
    .map((v) => v + mean);
}

test("predictions and leave-one-out residuals are those of the closed form, row left out by row", () => {
  // With 6 rows there are more columns (9) than rows.
  for (const [rows, lambda] of [
    [40, 0.7],
    [6, 0.01],
  ]) {
    const { input, target } = table(rows);
    const features = sparseFeatures(shape, [input], [0, 1, 2, 3, 4])[0];
    const dense = dense64(rows, rawFeatures(shape, input).values, features.numbers, features.numberCount);
    const ridge = ridgeOn(features)(target)(lambda);
    expectClose(ridge.predict(features), closedForm(dense, target, dense, lambda), near(1e-6));
    const misses = Array.from({ length: rows }, (_, row) => {
      const others = Array.from({ length: rows }, (_, i) => i).filter((i) => i !== row);
      const kept = dense.selection(
        others,
        Array.from({ length: dense.columns }, (_, j) => j),
      );
      const own = Matrix.rowVector(dense.getRow(row));
      return (
        target[row] -
        closedForm(
          kept,
          target.filter((_, i) => i !== row),
          own,
          lambda,
        )[0]
      );
    });
    expectClose(ridge.leaveOneOut(), misses, near(1e-5));
  }
});

/** `rawFeatures` with its numbers replaced by the standardised ones. */
function dense64(rows: number, values: Float32Array, numbers: Float64Array, count: number): Matrix {
  const columns = values.length / rows;
  return Matrix.from1DArray(
    rows,
    columns,
    Array.from(values, (v, i) => {
      const [row, j] = [Math.floor(i / columns), i % columns];
      return j < count ? numbers[row * count + j] : v;
    }),
  );
}

test("one row, and no columns at all", () => {
  const { input, target } = table(1);
  const features = sparseFeatures(shape, [input], [0, 3])[0];
  const ridge = ridgeOn(features)(target)(1);
  expectClose(ridge.predict(features), target, near(1e-9));
  assert.ok(ridge.leaveOneOut().every(Number.isFinite));
  const none = sparseFeatures(shape, [table(4).input], [])[0];
  expectClose(ridgeOn(none)(Float64Array.of(1, 2, 3, 6))(1).predict(none), [3, 3, 3, 3], near(1e-12));
});
