import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey, uniforms } from "../engine/random.js";
import {
  ambiguityDetection,
  rocCurve,
  standardised,
  uncertaintyRelations,
} from "./uncertainty-vs-ambiguity.js";

test("standardised: mean 0 and standard deviation 1; zeros for a constant", () => {
  expectClose(standardised([1, 3, 1, 3]), [-1, 1, -1, 1]);
  assert.deepEqual([...standardised([2, 2])], [0, 0]);
});

test("the area is 1 for a perfect order, 0 for a reversed one, ½ for a constant, and that of a worked example", () => {
  const positive = [false, false, true, true];
  assert.equal(rocCurve([1, 2, 3, 4], positive).area, 1);
  assert.equal(rocCurve([4, 3, 2, 1], positive).area, 0);
  assert.equal(rocCurve([1, 1, 1, 1], positive).area, 0.5);
  const { area, falsePositive, truePositive } = rocCurve([1, 3, 3, 4], positive);
  // Of four pairs three are in order and one is equal.
  assert.equal(area, 3.5 / 4);
  assert.deepEqual([...falsePositive], [0, 0, 0.5, 1]);
  assert.deepEqual([...truePositive], [0, 0.5, 1, 1]);
});

test("the area is the share of pairs in order", () => {
  const row = fc.record({ score: fc.nat(5), positive: fc.boolean() });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), (rows) => {
      const positives = rows.filter((r) => r.positive);
      const negatives = rows.filter((r) => !r.positive);
      fc.pre(positives.length > 0 && negatives.length > 0);
      const pairs = positives.flatMap((p) => negatives.map((n) => (Math.sign(p.score - n.score) + 1) / 2));
      const { area } = rocCurve(
        rows.map((r) => r.score),
        rows.map((r) => r.positive),
      );
      expectClose([area], [pairs.reduce((sum, v) => sum + v, 0) / pairs.length], { absolute: 1e-12 });
    }),
  );
});

test("detection marks the rows above the quantile: a tenth of them", () => {
  const u = uniforms(seedKey(2), 1000);
  const { area, truePositive, falsePositive } = ambiguityDetection(u, u);
  assert.equal(area, 1);
  assert.equal(truePositive[100], 1);
  assert.equal(falsePositive[100], 0);
  assert.ok(Math.abs(ambiguityDetection(normals(seedKey(3), 1000), u).area - 0.5) < 0.08);
});

test("relations: with u, and with the class alone", () => {
  const labels = Int32Array.from({ length: 400 }, (_, i) => i % 2);
  const byClass = uncertaintyRelations(labels, labels);
  expectClose([byClass.classShare, ...byClass.classMeans], [1, -1, 1]);
  assert.equal(byClass.ambiguity, null);
  const u = uniforms(seedKey(4), 400);
  const byAmbiguity = uncertaintyRelations(u, labels, u);
  expectClose([byAmbiguity.ambiguity as number], [1]);
  assert.ok(byAmbiguity.classShare < 0.03);
});

test("what does not fit is refused", () => {
  assert.throws(() => rocCurve([1, 2], [true, true]), /needs both kinds/);
  assert.throws(() => rocCurve([1], [true, false]), /1 scores with 1 positive of 2 rows/);
  assert.throws(() => uncertaintyRelations([1], [1, 0]), /give as many/);
});
