import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../../engine/backend.js";
import { expectClose } from "../../engine/finite-differences.js";
import { normals, seedKey } from "../../engine/random.js";
import type { VarTJepaConfig } from "./config.js";
import {
  type GeneratedTable,
  generateFeatures,
  heldOutLogLikelihood,
  imputeCategory,
  imputeNumeric,
} from "./generate.js";
import { varTJepaDefaults } from "./published.js";
import { selectRows, type TableRows } from "./table.js";
import { initialVarTJepa } from "./var-t-jepa.js";

before(startEngine);

const stack = { layers: 1, heads: 1, norm: "post", activation: "gelu", dropout: 0 } as const;
const config: VarTJepaConfig = {
  ...varTJepaDefaults,
  table: { numeric: 2, cardinalities: [3, 2] },
  masks: { contextMin: 0.3, contextMax: 0.4, targetMin: 0.3, targetMax: 0.4, targetViews: 2 },
  encoder: { ...stack, width: 4, ff: 4 },
  predictor: { ...stack, width: 4, ff: 2 },
  initialLogSigma: Math.log(0.5),
};
const weights = initialVarTJepa(seedKey(1), config);
const input: TableRows = {
  rows: 3,
  numeric: normals(seedKey(2), 6),
  categorical: Int32Array.of(0, 1, 2, 0, 1, 1),
};

test("generation draws from the given features alone and says what it says per sample", () => {
  const [samples, key] = [5, seedKey(3)];
  const generated = generateFeatures(weights, config, input, [1, 3], [2, 0], samples, key);
  assert.deepEqual(
    generated.hidden.map(({ kind, feature }) => [kind, feature]),
    [
      ["categorical", 2],
      ["numeric", 0],
    ],
  );
  const [category, number] = generated.hidden;
  assert.ok(category.kind === "categorical" && number.kind === "numeric");
  expectClose([number.sigma], [0.5]);
  assert.equal(new Set(number.mean).size, samples * 3);
  for (let i = 0; i < samples * 3; i++)
    expectClose([category.probabilities.subarray(3 * i, 3 * i + 3).reduce((sum, p) => sum + p, 0)], [1]);

  const other = { ...input, numeric: input.numeric.slice(), categorical: input.categorical.slice() };
  other.numeric[0] = 9; // hidden
  other.categorical[0] = 2; // hidden
  assert.deepEqual(generateFeatures(weights, config, other, [1, 3], [2, 0], samples, key), generated);
  other.numeric[1] += 1; // given
  assert.notDeepEqual(generateFeatures(weights, config, other, [1, 3], [2, 0], samples, key), generated);
});

test("more samples begin with the same ones; a row's draws do not depend on the rows before the cut", () => {
  const key = seedKey(4);
  const mean = (generated: GeneratedTable) => {
    const [entry] = generated.hidden;
    assert.ok(entry.kind === "numeric");
    return entry.mean;
  };
  const two = mean(generateFeatures(weights, config, input, [1], [0], 2, key));
  const four = mean(generateFeatures(weights, config, input, [1], [0], 4, key));
  expectClose(four.subarray(0, 6), two);
  const head = mean(
    generateFeatures(weights, config, selectRows(config.table, input, [0, 1]), [1], [0], 1, key),
  );
  expectClose(head, two.subarray(0, 2), { absolute: 1e-5 });
  const many = { rows: 6000, numeric: new Float32Array(12_000), categorical: new Int32Array(12_000) };
  const spread = mean(generateFeatures(weights, config, many, [1], [0], 1, key));
  assert.ok(spread.every((v) => v !== 0) && new Set(spread).size > 5900);
});

test("imputation and held-out likelihood are those of the mixture over samples", () => {
  const generated: GeneratedTable = {
    samples: 2,
    rows: 3,
    hidden: [
      { kind: "numeric", feature: 0, sigma: 0.5, mean: Float32Array.of(1, 2, 3, 3, 2, -3) },
      {
        kind: "categorical",
        feature: 3,
        categories: 2,
        probabilities: Float32Array.of(0.1, 0.9, 1, 0, 0.5, 0.5, 0.3, 0.7, 1, 0, 0.1, 0.9),
      },
    ],
  };
  const [number, category] = generated.hidden;
  assert.ok(category.kind === "categorical" && number.kind === "numeric");
  const imputed = imputeNumeric(generated, number);
  expectClose(imputed.mean, [2, 2, 0]);
  expectClose(imputed.deviation, [Math.sqrt(1 + 0.25), 0.5, Math.sqrt(9 + 0.25)]);
  expectClose(imputeCategory(generated, category), [0.2, 0.8, 1, 0, 0.3, 0.7]);

  const density = (x: number, mean: number) =>
    Math.exp(-0.5 * ((x - mean) / 0.5) ** 2) / (0.5 * Math.sqrt(2 * Math.PI));
  const truth = { ...input, numeric: Float32Array.of(2, 0, 40, 0, 1, 0) };
  const likelihood = heldOutLogLikelihood(generated, number, config, truth);
  expectClose(
    [likelihood[0], likelihood[2]],
    [Math.log((density(2, 1) + density(2, 3)) / 2), Math.log((density(1, 3) + density(1, -3)) / 2)],
  );
  // So far out that the density itself is 0 in double precision: both samples say 2.
  expectClose([likelihood[1]], [-0.5 * (38 / 0.5) ** 2 - Math.log(0.5) - 0.5 * Math.log(2 * Math.PI)]);
  expectClose(heldOutLogLikelihood(generated, category, config, input), [
    Math.log(0.8),
    Math.log(1),
    Math.log(0.7),
  ]);
});

test("features that overlap, repeat or do not exist are refused; no tensor stays behind", () => {
  const key = seedKey(5);
  const before = tf.memory().numTensors;
  generateFeatures(weights, config, input, [1], [0, 2], 2, key);
  assert.equal(tf.memory().numTensors, before);
  assert.throws(() => generateFeatures(weights, config, input, [1], [1], 1, key), /feature 1 is named twice/);
  assert.throws(() => generateFeatures(weights, config, input, [1], [4], 1, key), /feature 4 does not exist/);
  assert.throws(() => generateFeatures(weights, config, input, [], [1], 1, key), /given is empty/);
  assert.throws(() => generateFeatures(weights, config, input, [0], [], 1, key), /hidden is empty/);
  assert.throws(() => generateFeatures(weights, config, input, [0], [1], 0, key), /samples is 0/);
});
