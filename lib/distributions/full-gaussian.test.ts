import assert from "node:assert/strict";
import { test } from "node:test";
import { CholeskyDecomposition, EigenvalueDecomposition, inverse, Matrix } from "ml-matrix";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import {
  centredLogProb,
  choleskyFactor,
  halfLogDeterminant,
  solveLower,
  solveUpper,
  timesLower,
  timesUpper,
} from "./full-gaussian.js";

const d = 4;
const root = new Matrix(d, d);
normals(seedKey(1), d * d).forEach((v, i) => {
  root.set(Math.floor(i / d), i % d, v);
});
const covariance = root.mmul(root.transpose()).add(Matrix.eye(d));
const factor = choleskyFactor(Float64Array.from(covariance.to1DArray()), d)!;
const lower = new CholeskyDecomposition(covariance).lowerTriangularMatrix;
const close = (actual: ArrayLike<number>, expected: ArrayLike<number>) =>
  expectClose(actual, expected, { absolute: 1e-10, relative: 1e-10 });

test("the factor, and what is done with it, are those of another library", () => {
  close(factor, lower.to1DArray());
  const v = Float64Array.of(1, -2, 0.5, 3);
  const column = Matrix.columnVector([...v]);
  const times = (matrix: Matrix) => matrix.mmul(column).to1DArray();
  close(solveLower(factor, v.slice()), times(inverse(lower)));
  close(solveUpper(factor, v.slice()), times(inverse(lower.transpose())));
  close(timesLower(factor, v.slice()), times(lower));
  close(timesUpper(factor, v.slice()), times(lower.transpose()));
});

test("the log density follows the definition, by eigenvalues", () => {
  const logDeterminant = new EigenvalueDecomposition(covariance).realEigenvalues.reduce(
    (sum, value) => sum + Math.log(value),
    0,
  );
  close([2 * halfLogDeterminant(factor, d)], [logDeterminant]);
  const v = Float64Array.of(0.3, 1, -1, 0.2);
  const column = Matrix.columnVector([...v]);
  const squared = column.transpose().mmul(inverse(covariance)).mmul(column).get(0, 0);
  close([centredLogProb(factor, v)], [-0.5 * (squared + logDeterminant + d * Math.log(2 * Math.PI))]);
});

test("a matrix that is not positive definite has no factor", () => {
  assert.equal(choleskyFactor(Float64Array.of(1, 2, 2, 1), 2), undefined);
  assert.equal(choleskyFactor(Float64Array.of(0), 1), undefined);
  assert.equal(choleskyFactor(Float64Array.of(Number.NaN), 1), undefined);
});
