import assert from "node:assert/strict";
import { test } from "node:test";
import type { DataSetCode } from "../../data/datasets/data-set.js";
import { checkVarTJepa } from "../../models/var-t-jepa.js";
import { publishedModel, publishedSettings } from "./published.js";

const features: Record<DataSetCode, number> = {
  AD: 14,
  CO: 54,
  EL: 8,
  CC: 23,
  BM: 16,
  MNIST: 784,
  SIM: 32,
};

test("every published setting makes a model that can be built", () => {
  for (const [dataset, numeric] of Object.entries(features) as [DataSetCode, number][])
    checkVarTJepa(publishedModel(dataset, { numeric, cardinalities: [] }));
});

test("cells of Table 7 where the data sets differ", () => {
  const { AD, CO, EL, MNIST, SIM } = publishedSettings;
  assert.deepEqual(
    [AD, CO, EL, MNIST, SIM].map(({ encoder: { layers, heads, ff } }) => [layers, heads, ff]),
    [
      [8, 4, 256],
      [8, 8, 64],
      [6, 4, 64],
      [8, 4, 128],
      [16, 2, 64],
    ],
  );
  assert.deepEqual(
    [AD, CO, EL, MNIST, SIM].map(({ weights }) => [weights.rec, weights.gen, weights.klSy]),
    [
      [0.1, 1, 1e-5],
      [0.001, 0.5, 1e-6],
      [0.001, 0.25, 1e-6],
      [0.001, 0.1, 1e-6],
      [0.001, 0.1, 1e-5],
    ],
  );
  assert.deepEqual([MNIST.batchSize, MNIST.predictor.width, EL.predictor.ff], [256, 32, 128]);
  assert.deepEqual(publishedSettings.BM, AD);
});
