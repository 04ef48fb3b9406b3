import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { encodeTable } from "../data/tables/preprocess.js";
import { takeTableRows } from "../data/tables/table.js";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { seedKey } from "../engine/random.js";
import { contextPosteriors } from "../evaluation/embedding-diagnostics.js";
import { embedTable, embedTJepa } from "../families/embed-table.js";
import { initialTJepa } from "../models/t-jepa.js";
import { embeddingColumnNames, embeddingColumns, embedRowPieces, embedRows } from "./embed-rows.js";
import { messyTable, untrainedTJepa, untrainedVarTJepa } from "./messy.test-table.js";

before(startEngine);

test("rows are embedded as the models embed them, whatever else the table holds and in whatever order", () => {
  const table = messyTable();
  const encoded = encodeTable(untrainedVarTJepa(table).schema, table);
  const other = {
    ...table,
    columns: [
      { name: "extra", kind: "numeric" as const, values: new Float64Array(60) },
      ...table.columns,
    ].reverse(),
    labels: { name: "class", classes: ["never seen"], codes: new Int32Array(60) },
  };
  const varTJepa = untrainedVarTJepa(table);
  const expected = embedTable(varTJepa.parameters, varTJepa.config, encoded);
  assert.deepEqual(embedRows(varTJepa, table), expected);
  assert.deepEqual(embedRows(varTJepa, other), expected);
  const tJepa = untrainedTJepa(table);
  const { values, uncertainty } = embedRows(tJepa, other);
  assert.deepEqual(values, embedTJepa(tJepa.average!, tJepa.config, encoded));
  assert.equal(uncertainty, undefined);
});

test("many rows come in several pieces that are all of them; no tensor stays behind", () => {
  const table = messyTable();
  const rows = Int32Array.from({ length: 30_000 }, (_, i) => i % 60);
  const model = untrainedTJepa(table);
  const tensors = tf.memory().numTensors;
  const width = embeddingColumns(model);
  assert.equal(width, 6 * 8);
  let next = 0;
  let pieces = 0;
  for (const { first, count, values } of embedRowPieces(model, takeTableRows(table, rows))) {
    assert.equal(first, next);
    assert.equal(values.length, count * width);
    next += count;
    pieces++;
  }
  assert.deepEqual([next, pieces], [30_000, 2]);
  assert.equal(tf.memory().numTensors, tensors);
});

test("columns are named after features in the model's order", () => {
  const table = messyTable();
  const names = embeddingColumnNames(untrainedVarTJepa({ ...table, columns: [...table.columns].reverse() }));
  assert.deepEqual([names[0], names[8], names[47]], ["x4.0", "x3.0", "c1.7"]);
});

test("pooled, a row's embedding is the mean of its features' tokens, or the encoder's CLS tokens", () => {
  const table = messyTable();
  const encoded = encodeTable(untrainedVarTJepa(table).schema, table);
  for (const model of [untrainedVarTJepa(table), untrainedTJepa(table)]) {
    const whole = embedRows(model, table);
    const mean = embedRows(model, table, "mean");
    assert.deepEqual(mean.uncertainty, whole.uncertainty);
    assert.equal(embeddingColumns(model, "mean"), 8);
    assert.deepEqual(embeddingColumnNames(model, "mean").slice(6), ["mean.6", "mean.7"]);
    const expected = Float32Array.from({ length: 60 * 8 }, (_, i) => {
      const [row, unit] = [Math.floor(i / 8), i % 8];
      return [0, 1, 2, 3, 4, 5].reduce((sum, j) => sum + whole.values[row * 48 + j * 8 + unit] / 6, 0);
    });
    expectClose(mean.values, expected, { absolute: 1e-6 });
    const cls = embedRows(model, table, "cls");
    assert.equal(cls.values.length, 60 * 8);
    assert.deepEqual(cls.uncertainty, whole.uncertainty);
    assert.deepEqual(embeddingColumnNames(model, "cls").slice(0, 2), ["cls.0", "cls.1"]);
  }
  const { config, parameters } = untrainedVarTJepa(table);
  const [{ mean: context }] = [...contextPosteriors(parameters, config, encoded)];
  const firstTokens = context.filter((_, i) => i % 56 < 8);
  expectClose(embedTable(parameters, config, encoded, "cls").values, firstTokens, { absolute: 1e-6 });
});

test("a pooling that there is not is refused", () => {
  const table = messyTable();
  assert.throws(
    () => embedRows(untrainedTJepa(table), table, "max" as "mean"),
    /pooling is "max"; use "none" or "mean" or "cls"/,
  );
});

test("several CLS tokens stand side by side", () => {
  const table = messyTable();
  const one = untrainedTJepa(table);
  const config = { ...one.config, clsTokens: 3 };
  const average = initialTJepa(seedKey(2), config);
  const { values } = embedRows({ ...one, config, average, parameters: average }, table, "cls");
  assert.equal(values.length, 60 * 24);
  assert.equal(embeddingColumnNames({ ...one, config }, "cls").at(-1), "cls.23");
  assert.notDeepEqual(values.subarray(0, 8), values.subarray(8, 16));
});
