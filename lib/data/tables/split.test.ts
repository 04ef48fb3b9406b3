import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { seedKey } from "../../engine/random.js";
import { splitTable } from "./split.js";
import type { Labels } from "./table.js";

const labelled = (counts: readonly number[]): { rows: number; labels: Labels } => {
  const codes = Int32Array.from(counts.flatMap((count, code) => Array<number>(count).fill(code)));
  return {
    rows: codes.length,
    labels: { name: "y", classes: counts.map(String), codes },
  };
};

test("every row is in exactly one part, and every class has 70, 10 and 20 % up to rounding", () => {
  const counts = fc.array(fc.integer({ min: 2, max: 60 }), { minLength: 5, maxLength: 8 });
  fc.assert(
    fc.property(counts, fc.nat(), (counts, seed) => {
      const table = labelled(counts);
      const { train, validation, test } = splitTable(table, seedKey(seed));
      const all = [...train, ...validation, ...test].sort((a, b) => a - b);
      assert.deepEqual(all, [...Array(table.rows).keys()]);
      counts.forEach((count, code) => {
        const within = (part: Int32Array) => part.filter((row) => table.labels.codes[row] === code).length;
        assert.equal(within(test), Math.round(0.2 * count));
        assert.equal(within(validation), Math.round(0.1 * count));
        assert.ok(within(train) >= 1);
      });
    }),
  );
});

test("the same key gives the same split, another key another, rows ascending", () => {
  const table = labelled([400, 100]);
  const split = splitTable(table, seedKey(1));
  assert.deepEqual(splitTable(table, seedKey(1)), split);
  assert.notDeepEqual(splitTable(table, seedKey(2)), split);
  for (const part of Object.values(split)) assert.deepEqual(part, part.slice().sort());
});

test("a row's part does not hang on its place in its class", () => {
  const inTest = new Float64Array(100);
  for (let seed = 0; seed < 400; seed++)
    for (const row of splitTable({ rows: 100 }, seedKey(seed)).test) inTest[row]++;
  for (const count of inTest) assert.ok(Math.abs(count / 400 - 0.2) < 0.1, `${count} of 400`);
});

test("a table without labels is split as one class; a tiny one is refused", () => {
  const { train, validation, test } = splitTable({ rows: 10 }, seedKey(1));
  assert.deepEqual([train.length, validation.length, test.length], [7, 1, 2]);
  assert.throws(() => splitTable({ rows: 9 }, seedKey(1)), {
    message: "the table has 9 rows; a split needs at least 10",
  });
});
