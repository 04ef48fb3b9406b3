import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { featureNames } from "../data/tables/known-cells.js";
import { encodeTable, fitSchema } from "../data/tables/preprocess.js";
import { splitTable, type TableSplit } from "../data/tables/split.js";
import type { Column, Table } from "../data/tables/table.js";
import { startEngine, tf } from "../engine/backend.js";
import { normals, seedKey } from "../engine/random.js";
import { tableShape } from "../families/table.js";
import { varTJepa } from "../families/var-t-jepa.js";
import { messyTable, untrainedVarTJepa } from "../inference/messy.test-table.js";
import { weighedTerms } from "../losses/term.js";
import { initialVarTJepa, type VarTJepaConfig, varTJepaDefaults } from "../models/var-t-jepa.js";
import { smallVarTJepa } from "../training/tabular.test-table.js";
import { train } from "../training/train.js";
import type { TableModel } from "../training/trained-model.js";
import { contextUse } from "./context-use.js";
import { imputationDefaults, imputationScores, largestContext } from "./imputation.js";

before(startEngine);

const stack = { layers: 1, heads: 2, norm: "post", activation: "gelu", dropout: 0 } as const;
const config: VarTJepaConfig = {
  ...varTJepaDefaults,
  table: { numeric: 2, cardinalities: [3, 2] },
  masks: { contextMin: 0.2, contextMax: 0.6, targetMin: 0.2, targetMax: 0.6, targetViews: 4 },
  encoder: { ...stack, width: 16, ff: 32 },
  predictor: { ...stack, width: 32, ff: 32 },
  poolTokens: 2,
  targetSamples: 1,
};

/** One number u per row, and columns that follow from it. */
function table(seed: number, rows: number): Table {
  const u = normals(seedKey(seed), rows);
  const numeric = (name: string, of: (u: number) => number): Column => ({
    name,
    kind: "numeric",
    values: Float64Array.from(u, of),
  });
  const categorical = (name: string, categories: readonly string[], of: (u: number) => number): Column => ({
    name,
    kind: "categorical",
    categories,
    codes: Int32Array.from(u, of),
  });
  const columns = [
    numeric("u", (x) => x),
    numeric("minus u", (x) => -x),
    categorical("third", ["low", "middle", "high"], (x) => (x < -0.43 ? 0 : x < 0.43 ? 1 : 2)),
    categorical("sign", ["minus", "plus"], (x) => Number(x > 0)),
  ];
  return { name: "u", rows, columns, source: { title: "u", files: [], notes: [] } };
}

/** An untrained model of a table's schema. */
function modelOf(seen: Table): TableModel<VarTJepaConfig> {
  const schema = fitSchema(seen);
  const own = { ...config, table: tableShape(schema) };
  const parameters = initialVarTJepa(seedKey(1), own);
  const { objective, training } = smallVarTJepa;
  return { family: "var-t-jepa", config: own, schema, objective, training, seed: 1, history: [], parameters };
}

/** Every row to learn from, to choose on and to score. */
function allRows({ rows }: Table): TableSplit {
  const all = Int32Array.from({ length: rows }, (_, i) => i);
  return { train: all, validation: all, test: all };
}

async function learnedByHeart(seen: Table): Promise<TableModel<VarTJepaConfig>> {
  const model = modelOf(seen);
  const { config } = model;
  const input = encodeTable(model.schema, seen);
  const weights = { rec: 1, gen: 1, klSx: 1e-3, klZ: 1e-3, klSy: 0.1 };
  const { parameters: trained } = await train({
    parameters: model.parameters,
    rows: input.rows,
    batchSize: input.rows,
    epochs: 240,
    learningRate: (step) => 5e-3 * Math.min(1, (step + 1) / 20),
    weightDecay: 1e-5,
    key: seedKey(3),
    terms: (parameters, batch) => {
      const pass = varTJepa.pass(parameters, config, input, batch, {});
      const source = { key: batch.key, sigregForm: "var-jepa" } as const;
      return weighedTerms(varTJepa.terms, weights, {}, pass, config, source);
    },
  });
  return { ...model, parameters: trained };
}

