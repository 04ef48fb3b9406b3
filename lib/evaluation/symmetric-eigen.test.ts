import assert from "node:assert/strict";
import { test } from "node:test";
import { Matrix } from "ml-matrix";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { embeddingDiagnostics } from "./embedding-diagnostics.js";
import { principalPlane } from "./principal-plane.js";
import { spectrum } from "./symmetric-eigen.js";

test("a known spectrum comes back at every scale, eigenvectors with it", () => {
  // Second differences: 2 − 2·cos(kπ/(n + 1)).
  const n = 20;
  const known = Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)));
  for (const scale of [1, 1e-300, 1e300]) {
    const matrix = Matrix.zeros(n, n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) matrix.set(i, j, i === j ? 2 * scale : Math.abs(i - j) === 1 ? -scale : 0);
    const { values, vectors } = spectrum(matrix);
    values.forEach((value, k) => {
      assert.ok(Math.abs(value / scale - known[k]) < 1e-12);
    });
    const back = matrix
      .div(scale)
      .mmul(vectors)
      .sub(vectors.mmul(Matrix.diag(known)));
    assert.ok(back.norm() < 1e-12);
  }
});

test("what rounding alone makes is 0: rank 2 of 60, repeated rows, zeros", () => {
  const draws = normals(seedKey(1), 2 * 60);
  const two = new Matrix([Array.from(draws.subarray(0, 60)), Array.from(draws.subarray(60))]);
  const rank = (matrix: Matrix) => spectrum(matrix).values.filter((value) => value > 0).length;
  assert.equal(rank(two.transpose().mmul(two)), 2);
  const repeated = new Matrix(Array.from({ length: 60 }, (_, i) => two.getRow(i % 2)));
  assert.equal(rank(repeated.mmul(repeated.transpose())), 2);
  assert.deepEqual(spectrum(Matrix.zeros(5, 5)).values, [0, 0, 0, 0, 0]);
  assert.deepEqual(spectrum(Matrix.zeros(1, 1).fill(3)).values, [3]);
  assert.throws(() => spectrum(Matrix.eye(2).mul(Number.NaN)), /not finite/);
});

test("thousands of matrices of repeated, constant and tiny rows end, at finite numbers", () => {
  const draws = normals(seedKey(2), 100_000);
  let at = 0;
  const draw = () => draws[at++ % draws.length];
  for (let i = 0; i < 3000; i++) {
    const [rows, columns] = [2 + (i % 9), 1 + (i % 7)];
    const distinct = Array.from({ length: 1 + (i % 3) }, () =>
      Array.from({ length: columns }, () => Math.round(2 * draw()) * 10 ** Math.round(30 * draw())),
    );
    const matrix = new Matrix(Array.from({ length: rows }, (_, row) => distinct[row % distinct.length]));
    const { values } = spectrum(matrix.mmul(matrix.transpose()));
    assert.ok(values.every((value) => Number.isFinite(value) && value >= 0));
  }
});

test("tables whose rows repeat have the rank of their distinct rows", () => {
  const columns = 24;
  const distinct = normals(seedKey(3), 3 * columns);
  const values = Float32Array.from(
    { length: 600 * columns },
    (_, i) => distinct[(Math.floor(i / columns) % 3) * columns + (i % columns)],
  );
  const { effectiveRank, deadShare } = embeddingDiagnostics(values, columns);
  assert.ok(effectiveRank > 1 && effectiveRank <= 2, `${effectiveRank}`);
  assert.equal(deadShare, 0);
  assert.equal(
    embeddingDiagnostics(
      values.map(() => 4),
      columns,
    ).effectiveRank,
    0,
  );
  assert.equal(
    new Set(principalPlane(values, columns).map(([x, y]) => `${x.toFixed(4)} ${y.toFixed(4)}`)).size,
    3,
  );
  values[7] = Number.NaN;
  assert.throws(() => embeddingDiagnostics(values, columns), /not finite/);
});

test("the plane of rows that spread along one axis, or along none, or have one number", () => {
  const along = Float32Array.from({ length: 50 * 3 }, (_, i) => Math.floor(i / 3));
  for (const [x, y] of principalPlane(along, 3)) {
    assert.ok(Math.abs(x) < 43);
    assert.equal(y, 0);
  }
  expectClose(principalPlane(Float32Array.of(1, 2, 3, 1, 2, 3), 3).flat(), [0, 0, 0, 0]);
  expectClose(principalPlane(Float32Array.of(1, 3), 1).flat(), [-1, 0, 1, 0]);
});

test("the rank of 5,000 rows of 900 numbers, 40 distinct ones, ends", () => {
  const [rows, columns] = [5000, 900];
  const distinct = normals(seedKey(4), 40 * columns);
  const values = Float32Array.from(
    { length: rows * columns },
    (_, i) => distinct[(Math.floor(i / columns) % 40) * columns + (i % columns)],
  );
  const { effectiveRank } = embeddingDiagnostics(values, columns);
  assert.ok(effectiveRank > 35 && effectiveRank <= 39, `${effectiveRank}`);
});
