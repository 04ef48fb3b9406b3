import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { expectClose } from "../../engine/finite-differences.js";
import { midRanks, rankShareOfGroups, rowsOfGroups, spearman, spearmanWithin } from "./ranks.js";

test("equal values share the mean of their ranks", () => {
  assert.deepEqual([...midRanks([30, 10, 20, 20, 5, 20])], [6, 2, 4, 4, 1, 4]);
});

test("Spearman with ties, worked out by hand", () => {
  // Ranks 1 2.5 2.5 4 and 1 3 3 3 … centred: (−1.5, 0, 0, 1.5) and (−1.5, .5, .5, .5).
  expectClose([spearman([1, 2, 2, 3], [7, 9, 9, 9])], [3 / Math.sqrt(4.5 * 3)], { relative: 1e-12 });
});

test("Spearman is 1 for any rising map, −1 for a falling one, NaN against a constant", () => {
  const distinct = fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 40 });
  fc.assert(
    fc.property(distinct, (values) => {
      const rising = values.map((v) => v ** 3 + v);
      expectClose([spearman(values, rising)], [1], { absolute: 1e-12 });
      expectClose(
        [
          spearman(
            values,
            rising.map((v) => -v),
          ),
        ],
        [-1],
        { absolute: 1e-12 },
      );
      assert.ok(
        Number.isNaN(
          spearman(
            values,
            values.map(() => 4),
          ),
        ),
      );
    }),
  );
});

test("groups that separate two halves explain 3/4 · n²/(n² − 1) of the ranks, unrelated groups nothing", () => {
  const values = [1, 2, 3, 4];
  expectClose([rankShareOfGroups(values, [0, 0, 1, 1])], [0.8], { relative: 1e-12 });
  expectClose([rankShareOfGroups(values, [0, 1, 1, 0])], [0], { absolute: 1e-12 });
  expectClose([rankShareOfGroups(values, [0, 1, 2, 3])], [1], { relative: 1e-12 });
});

test("within groups what the groups explain does not count", () => {
  const [a, b] = [
    [1, 2, 11, 12, 13, 14],
    [2, 1, 11, 12, 14, 13],
  ];
  const groups = [0, 0, 1, 1, 1, 1];
  // Six ranks with two neighbours exchanged twice: 1 − 6 · 4 / (6 · 35). Four with one: 1 − 6 · 2 / (4 · 15).
  expectClose([spearman(a, b)], [1 - 24 / 210], { relative: 1e-12 });
  expectClose([spearmanWithin(a, b, groups)], [(2 * -1 + 4 * 0.8) / 6], { relative: 1e-12 });
  assert.ok(Number.isNaN(spearmanWithin([1, 1, 2, 3, 4, 5], b, groups)));
  assert.deepEqual(rowsOfGroups([2, 0, 2]), [[1], [0, 2]]);
});

test("NaN and lengths that differ are refused", () => {
  assert.throws(() => midRanks([1, Number.NaN]), /value 1 is NaN/);
  assert.throws(() => spearman([1, 2], [1]), /2 with 1 values/);
});
