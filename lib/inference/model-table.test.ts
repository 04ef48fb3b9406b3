import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import type { TableSchema } from "../data/tables/preprocess.js";
import { cellText } from "../data/tables/read-csv.js";
import { readModelTable } from "./model-table.js";

const folder = mkdtempSync(path.join(tmpdir(), "model-table-test-"));
after(() => rmSync(folder, { recursive: true }));

const schema: TableSchema = {
  numeric: [{ name: "age", mean: 40, std: 10, missing: 0 }],
  categorical: [{ name: "code", categories: ["1", "2"], missing: 0 }],
  labels: { name: "class", classes: ["no", "yes"] },
};

function csv(text: string): string {
  const file = path.join(folder, "some.csv");
  writeFileSync(file, text);
  return file;
}

test("columns are found by name and have the schema's types; other columns stay text", async () => {
  const file = csv("class,code,junk,age\nyes,2,3x,30\nyes,?,,\n");
  const { table, cells } = await readModelTable(schema, file);
  assert.deepEqual(table.columns, [
    { name: "age", kind: "numeric", values: Float64Array.of(30, Number.NaN) },
    { name: "code", kind: "categorical", categories: ["2"], codes: Int32Array.of(0, -1) },
  ]);
  assert.equal(table.labels, undefined);
  assert.deepEqual(
    cells.header.map((_, at) => cellText(cells, 0, at)),
    ["yes", "2", "3x", "30"],
  );
  const other = await readModelTable(schema, csv("code;age\n-1;30\n"), { missing: ["-1"], delimiter: ";" });
  assert.deepEqual(other.table.columns[1], {
    name: "code",
    kind: "categorical",
    categories: [],
    codes: Int32Array.of(-1),
  });
});

test("labels are read when they are asked for", async () => {
  const file = csv("age,code,class\n1,1,no\n2,1,no\n3,1,yes\n4,2,yes\n");
  const { table } = await readModelTable(schema, file, { labels: true });
  assert.deepEqual(table.labels?.codes, Int32Array.of(0, 0, 1, 1));
  const without = { ...schema, labels: undefined };
  await assert.rejects(readModelTable(without, file, { labels: true }), /trained without a target/);
});

test("what is missing or of another type is named", async () => {
  await assert.rejects(readModelTable(schema, path.join(folder, "no.csv")), /there is no file .*no\.csv/);
  await assert.rejects(
    readModelTable(schema, csv("age\n1\n")),
    /some\.csv has no column "code", which the model needs; it has age/,
  );
  await assert.rejects(
    readModelTable(schema, csv("age,code\nold,1\n")),
    /line 2, column "age" holds "old" .* correct it, count it as missing \(--missing old\); the model was trained on numbers here$/,
  );
});
