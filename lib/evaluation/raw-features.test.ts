import assert from "node:assert/strict";
import { test } from "node:test";
import { flatColumns } from "./predictors/predictor.js";
import { rawFeatures, sparseFeatures, tableFeatures } from "./raw-features.js";

const shape = { numeric: 2, cardinalities: [3, 2] };
const input = {
  rows: 2,
  numeric: Float32Array.of(1, 2, 3, 4),
  categorical: Int32Array.of(2, 0, 1, 1),
};

test("numbers as they are, categories as indicators; chosen features in the order asked for", () => {
  const all = rawFeatures(shape, input);
  assert.equal(all.columns, 7);
  assert.deepEqual([...all.values], [1, 2, 0, 0, 1, 1, 0, 3, 4, 0, 1, 0, 0, 1]);
  const some = rawFeatures(shape, input, [3, 1]);
  assert.deepEqual([...some.values], [1, 0, 2, 0, 1, 4]);
  assert.deepEqual(rawFeatures(shape, input, []), { values: new Float32Array(0), columns: 0 });
});

test("a table's features are one number each, categories by their codes, and flat they are the raw features", () => {
  const features = tableFeatures(shape, input);
  assert.deepEqual([...features.values], [1, 2, 2, 0, 3, 4, 1, 1]);
  assert.deepEqual(
    [features.shape, features.categories],
    [
      [2, 4, 1],
      [0, 0, 3, 2],
    ],
  );
  const { values, columns, isIndicator } = flatColumns(features);
  assert.deepEqual({ values, columns }, rawFeatures(shape, input));
  assert.deepEqual([1, 2, 6].map(isIndicator), [false, true, true]);
});

test("sparse features are the same in a fixed order, numbers standardised over the first table's rows", () => {
  const [own, other] = sparseFeatures(
    shape,
    [input, { ...input, numeric: Float32Array.of(5, 2, 1, 9) }],
    [3, 1, 2],
  );
  assert.deepEqual([own.rows, own.columns, own.numberCount, own.indicatorCount], [2, 6, 1, 2]);
  assert.deepEqual([...own.numbers], [-1, 1]);
  assert.deepEqual([...other.numbers], [-1, 6]);
  assert.deepEqual([...own.indicators], [3, 4, 2, 5]);
  const constant = { ...input, numeric: Float32Array.of(7, 2, 7, 4) };
  assert.ok(sparseFeatures(shape, [constant, input], [0])[1].numbers.every((v) => v === 0));
});
