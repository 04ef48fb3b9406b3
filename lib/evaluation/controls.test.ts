import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { simTableDefaults, simulateTable } from "../data/datasets/sim.js";
import { encodeTable, fitSchema } from "../data/tables/preprocess.js";
import { splitTable } from "../data/tables/split.js";
import { startEngine, tf } from "../engine/backend.js";
import { seedKey } from "../engine/random.js";
import { tableShape } from "../families/table.js";
import { initialTJepa } from "../models/t-jepa.js";
import { initialVarTJepa } from "../models/var-t-jepa.js";
import { smallTJepa, smallVarTJepa } from "../training/tabular.test-table.js";
import { controlTable } from "./control-table.js";
import { compareWithControls, rawSource, trainedSource, untrainedSources } from "./controls.js";

before(startEngine);

const sizes = { rows: 400, numericFeatures: 6, categoricalFeatures: 2, informativeFeatures: 2, bins: 3 };
const source = { title: "small", files: [], notes: [] };
const simulated = { ...simulateTable(seedKey(7), { ...simTableDefaults, ...sizes }), source };
const table = encodeTable(fitSchema(simulated), simulated);
const split = splitTable(simulated, seedKey(1));
const shape = tableShape(table.schema);
const probe = { epochs: 10, batchSize: 64, learningRate: 1e-2, weightDecay: 0 };
const varTJepa = { family: "var-t-jepa", config: { ...smallVarTJepa.model, table: shape } } as const;
const tJepa = { family: "t-jepa", config: { ...smallTJepa.model, table: shape } } as const;
const made = { schema: table.schema, seed: 4, history: [] };

test("a model, its untrained copies and the raw columns, each whole and selectively, beside random discard", async () => {
  const model = {
    ...varTJepa,
    ...made,
    objective: smallVarTJepa.objective,
    training: smallVarTJepa.training,
    parameters: initialVarTJepa(seedKey(9), varTJepa.config),
  };
  const before = tf.memory().numTensors;
  const sources = [
    trainedSource(model, table),
    ...untrainedSources(varTJepa, table, [1, 2]),
    rawSource(table),
  ];
  const lines = await compareWithControls(seedKey(1), table, sources, split, { probe });
  assert.equal(tf.memory().numTensors, before);
  assert.deepEqual(
    lines.map(({ features, seed, columns, selective }) => [
      features,
      seed,
      columns,
      selective.map(({ by }) => by),
    ]),
    [
      ["trained", 4, 64, ["posterior", "probe"]],
      ["untrained", 1, 64, ["posterior", "probe"]],
      ["untrained", 2, 64, ["posterior", "probe"]],
      ["raw", null, 14, ["probe"]],
    ],
  );
  assert.notEqual(lines[1].effectiveRank, lines[2].effectiveRank);
  for (const { accuracy, selective, effectiveRank, columns } of lines) {
    assert.ok(effectiveRank > 1 && effectiveRank <= columns);
    for (const { scores } of selective) {
      assert.equal(scores[0].accuracy, accuracy);
      assert.ok(scores.every(({ randomAccuracy }) => Math.abs(randomAccuracy - accuracy) < 1e-12));
    }
  }
  // On the raw columns, whose classes are Gaussian, a probe that is sure is right more often.
  const [{ scores }] = lines[3].selective;
  assert.ok(lines[3].accuracy > 0.6 && scores[3].accuracy > scores[0].accuracy);

  const rows = controlTable(lines);
  assert.deepEqual(
    rows.map((row) => [row.features, row["dropped by"]]),
    [
      ["trained", "posterior"],
      ["trained", "probe"],
      ["trained", "at random"],
      ["untrained (2 seeds)", "posterior"],
      ["untrained (2 seeds)", "probe"],
      ["untrained (2 seeds)", "at random"],
      ["raw", "probe"],
      ["raw", "at random"],
    ],
  );
  const random = rows[7];
  assert.equal(
    random["without 50 %"],
    `${lines[3].accuracy.toFixed(3)} ± ${scores[3].randomDeviation.toFixed(3)}`,
  );
  assert.match(String(rows[3].accuracy), /^0\.\d{3} ± 0\.\d{3}$/);
  const heads = rows.map((row) => Object.keys(row).join());
  assert.equal(new Set(heads).size, 1, "all rows have the same columns");
});

test("T-JEPA has no posterior, so only the probe drops rows", async () => {
  const target = initialTJepa(seedKey(9), tJepa.config);
  const model = {
    ...tJepa,
    ...made,
    objective: smallTJepa.objective,
    training: smallTJepa.training,
    parameters: target,
    average: target,
  };
  const sources = [trainedSource(model, table), ...untrainedSources(tJepa, table, [1])];
  const lines = await compareWithControls(seedKey(1), table, sources, split, { probe });
  assert.deepEqual(
    lines.map(({ columns, selective }) => [columns, selective.map(({ by }) => by)]),
    [
      [64, ["probe"]],
      [64, ["probe"]],
    ],
  );
});

test("a table without labels is refused", async () => {
  const { labels: _, ...unlabelled } = table;
  await assert.rejects(
    compareWithControls(seedKey(1), unlabelled, [rawSource(table)], split, { probe }),
    /the table has no labels/,
  );
});
