import assert from "node:assert/strict";
import { test } from "node:test";
import { normals, seedKey } from "../engine/random.js";
import { informationBracket } from "./information-bracket.js";

const d = 2;

/** s = scale · x + e^(logVariance/2) ε of given inputs. */
function latent(x: Float32Array, scale: number, logVariance: number) {
  const mean = x.map((v) => scale * v);
  const samples = normals(seedKey(2), x.length).map((e, i) => mean[i] + Math.exp(logVariance / 2) * e);
  return [{ mean, logVariance: new Float32Array(x.length).fill(logVariance) }, samples, d] as const;
}

test("a linear Gaussian latent of Gaussian input: I = d/2 · log(1 + scale²/σ²), between both bounds", () => {
  const rows = 800;
  const x = normals(seedKey(1), rows * d);
  for (const [scale, logVariance] of [
    [1, 0],
    [1, -2],
    [0.1, -1],
  ] as const) {
    const exact = (d / 2) * Math.log(1 + scale ** 2 / Math.exp(logVariance));
    const { lower, lowerError, upper, ceiling } = informationBracket(...latent(x, scale, logVariance));
    assert.equal(ceiling, Math.log(rows));
    assert.ok(lower < exact + 2 * lowerError && lower > exact - 0.15, `lower ${lower} for ${exact}`);
    assert.ok(lowerError < 0.05);
    assert.ok(Math.abs(upper - exact) < 0.05, `upper ${upper} for ${exact}`);
  }
});

test("far more information than log N: the lower bound ends there, the upper one does not", () => {
  const rows = 100;
  const { lower, upper, ceiling } = informationBracket(...latent(normals(seedKey(1), rows * d), 1, -20));
  assert.ok(lower <= ceiling + 1e-6 && lower > ceiling - 1e-2);
  const exact = (d / 2) * Math.log(1 + Math.exp(20));
  assert.ok(Math.abs(upper - exact) < 0.3, `upper ${upper} for ${exact}`);
});

test("two inputs: I = log 2 exactly; the upper bound is that of a Gaussian with the same moments", () => {
  const rows = 400;
  const x = Float32Array.from({ length: rows * d }, (_, i) =>
    i % d === 0 ? 1 - 2 * (Math.floor(i / d) % 2) : 0,
  );
  const { lower, upper } = informationBracket(...latent(x, 1, -6));
  assert.ok(Math.abs(lower - Math.log(2)) < 1e-6);
  assert.ok(Math.abs(upper - 0.5 * (Math.log(1 + Math.exp(-6)) + 6)) < 1e-6);
});

test("the upper bound is E KL(q ‖ N(0, I)) − KL(N(m, C) ‖ N(0, I)) with the moments of the mixture", () => {
  const rows = 50;
  const mean = normals(seedKey(3), rows * d).map((e, i) => 0.8 * e + (i % d));
  const logVariance = normals(seedKey(4), rows * d).map((e) => 0.5 * e - 1);
  const { upper } = informationBracket({ mean, logVariance }, mean, d);
  const average = (f: (row: number) => number) =>
    Array.from({ length: rows }, (_, row) => f(row)).reduce((sum, v) => sum + v, 0) / rows;
  const at = (row: number, j: number) => [mean[row * d + j], Math.exp(logVariance[row * d + j])];
  const term = (row: number, j: number) => {
    const [m, v] = at(row, j);
    return 0.5 * (v + m * m - 1 - Math.log(v));
  };
  const kl = average((row) => term(row, 0) + term(row, 1));
  const [m0, m1] = [0, 1].map((j) => average((row) => at(row, j)[0]));
  const [v0, v1] = [0, 1].map((j) => average((row) => at(row, j)[1] + at(row, j)[0] ** 2) - [m0, m1][j] ** 2);
  const cross = average((row) => at(row, 0)[0] * at(row, 1)[0]) - m0 * m1;
  const aggregate = 0.5 * (v0 + v1 + m0 ** 2 + m1 ** 2 - d - Math.log(v0 * v1 - cross ** 2));
  assert.ok(Math.abs(upper - (kl - aggregate)) < 1e-6, `${upper} for ${kl - aggregate}`);
});

test("no information: both bounds are 0; points are refused", () => {
  const x = new Float32Array(200 * d).fill(0.4);
  const { lower, upper } = informationBracket(...latent(x, 1, 0));
  assert.ok(Math.abs(lower) < 1e-6 && Math.abs(upper) < 1e-6);
  assert.throws(() => informationBracket(...latent(x, 1, Number.NEGATIVE_INFINITY)), /no finite information/);
});
