import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { encodeTable } from "../data/tables/preprocess.js";
import { splitTable } from "../data/tables/split.js";
import { startEngine } from "../engine/backend.js";
import { seedKey } from "../engine/random.js";
import { messyTable, untrainedVarTJepa } from "../inference/messy.test-table.js";
import { comparePredictors, type SettledPredictor } from "./compare-predictors.js";
import { compareWithControls, rawSource, tableSource, trainedSource } from "./controls.js";
import { predictRows } from "./predict-rows.js";
import { boostedTrees } from "./predictors/boosted-trees.js";
import { linear } from "./predictors/linear.js";

before(startEngine);

const probe = { epochs: 5, batchSize: 32, learningRate: 1e-2, weightDecay: 0 };
const few = { ...boostedTrees.defaults, trees: 4 };
const settled: SettledPredictor[] = [
  { name: "linear", fit: (key, x, y, split, tell) => linear.fit(key, x, y, split, probe, tell) },
  { name: "trees", fit: (key, x, y, split, tell) => boostedTrees.fit(key, x, y, split, few, tell) },
];
const table = messyTable();
const model = untrainedVarTJepa(table);
const encoded = encodeTable(model.schema, table);
const split = splitTable(table, seedKey(1));

test("a linear predictor is the linear probe, on codes as on indicators; each source is computed once", async () => {
  let computed = 0;
  const trained = trainedSource(model, encoded);
  const counted = {
    ...trained,
    compute: () => {
      computed++;
      return trained.compute();
    },
  };
  const told: [number, number, string][] = [];
  const sources = [counted, tableSource(encoded)];
  const lines = await comparePredictors(seedKey(2), encoded, sources, settled, split, (...words) =>
    told.push(words),
  );
  assert.equal(computed, 1);
  assert.deepEqual(
    lines.map(({ predictor, features, seed, selective }) => [
      predictor,
      features,
      seed,
      selective.map(({ by }) => by).join(),
    ]),
    [
      ["linear", "trained", 4, "posterior,probe"],
      ["trees", "trained", 4, "posterior,probe"],
      ["linear", "raw", null, "probe"],
      ["trees", "raw", null, "probe"],
    ],
  );
  const controls = await compareWithControls(seedKey(2), encoded, [trained, rawSource(encoded)], split, {
    probe,
  });
  for (const [i, { selective, accuracy, macroF1 }] of controls.entries()) {
    const line = lines[2 * i];
    assert.deepEqual([line.selective, line.accuracy, line.macroF1], [selective, accuracy, macroF1]);
    assert.equal(line.standardError, Math.sqrt((accuracy * (1 - accuracy)) / split.test.length));
    assert.deepEqual(line.settings, probe);
  }
  const done = told.map(([share]) => share);
  assert.deepEqual(
    done,
    [...done].sort((a, b) => a - b),
  );
  assert.deepEqual(told.at(-1), [4, 4, "trees, raw"]);
});

test("a table without labels, and new rows of another shape, are refused", async () => {
  await assert.rejects(
    comparePredictors(seedKey(1), {}, [tableSource(encoded)], settled, split),
    /the table has no labels/,
  );
  const features = { values: new Float32Array(6), shape: [3, 2, 1] as const };
  const fresh = { values: new Float32Array(6), shape: [2, 3, 1] as const };
  const rows = { train: Int32Array.of(0, 1), test: Int32Array.of(2) };
  await assert.rejects(
    predictRows(seedKey(1), settled[0], features, [0, 1, 0], rows, fresh),
    /new rows have features of the shape \[3, 1\], those learned from \[2, 1\]; make both with the same model/,
  );
});
