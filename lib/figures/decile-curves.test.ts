import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decileCurves, decileMeans, decileRows } from "./decile-curves.js";

const points = [
  { u: 0.05, value: 1, standardError: 0.01 },
  { u: 0.95, value: 0.2, standardError: 0.02 },
];

test("deciles hold every row once, in sizes that differ by at most one, in ascending ambiguity", () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(unit, { minLength: 10, maxLength: 60 }), (ambiguity) => {
      const groups = decileRows(ambiguity);
      const sizes = groups.map(({ length }) => length);
      assert.equal(groups.length, 10);
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
      const all = groups.flatMap((rows) => [...rows]);
      assert.deepEqual(
        [...all].sort((a, b) => a - b),
        ambiguity.map((_, row) => row),
      );
      assert.ok(all.every((row, i) => i === 0 || ambiguity[all[i - 1]] <= ambiguity[row]));
    }),
  );
  assert.throws(() => decileRows([0.1, 0.2]), /ambiguity has 2 entries; deciles need at least 10/);
});

test("mean and standard error of each decile", () => {
  const ambiguity = Array.from({ length: 20 }, (_, i) => 1 - i / 20);
  const means = decileMeans(
    ambiguity,
    ambiguity.map((_, i) => (i < 2 ? 4 * i : 7)),
  );
  assert.deepEqual(means[0], { u: (1 / 20 + 2 / 20) / 2, value: 7, standardError: 0 });
  assert.equal(means[9].value, 2);
  assert.ok(Math.abs(means[9].standardError - 2 / Math.sqrt(2)) < 1e-12);
  assert.throws(() => decileMeans(ambiguity, [1]), /values has 1 entries; give one for each of the 20 rows/);
});

test("curves with two standard errors to either side, and a reference over all u", () => {
  const { data } = decileCurves([{ name: "SIM", points }], {
    yLabel: "accuracy",
    reference: { name: "half", at: (u) => u / 2 },
  });
  const [curve, reference] = data;
  assert.deepEqual([curve.x, curve.y, curve.mode], [[0.05, 0.95], [1, 0.2], "lines+markers"]);
  assert.deepEqual((curve.error_y as { array: number[] }).array, [0.02, 0.04]);
  assert.deepEqual(
    [reference.name, (reference.y as number[])[0], (reference.y as number[])[50]],
    ["half", 0, 0.5],
  );
});

test("without connection, series stand side by side around their decile", () => {
  const series = ["a", "b"].map((name) => ({ name, points }));
  const { data } = decileCurves(series, { yLabel: "share", connected: false });
  assert.ok(data.every(({ mode }) => mode === "markers"));
  const [left, right] = data.map(({ x }) => (x as number[])[0]);
  assert.ok(left < 0.05 && 0.05 < right);
  assert.ok(Math.abs((left + right) / 2 - 0.05) < 1e-12);
});
