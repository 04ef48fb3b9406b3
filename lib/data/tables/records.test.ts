import assert from "node:assert/strict";
import { test } from "node:test";
import type { TableSchema } from "./preprocess.js";
import { tableOfRecords, tableRecords } from "./records.js";

const schema: TableSchema = {
  numeric: [{ name: "age", mean: 0, std: 1, missing: 0 }],
  categorical: [{ name: "code", categories: ["1", "2"], missing: 0 }],
  labels: { name: "paid", classes: ["no", "yes"] },
};

test("records become a table with the schema's types and come back", () => {
  const table = tableOfRecords(schema, [
    { age: " 3.5", code: 2 },
    { age: null, code: null, paid: "yes" },
  ]);
  assert.deepEqual(tableRecords(table), [
    { age: 3.5, code: "2" },
    { age: null, code: null },
  ]);
});

test("a forgotten column, an unknown one and text for a number are refused", () => {
  assert.throws(() => tableOfRecords(schema, [{ age: 1, code: 1 }, { age: 1 }]), {
    message: 'row 1 has no "code"; give a value, or null for missing',
  });
  assert.throws(() => tableOfRecords(schema, [{ age: 1, code: 1, town: "Rome" }]), {
    message: 'row 0 has "town", which is no feature; use age, code',
  });
  for (const age of ["old", Number.NaN])
    assert.throws(() => tableOfRecords(schema, [{ age, code: 1 }]), {
      message: `row 0, column "age" holds "${age}"; give a number, or null for missing`,
    });
});
