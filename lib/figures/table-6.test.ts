import assert from "node:assert/strict";
import { test } from "node:test";
import type { DataSetTable } from "../studies/data-sets.js";
import { committed } from "./committed.test-results.js";
import { table6Rows } from "./table-6.js";

test("Table 6 in rows: ours beside the paper's", () => {
  const rows = table6Rows(committed<DataSetTable>("table-6.json"));
  assert.equal(rows.length, 7);
  assert.deepEqual(rows[0], {
    "data set": "AD Adult",
    rows: "48842 | 48842",
    features: "14 | 14",
    numeric: "6 | 6",
    categorical: "8 | 8",
    classes: "2 | 2",
    "original types": "6 numeric, 8 categorical",
    "largest class": "76.07 %",
    "share off by": "0.00 %",
  });
});
