import assert from "node:assert/strict";
import { test } from "node:test";
import type { Column } from "../tables/table.js";
import { withNumericColumns } from "./numeric-columns.js";

const source = { title: "", files: [], notes: [] };
const converted = (column: Column) =>
  withNumericColumns({ name: "t", rows: 3, columns: [column], source }).columns[0];

test("categories that are numbers become these, others their position, missing ones NaN; numbers stay", () => {
  const codes = Int32Array.of(1, 0, -1);
  assert.deepEqual(converted({ name: "c", kind: "categorical", categories: ["-2", "8"], codes }), {
    name: "c",
    kind: "numeric",
    values: Float64Array.of(8, -2, Number.NaN),
  });
  assert.deepEqual(converted({ name: "c", kind: "categorical", categories: ["1", "one"], codes }), {
    name: "c",
    kind: "numeric",
    values: Float64Array.of(1, 0, Number.NaN),
  });
  const numbers: Column = { name: "v", kind: "numeric", values: Float64Array.of(1, 2, 3) };
  assert.equal(converted(numbers), numbers);
});
