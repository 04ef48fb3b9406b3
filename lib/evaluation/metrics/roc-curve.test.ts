import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { expectClose } from "../../engine/finite-differences.js";
import { rocAuc, rocCurve } from "./roc-curve.js";

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

/** Share of the pairs of a member and a non-member of class `c` that its probability puts in order (Mann–Whitney). */
function pairsInOrder(labels: number[], probabilities: number[], classes: number, c: number): number {
  let [won, pairs] = [0, 0];
  labels.forEach((label, i) => {
    if (label !== c) return;
    labels.forEach((other, j) => {
      if (other === c) return;
      pairs++;
      won += (Math.sign(probabilities[i * classes + c] - probabilities[j * classes + c]) + 1) / 2;
    });
  });
  return won / pairs;
}

test("of two classes the area is that of the second, of more the mean of one against the rest, by counting pairs", () => {
  const labels = [0, 1, 1, 0, 1];
  const second = [0.2, 0.9, 0.4, 0.4, 0.1];
  const both = second.flatMap((p) => [1 - p, p]);
  // Pairs (1, 0): .9 beats both, .4 beats .2 and ties .4, .1 beats none: 3.5 of 6.
  expectClose([rocAuc(labels, both, 2)], [3.5 / 6]);
  expectClose([pairsInOrder(labels, both, 2, 1)], [3.5 / 6]);

  const three = [0, 1, 2, 2, 1, 0, 2, 0];
  const probabilities = three.flatMap((_, i) => {
    const parts = [1 + (i % 3), 1 + ((2 * i) % 5), 1 + ((3 * i) % 4)];
    return parts.map((part) => part / parts.reduce((sum, v) => sum + v, 0));
  });
  const mean = (classes: number[]) =>
    classes.reduce((sum, c) => sum + pairsInOrder(three, probabilities, 3, c), 0) / classes.length;
  expectClose([rocAuc(three, probabilities, 3)], [mean([0, 1, 2])]);
  // A class that does not occur among the rows has no curve and does not count.
  const [fewer, kept] = [three.slice(0, 2), probabilities.slice(0, 6)];
  const areas = [0, 1].map((c) => pairsInOrder(fewer, kept, 3, c));
  expectClose([rocAuc(fewer, kept, 3)], [(areas[0] + areas[1]) / 2]);
});

test("what does not fit is refused", () => {
  assert.throws(() => rocCurve([1, 2], [true, true]), /needs both kinds/);
  assert.throws(() => rocCurve([1], [true, false]), /1 scores with 1 positive of 2 rows/);
  assert.throws(() => rocAuc([1, 1], [0, 1, 0, 1], 2), /needs both kinds/);
});