test("a model that knows its 64 rows beats the marginal on every column; samples are enough", async () => {
  const input = table(11, 64);
  const model = await learnedByHeart(input);
  const before = tf.memory().numTensors;
  const result = await imputationScores(model, input, allRows(input), seedKey(5));
  assert.equal(tf.memory().numTensors, before);
  assert.deepEqual(
    result.columns.map(({ column, kind }) => [column, kind]),
    [
      ["u", "numeric"],
      ["minus u", "numeric"],
      ["third", "categorical"],
      ["sign", "categorical"],
    ],
  );
  assert.deepEqual([result.rows, result.samples, result.aboveMarginal], [64, 32, 4]);
  for (const {
    column,
    model,
    marginal,
    linear,
    reconstruction,
    visible,
    gain,
    gainError,
  } of result.columns) {
    const said = JSON.stringify({ column, model, marginal, linear, reconstruction });
    assert.ok(reconstruction.logLikelihood >= model.logLikelihood, said);
    assert.ok(linear!.logLikelihood > marginal.logLikelihood && linear!.score! > marginal.score!, said);
    assert.ok(model.score! > marginal.score!, said);
    assert.ok(Math.abs(gain - (model.logLikelihood - marginal.logLikelihood)) < 1e-9);
    const overLinear = model.logLikelihood - linear!.logLikelihood;
    assert.ok(Math.abs(linear!.gainOver.gain - overLinear) < 1e-9);
    assert.ok(gainError > 0);
    assert.equal(visible.length, 2);
    for (const set of visible) {
      assert.equal(set.length, 2);
      assert.ok(!set.includes(column) && new Set(set).size === 2);
    }
  }
  assert.equal(result.columns[0].marginal.score, 0);
  assert.ok(result.columns.every((column) => !("coverage" in column)));
  const counted = { ...imputationDefaults, coverage: true, features: [0, 2] };
  const covered = (await imputationScores(model, input, allRows(input), seedKey(5), counted)).columns;
  assert.deepEqual(
    covered.map(({ coverage: _, ...rest }) => rest),
    [result.columns[0], result.columns[2]],
    "counting changes nothing else",
  );
  const { share, shareError } = covered[0].coverage!;
  assert.ok(share > 0.6 && share < 1, `${share}`);
  // Two sets of visible columns of each row, which agree or not: between those of 128 and of 64 independent rows.
  const binomial = (n: number) => Math.sqrt((share * (1 - share)) / n);
  assert.ok(shareError > 0.8 * binomial(128) && shareError < 1.05 * binomial(63), `${share} ± ${shareError}`);
  assert.equal(covered[1].coverage, undefined, "a category has no interval");
  assert.ok(!("aboveTrees" in result) && result.columns.every((column) => !("trees" in column)));
  const withTrees = await imputationScores(model, input, allRows(input), seedKey(5), {
    ...imputationDefaults,
    trees: true,
  });
  const gains = withTrees.columns.map(({ trees, ...rest }, i) => {
    assert.deepEqual(rest, result.columns[i], "trees change nothing else");
    const { gain } = trees!.gainOver;
    assert.ok(trees!.logLikelihood > rest.marginal.logLikelihood);
    assert.ok(Math.abs(gain - (rest.model.logLikelihood - trees!.logLikelihood)) < 1e-9);
    return gain;
  });
  assert.equal(withTrees.aboveTrees, gains.filter((gain) => gain > 0).length);
  const many = await imputationScores(model, input, allRows(input), seedKey(5), { sets: 2, samples: 256 });
  for (const [i, { column, model }] of result.columns.entries()) {
    const more = many.columns[i].model.logLikelihood;
    assert.ok(Math.abs(model.logLikelihood - more) < 0.1, `${column}: ${model.logLikelihood}, ${more}`);
  }
  assert.ok(many.convergence.mean <= result.convergence.mean, JSON.stringify([many, result]));

  const { parameters, config } = model;
  const encoded = encodeTable(model.schema, input);
  const use = contextUse(parameters, config, encoded, seedKey(6));
  assert.equal(tf.memory().numTensors, before);
  assert.ok(use.shuffledKl > use.kl + 1, `its predictor needs the context: ${JSON.stringify(use)}`);
  const blind = { ...parameters, values: parameters.values.slice() };
  for (const { name, offset, shape } of parameters.layout)
    if (/^predictor\.(fromSx|contextFromZ|maskFromZ)\.weight$/.test(name))
      blind.values.fill(0, offset, offset + shape[0] * shape[1]);
  const without = contextUse(blind, config, encoded, seedKey(6));
  assert.equal(without.kl, without.shuffledKl, "a predictor that sees nothing says the same of every row");
  const [one] = [table(1, 1)].map((lone) => encodeTable(model.schema, lone));
  assert.throws(() => contextUse(parameters, config, one, seedKey(6)), /input has 1 rows/);
});

