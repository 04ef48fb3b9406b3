import assert from "node:assert/strict";
import { test } from "node:test";
import { seedKey } from "../../engine/random.js";
import { loadDigits } from "../digits.js";
import { numericColumns } from "../tables/table.js";
import { corruptedDigits } from "./mnist.js";

const splits = [loadDigits({ split: "train", limit: 30 }), loadDigits({ split: "test", limit: 10 })];
const table = corruptedDigits(seedKey(3), splits, 40);
const imageOf = (row: number) => numericColumns(table).map(({ values }) => values[row]);

test("all digits of all splits are drawn once, with their classes", () => {
  const drawn = [...table.labels!.codes].sort();
  assert.deepEqual(drawn, splits.flatMap(({ labels }) => [...labels]).sort());
  assert.equal(table.columns.length, 784);
});

test("each image is (1 − 0.75u) digit + 0.75u noise: on blank paper the noise alone, uniform up to 0.75u", () => {
  const corner = Array.from({ length: 40 }, (_, row) => imageOf(row).slice(0, 56));
  corner.forEach((noise, row) => {
    const share = 0.75 * table.ambiguity![row];
    const scaled = noise.map((value) => value / share);
    assert.ok(scaled.every((value) => value > 0 && value < 1 + 1e-6));
    const mean = scaled.reduce((sum, value) => sum + value, 0) / scaled.length;
    assert.ok(Math.abs(mean - 0.5) < 0.17, `mean ${mean}`);
  });
  const ink = Math.max(...imageOf(table.ambiguity!.indexOf(Math.min(...table.ambiguity!))));
  assert.ok(ink > 0.9 && ink <= 1);
});

test("fewer rows are a part of the draw; another key draws others", () => {
  const few = corruptedDigits(seedKey(3), splits, 5);
  assert.equal(few.rows, 5);
  assert.deepEqual([...few.labels!.codes], [...table.labels!.codes.subarray(0, 5)]);
  assert.notDeepEqual(corruptedDigits(seedKey(4), splits, 40).ambiguity, table.ambiguity);
});
