import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import fc from "fast-check";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { seedKey } from "../engine/random.js";
import { packParameters } from "../layers/parameters.js";
import { type Batch, BatchCut, shareGradient, shareOf, type Terms } from "./gradient.js";
import { task } from "./train-in-team.test-task.js";

before(startEngine);

const { parameters: weights, terms: fullTerms } = task({ seed: 1 });
const terms: Terms = (parameters, batch) => fullTerms(parameters, batch, {});
const batch: Batch = {
  rows: Int32Array.from({ length: 23 }, (_, i) => (i * 7) % 40),
  first: 0,
  size: 23,
  key: seedKey(5),
  step: 2,
};

/** Gradient and terms of the whole batch, summed over shares. */
function gradientIn(shares: number, microBatch: number): { flat: number[]; terms: Record<string, number> } {
  const theta = tf.tensor1d(weights.values);
  const flat = new Array<number>(weights.values.length).fill(0);
  const sums: Record<string, number> = {};
  for (let index = 0; index < shares; index++) {
    const share = shareOf(batch, index, shares);
    const gradient = shareGradient(theta, weights.layout, terms, batch, share, microBatch);
    gradient.flat.dataSync().forEach((g, i) => {
      flat[i] += g;
    });
    for (const [name, value] of Object.entries(gradient.terms)) sums[name] = (sums[name] ?? 0) + value;
    gradient.flat.dispose();
  }
  theta.dispose();
  return { flat, terms: sums };
}

test("however a batch is cut, its gradient and terms are those of the whole within rounding", () => {
  const whole = gradientIn(1, 23);
  assert.ok(whole.flat.some((g) => Math.abs(g) > 0.1));
  for (const [shares, microBatch] of [
    [1, 22],
    [1, 5],
    [1, 1],
    [4, 23],
    [3, 3],
    [25, 4],
  ]) {
    const cut = gradientIn(shares, microBatch);
    expectClose(cut.flat, whole.flat, { absolute: 1e-6, relative: 1e-5 });
    assert.deepEqual(Object.keys(cut.terms), Object.keys(whole.terms));
    expectClose(Object.values(cut.terms), Object.values(whole.terms), { absolute: 1e-6, relative: 1e-6 });
  }
});

test("shares follow one another, hold every row once and differ by at most one row", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 20 }), (rows, size) => {
      const whole = { ...batch, rows: Int32Array.from({ length: rows }, (_, i) => i), size: rows };
      const shares = Array.from({ length: size }, (_, index) => shareOf(whole, index, size));
      assert.deepEqual(
        shares.flatMap((share) => [...share.rows]),
        [...whole.rows],
      );
      for (const share of shares)
        if (share.rows.length > 0) {
          assert.equal(share.first, share.rows[0]);
          assert.equal(share.size, rows);
        }
      const lengths = shares.map((share) => share.rows.length);
      assert.ok(Math.max(...lengths) - Math.min(...lengths) <= 1);
      assert.ok(lengths[0] > 0);
    }),
  );
});

test("a cut batch whose terms compare rows is refused, and leaves no tensor behind", () => {
  const w = packParameters({ w: { shape: [2], values: Float32Array.of(3, 1) } });
  const comparing =
    (weight: number): Terms =>
    ({ w }, { rows }) => ({
      size: { weight: 1, value: tf.sum(tf.square(w)) as tf.Scalar, over: "rows" },
      range: { weight, value: tf.mul(tf.sum(tf.exp(w)), rows.length) as tf.Scalar, over: "batch" },
    });
  const theta = tf.tensor1d(w.values);
  const before = tf.memory().numTensors;
  const attempt = (weight: number, microBatch: number) =>
    shareGradient(theta, w.layout, comparing(weight), batch, batch, microBatch);
  assert.throws(
    () => attempt(0.5, 22),
    (error) =>
      error instanceof BatchCut && error.term === "range" && /all 23 rows .* see 22/.test(error.message),
  );
  assert.equal(tf.memory().numTensors, before);
  attempt(0.5, 23).flat.dispose();
  attempt(0, 5).flat.dispose();
  assert.equal(tf.memory().numTensors, before);
  theta.dispose();
});

test("a step without any weighted term is refused", () => {
  const theta = tf.tensor1d(weights.values);
  const idle: Terms = () => ({ idle: { weight: 0, value: tf.scalar(1), over: "rows" } });
  assert.throws(() => shareGradient(theta, weights.layout, idle, batch, batch, 23), /step 2 has no term/);
  theta.dispose();
});