test("an untrained model's prediction is worth no more than the marginal; equal keys, equal results", async () => {
  const whole = table(11, 300);
  const rows = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
  const split = { train: rows(0, 170), validation: rows(170, 200), test: rows(200, 300) };
  const settings = { visible: 1, sets: 1, samples: 4, features: [1, 0] };
  const told: [number, number][] = [];
  const scores = () =>
    imputationScores(modelOf(whole), whole, split, seedKey(5), settings, (...of) => told.push(of));
  const result = await scores();
  assert.deepEqual(
    result.columns.map(({ feature }) => feature),
    [1, 0],
  );
  assert.equal(result.aboveMarginal, 0);
  assert.deepEqual(told, [
    [0, 2],
    [1, 2],
    [2, 2],
  ]);
  assert.deepEqual(await scores(), result);
});

test("a column is scored on the rows that have it, from the cells that each row has, as imputeTable does", async () => {
  const messy = messyTable();
  const model = untrainedVarTJepa(messy);
  const split = splitTable(messy, seedKey(2));
  const settings = { visible: 5, sets: 1, samples: 3 };
  const { columns } = await imputationScores(model, messy, split, seedKey(3), settings);
  assert.deepEqual(
    columns.map(({ column }) => column),
    featureNames(model.schema),
  );
  const [, x2] = messy.columns;
  assert.ok(x2.kind === "numeric");
  const having = split.test.filter((row) => !Number.isNaN(x2.values[row]));
  assert.ok(having.length < split.test.length && columns[1].rows === having.length);
  // A missing visible cell tells nothing: filled with the mean it would be another context.
  const filled = {
    ...messy,
    columns: messy.columns.map((column) =>
      column.kind === "numeric" && column.name !== "x2"
        ? { ...column, values: column.values.map((v) => (Number.isNaN(v) ? 100 : v)) }
        : column,
    ),
  };
  const other = await imputationScores(model, filled, split, seedKey(3), { ...settings, features: [1] });
  assert.notEqual(other.columns[0].model.logLikelihood, columns[1].model.logLikelihood);
});

test("slots that cannot occur cost the model nothing, and a number that never varies is not scored", async () => {
  const whole = table(11, 60);
  const model = modelOf(whole);
  const settings = { visible: 2, sets: 1, samples: 8, features: [3] };
  const scores = (of: TableModel<VarTJepaConfig>) =>
    imputationScores(of, whole, allRows(whole), seedKey(5), settings);
  const [before] = (await scores(model)).columns;
  // All of the decoder's mass on the slot for unseen categories: what remains is shared as before.
  const raised = { ...model.parameters, values: model.parameters.values.slice() };
  const bias = raised.layout.find(({ name }) => name === "targetDecoder.category.1.bias")!;
  raised.values[bias.offset + 2] += 60;
  const [after] = (await scores({ ...model, parameters: raised })).columns;
  assert.ok(
    Number.isFinite(after.model.logLikelihood) && after.model.logLikelihood > -1,
    `${after.model.logLikelihood}`,
  );
  assert.ok(Math.abs(after.marginal.logLikelihood - before.marginal.logLikelihood) < 1e-12);

  const flat = {
    ...whole,
    columns: whole.columns.map((column) =>
      column.name === "u" ? { ...column, values: new Float64Array(60).fill(0.1) } : column,
    ),
  } as Table;
  const own = { ...settings, features: [0] };
  const { columns } = await imputationScores(modelOf(flat), flat, allRows(flat), seedKey(5), own);
  assert.deepEqual(columns, []);
});

test("the largest context is that of training, but leaves a column to hide", () => {
  assert.equal(largestContext(config), 2);
  assert.equal(largestContext({ ...config, masks: { ...config.masks, contextMax: 1 } }), 3);
  assert.equal(largestContext({ ...config, masks: { ...config.masks, contextMax: 0.1 } }), 1);
});

test("what makes no sense is refused", async () => {
  const input = table(11, 20);
  const scores = (settings: object, split = allRows(input)) =>
    imputationScores(modelOf(input), input, split, seedKey(5), { sets: 1, samples: 1, ...settings });
  await assert.rejects(scores({ visible: 4 }), /visible is 4; use a whole number from 1 to 3/);
  await assert.rejects(scores({ sets: 0 }), /sets is 0/);
  await assert.rejects(scores({ samples: 0 }), /samples is 0/);
  const empty = { ...allRows(input), test: new Int32Array(0) };
  await assert.rejects(scores({}, empty), /split.test has no rows/);
});
