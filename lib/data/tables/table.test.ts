import "../../node/world.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import { classCounts, type Table, tableSha256, takeTableRows } from "./table.js";

const table: Table = {
  name: "t",
  rows: 3,
  columns: [
    { name: "v", kind: "numeric", values: Float64Array.of(1, 2, Number.NaN) },
    { name: "c", kind: "categorical", categories: ["a", "b"], codes: Int32Array.of(0, 1, -1) },
  ],
  labels: { name: "y", classes: ["n", "p"], codes: Int32Array.of(0, 1, 1) },
  ambiguity: Float64Array.of(0.1, 0.2, 0.3),
  source: { title: "", files: [], notes: [] },
};

test("rows are taken in the order given, in every column", () => {
  const taken = takeTableRows(table, Int32Array.of(2, 0));
  assert.equal(taken.rows, 2);
  assert.deepEqual(taken.columns[0], { name: "v", kind: "numeric", values: Float64Array.of(Number.NaN, 1) });
  assert.deepEqual(taken.columns[1], { ...table.columns[1], codes: Int32Array.of(-1, 0) });
  assert.deepEqual(taken.labels?.codes, Int32Array.of(1, 0));
  assert.deepEqual(taken.ambiguity, Float64Array.of(0.3, 0.1));
  assert.deepEqual(classCounts(table.labels!), [1, 2]);
});

test("the sum sees every value, name, label and ambiguity, but not the table's name or source", () => {
  const sum = tableSha256(table);
  const [v, c] = table.columns;
  assert.equal(tableSha256({ ...table, name: "u", source: { title: "x", files: [], notes: [] } }), sum);
  const changed: Table[] = [
    { ...table, columns: [{ ...v, name: "w" }, c] },
    { ...table, columns: [{ name: "v", kind: "numeric", values: Float64Array.of(1, 2, 3) }, c] },
    { ...table, columns: [c, v] },
    { ...table, labels: undefined },
    { ...table, ambiguity: undefined },
  ];
  assert.equal(new Set([sum, ...changed.map(tableSha256)]).size, 6);
});
