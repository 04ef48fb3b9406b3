import assert from "node:assert/strict";
import { before, test } from "node:test";
import { encodeTable } from "../data/tables/preprocess.js";
import { takeTableRows } from "../data/tables/table.js";
import { startEngine, tf } from "../engine/backend.js";
import { embedTJepa } from "../models/t-jepa.js";
import { embedTable } from "../models/var-t-jepa/embed.js";
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
  for (const aggregation of ["mean", "p90"] as const) {
    const expected = embedTable(varTJepa.weights, varTJepa.config, encoded, aggregation);
    assert.deepEqual(embedRows(varTJepa, table, aggregation), expected);
    assert.deepEqual(embedRows(varTJepa, other, aggregation), expected);
  }
  const tJepa = untrainedTJepa(table);
  const { values, uncertainty } = embedRows(tJepa, other);
  assert.deepEqual(values, embedTJepa(tJepa.target, tJepa.config, encoded));
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
