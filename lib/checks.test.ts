import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { checkWhole, differingField, sameData } from "./checks.js";

test("plain data are the same exactly where Node.js says so", () => {
  const few = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(0, -0, Number.NaN, undefined, {}, []));
  fc.assert(
    fc.property(few, few, (a, b) => {
      assert.equal(sameData(a, b), isDeepStrictEqual(a, b));
      assert.ok(sameData(a, structuredClone(a)));
    }),
  );
  assert.ok(sameData({ a: 1, b: [{ c: 2 }] }, { b: [{ c: 2 }], a: 1 }));
  for (const other of [
    { a: 1 },
    { a: 1, b: [] },
    { a: 1, b: [2], c: 3 },
    { a: 1, c: [2] },
    { a: 1, b: { 0: 2 } },
  ])
    assert.ok(!sameData({ a: 1, b: [2] }, other));
});

test("the first field that differs is named, whichever record has it", () => {
  assert.equal(differingField({ a: [1], b: Number.NaN }, { b: Number.NaN, a: [1] }), undefined);
  assert.equal(differingField({ a: 1, b: 2, c: 3 }, { a: 1, b: 3 }), "b");
  assert.equal(differingField({ a: 1 }, { a: 1, z: null }), "z");
});

test("a whole number is from the least on, and up to the most where there is one", () => {
  for (const good of [2, 3, 2 ** 60]) checkWhole("draws", good, 2);
  for (const good of [2, 3]) checkWhole("draws", good, 2, 3);
  for (const bad of [1, 2.5, Number.NaN, Number.POSITIVE_INFINITY, "2", undefined])
    assert.throws(
      () => checkWhole("draws", bad, 2),
      /^Error: draws is .*; use a whole number of at least 2$/,
    );
  assert.throws(() => checkWhole("draws", 4, 2, 3), /draws is 4; use a whole number from 2 to 3$/);
});
