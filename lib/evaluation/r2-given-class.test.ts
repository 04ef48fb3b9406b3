import assert from "node:assert/strict";
import { test } from "node:test";
import { Matrix, solve } from "ml-matrix";
import { fold, normals, seedKey } from "../engine/random.js";
import { type ClassedRows, r2GivenClass } from "./r2-given-class.js";

const [columns, targets] = [3, 2];
const map = [1, -2, 0.5, 0, 1, 3];

/** Features and target share a class shift; target = features · map + noise besides, of standard deviation `noise`. */
function rowsOf(seed: number, rows: number, noise: number): ClassedRows {
  const draw = (label: string, count: number) => normals(fold(seedKey(seed), label), count);
  const labels = Uint8Array.from({ length: rows }, (_, row) => row % 2);
  const own = draw("f", rows * columns);
  const features = own.map((e, i) => e + 5 * labels[Math.floor(i / columns)]);
  const target = draw("t", rows * targets).map((e, i) => {
    const [row, k] = [Math.floor(i / targets), i % targets];
    let sum = noise * e + 20 * labels[row];
    for (let j = 0; j < columns; j++) sum += own[row * columns + j] * map[j * targets + k];
    return sum;
  });
  return { features, target, labels };
}

test("it is 1 − the ratio of errors of two regressions, the class among the regressors of both", () => {
  const [fitted, scored] = [rowsOf(1, 60, 2), rowsOf(2, 40, 2)];
  const design = ({ features, labels }: ClassedRows, withFeatures: boolean) =>
    new Matrix(
      Array.from({ length: labels.length }, (_, row) => [
        1 - labels[row],
        labels[row],
        ...(withFeatures ? features.subarray(row * columns, (row + 1) * columns) : []),
      ]),
    );
  const wanted = ({ target, labels }: ClassedRows) =>
    new Matrix(Array.from({ length: labels.length }, (_, row) => [...target.subarray(2 * row, 2 * row + 2)]));
  const error = (withFeatures: boolean) => {
    const weights = solve(design(fitted, withFeatures), wanted(fitted), true);
    const missed = Matrix.sub(wanted(scored), design(scored, withFeatures).mmul(weights));
    return missed.norm("frobenius") ** 2;
  };
  const found = r2GivenClass(fitted, scored, columns, targets);
  assert.ok(Math.abs(found - (1 - error(true) / error(false))) < 1e-9);
  assert.ok(found > 0.3 && found < 0.9);
});

test("a known share of the variance: |map|² / (|map|² + noise)", () => {
  const explained = map.reduce((sum, m) => sum + m * m, 0);
  for (const noise of [0.5, 2, 5]) {
    const found = r2GivenClass(rowsOf(3, 4000, noise), rowsOf(4, 4000, noise), columns, targets);
    const exact = explained / (explained + targets * noise * noise);
    assert.ok(Math.abs(found - exact) < 0.02, `${found} for ${exact}`);
  }
});

test("features that tell the class alone tell nothing beyond it; shift and scale of features do not count", () => {
  const [fitted, scored] = [rowsOf(5, 2000, 1), rowsOf(6, 2000, 1)];
  const classOnly = (rows: ClassedRows, seed: number): ClassedRows => ({
    ...rows,
    features: normals(seedKey(seed), rows.features.length).map(
      (e, i) => 9 * rows.labels[Math.floor(i / columns)] + e,
    ),
  });
  assert.ok(Math.abs(r2GivenClass(classOnly(fitted, 7), classOnly(scored, 8), columns, targets)) < 0.01);
  const tiny = (rows: ClassedRows): ClassedRows => ({
    ...rows,
    features: rows.features.map((v) => 1e-5 * v),
  });
  const constant = (rows: ClassedRows): ClassedRows => ({ ...rows, features: rows.features.map(() => 0.7) });
  const found = r2GivenClass(fitted, scored, columns, targets);
  assert.ok(Math.abs(r2GivenClass(tiny(fitted), tiny(scored), columns, targets) - found) < 1e-5);
  assert.ok(Math.abs(r2GivenClass(constant(fitted), constant(scored), columns, targets)) < 1e-9);
});

test("repeated and dead columns change nothing; a class that was not fitted on is refused", () => {
  const [fitted, scored] = [rowsOf(9, 300, 1), rowsOf(10, 300, 1)];
  const wider = (rows: ClassedRows): ClassedRows => ({
    ...rows,
    features: Float32Array.from({ length: rows.labels.length * 5 }, (_, i) =>
      i % 5 === 4 ? 0 : rows.features[Math.floor(i / 5) * columns + ((i % 5) % columns)],
    ),
  });
  const found = r2GivenClass(fitted, scored, columns, targets);
  assert.ok(Math.abs(r2GivenClass(wider(fitted), wider(scored), 5, targets) - found) < 1e-6);
  const other = { ...scored, labels: new Uint8Array(300).fill(2) };
  assert.throws(() => r2GivenClass(fitted, other, columns, targets), /labels holds the class 2/);
});
