import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { expectClose } from "../../engine/finite-differences.js";
import { permutation, seedKey } from "../../engine/random.js";
import { classificationScores } from "./classification-scores.js";
import { keptScores, majorityShare, riskCoverage, selectiveScores } from "./selective.js";

const labels = [0, 0, 1, 1, 0, 1, 0, 0, 1, 0];
const predicted = [0, 0, 1, 0, 0, 1, 1, 0, 0, 1];
const uncertainty = [0.95, 0.2, 0.3, 0.9, 0.4, 0.5, 0.8, 0.6, 0.7, 1];

test("ten rows worked out by hand", () => {
  const [all, nine, eight, half] = selectiveScores(labels, predicted, uncertainty);
  assert.deepEqual(
    [all, nine, eight, half].map(({ kept }) => kept),
    [10, 9, 8, 5],
  );
  expectClose([all.accuracy, nine.accuracy, eight.accuracy, half.accuracy], [0.6, 6 / 9, 5 / 8, 1]);
  expectClose(half.classShares, [3 / 5, 2 / 5]);
  expectClose([majorityShare(half)], [3 / 5]);
  // Recalls are 4/6 and 2/4.
  expectClose([half.sameMixAccuracy], [(3 / 5) * (4 / 6) + (2 / 5) * (2 / 4)]);
  expectClose([half.randomAccuracy, half.randomDeviation], [0.6, Math.sqrt((0.24 / 5) * (5 / 9))]);
  const { risk, area, smallestArea } = riskCoverage(labels, predicted, uncertainty);
  expectClose(risk, [0, 0, 0, 0, 0, 1 / 6, 2 / 7, 3 / 8, 3 / 9, 4 / 10]);
  expectClose([area], [risk.reduce((sum, r) => sum + r, 0) / 10]);
  expectClose([smallestArea], [(1 / 7 + 2 / 8 + 3 / 9 + 4 / 10) / 10]);
});

test("F1s of the kept rows are those of the rows themselves; where a cut parts equal rows, of expected counts", () => {
  const order = Array.from(labels.keys()).sort((a, b) => uncertainty[a] - uncertainty[b]);
  for (const share of [0, 0.1, 0.2, 0.5]) {
    const rows = order.slice(0, Math.round(10 * (1 - share)));
    const alone = classificationScores(
      rows.map((row) => labels[row]),
      rows.map((row) => predicted[row]),
    );
    const scores = keptScores(labels, predicted, uncertainty, share);
    expectClose(Object.values(scores), Object.values(alone));
  }
  // All equal and half kept: of each class half the hits, so that the scores are those of all rows.
  const same = labels.map(() => 1);
  expectClose(
    Object.values(keptScores(labels, predicted, same, 0.5)),
    Object.values(classificationScores(labels, predicted)),
  );
  assert.throws(() => keptScores(labels, predicted, uncertainty, 1), /share of 1 leaves no row/);
});

const rowsOf = fc.array(fc.record({ label: fc.nat(2), predicted: fc.nat(2), uncertainty: fc.nat(4) }), {
  minLength: 1,
  maxLength: 40,
});

test("nothing dropped is plain accuracy, the curve ends at the error rate, and the order of rows is nothing", () => {
  fc.assert(
    fc.property(rowsOf, fc.nat(1000), (rows, seed) => {
      const columns = (list: typeof rows) =>
        [list.map((r) => r.label), list.map((r) => r.predicted), list.map((r) => r.uncertainty)] as const;
      const [truth, guess, doubt] = columns(rows);
      const { accuracy } = classificationScores(truth, guess);
      const [all] = selectiveScores(truth, guess, doubt, [0]);
      expectClose([all.accuracy, all.randomAccuracy, all.randomDeviation], [accuracy, accuracy, 0]);
      expectClose([all.sameMixAccuracy], [accuracy]);
      const { risk, area, smallestArea } = riskCoverage(truth, guess, doubt);
      expectClose([risk[risk.length - 1]], [1 - accuracy]);
      assert.ok(area >= smallestArea - 1e-12);
      const shuffled = columns(Array.from(permutation(seedKey(seed), rows.length), (i) => rows[i]));
      const shares = [0, 0.1, 0.3];
      const scores = (columns: readonly [number[], number[], number[]]) =>
        selectiveScores(...columns, shares).flatMap((s) => [s.accuracy, s.sameMixAccuracy]);
      expectClose(scores(shuffled), scores([truth, guess, doubt]), { absolute: 1e-9 });
      expectClose([riskCoverage(...shuffled).area], [area], { absolute: 1e-9 });
    }),
  );
});

test("dropping at random has the expectation and deviation that it is said to have", () => {
  const [{ kept, randomAccuracy, randomDeviation }] = selectiveScores(labels, predicted, uncertainty, [0.5]);
  const draws = Array.from({ length: 4000 }, (_, i) => {
    const chosen = permutation(seedKey(i), 10).subarray(0, kept);
    return chosen.reduce((hits, row) => hits + Number(labels[row] === predicted[row]), 0) / kept;
  });
  const mean = draws.reduce((sum, v) => sum + v, 0) / draws.length;
  const deviation = Math.sqrt(draws.reduce((sum, v) => sum + (v - mean) ** 2, 0) / draws.length);
  assert.ok(Math.abs(mean - randomAccuracy) < 0.01, `${mean}`);
  assert.ok(Math.abs(deviation - randomDeviation) < 0.01, `${deviation}`);
});

test("an uncertainty that is the same everywhere changes nothing at any coverage", () => {
  const same = labels.map(() => 1);
  for (const { accuracy, classShares } of selectiveScores(labels, predicted, same)) {
    expectClose([accuracy], [0.6]);
    expectClose(classShares, [0.6, 0.4]);
  }
  expectClose(riskCoverage(labels, predicted, same).risk, new Float64Array(10).fill(0.4));
});

test("what makes no sense is refused", () => {
  assert.throws(() => selectiveScores(labels, predicted, [1]), /uncertainty 1; give as many/);
  assert.throws(() => selectiveScores(labels, predicted, uncertainty, [1]), /share of 1 leaves no row/);
  assert.throws(() => selectiveScores(labels, predicted, uncertainty, [-0.1]), /share of -0.1/);
  assert.throws(() => riskCoverage([0], [0], [Number.NaN]), /NaN/);
});
