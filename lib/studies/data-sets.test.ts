import "../node/world.js";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { paperDataSets, readDataSet } from "../data/datasets/index.js";
import { classCounts, type Table, tableSha256 } from "../data/tables/table.js";
import { writeWhole } from "../files/whole-file.js";
import { publicClassRows, publishedTable6 } from "../papers/var-jepa/published-table-6.js";
import { projectFolder } from "../settings.js";
import { type DataSetTable, dataSetLine, dataSetTable } from "./data-sets.js";

/** Made anew from the original files with `VARJEPA_RENEW=1` and `VARJEPA_DATA`. */
const file = path.join(projectFolder, "figures", "table-6.json");
const committed: DataSetTable = JSON.parse(readFileSync(file, "utf8"));
const bank = paperDataSets.find(({ code }) => code === "BM")!;

/** Four rows, one number and one category, called as Bank Marketing. */
const tiny: Table = {
  name: "tiny",
  rows: 4,
  columns: [
    { name: "age", kind: "numeric", values: Float64Array.of(1, 2, 3, 4) },
    { name: "job", kind: "categorical", categories: ["a", "b"], codes: Int32Array.of(0, 1, 0, 1) },
  ],
  labels: { name: "y", classes: ["no", "yes"], codes: Int32Array.of(0, 0, 0, 1) },
  source: { title: "tiny", files: [], notes: [] },
};

test("a line counts as the paper counts and says how far it is from the print", () => {
  const line = dataSetLine(bank, tiny);
  const { rows, features, numeric, categorical, classes } = line;
  assert.deepEqual(
    { rows, features, numeric, categorical, classes },
    { rows: 4, features: 2, numeric: 2, categorical: 0, classes: 2 },
  );
  assert.deepEqual(line.original, { numeric: 1, categorical: 1 });
  assert.deepEqual(line.shares, { no: 0.75, yes: 0.25 });
  assert.deepEqual(line.difference, {
    rows: 4 - 45211,
    features: -14,
    numeric: -14,
    categorical: 0,
    classes: 0,
  });
  assert.ok(Math.abs(line.largestShareDifference! - (0.25 - 5289 / 45211)) < 1e-12);
  assert.throws(() => dataSetLine(bank, { ...tiny, labels: undefined }), /has no labels/);
});

test("the committed table has the paper's counts for all seven, and the public class shares", () => {
  assert.deepEqual(
    committed.map(({ code }) => code),
    Object.keys(publishedTable6),
  );
  for (const line of committed) {
    assert.deepEqual(line.difference, { rows: 0, features: 0, numeric: 0, categorical: 0, classes: 0 });
    const limit = { AD: 0, EL: 0, CC: 0, BM: 0, CO: 0.02, MNIST: 0.02, SIM: 0 }[line.code];
    assert.ok((line.largestShareDifference ?? 0) <= limit, `${line.code} ${line.largestShareDifference}`);
  }
});

test("public class counts add up to the published rows where the paper takes all of them", () => {
  for (const code of ["AD", "EL", "CC", "BM"] as const) {
    const rows = Object.values(publicClassRows[code]).reduce((sum, count) => sum + count, 0);
    assert.equal(rows, publishedTable6[code].rows);
  }
});

for (const name of ["sim", "mnist"] as const)
  test(`${name} comes out as committed, bit for bit`, async () => {
    const dataSet = paperDataSets.find((candidate) => candidate.name === name)!;
    const table = await readDataSet(dataSet);
    const line = committed.find(({ code }) => code === dataSet.code)!;
    assert.equal(tableSha256(table), line.sha256);
    assert.deepEqual(
      classCounts(table.labels!).map((count) => count / table.rows),
      Object.values(line.shares),
    );
  });

if (process.env.VARJEPA_DATA)
  test("the original files give the committed table, if they are the same ones", async () => {
    const made = `${JSON.stringify(await dataSetTable(), null, 1)}\n`;
    if (process.env.VARJEPA_RENEW) writeWhole(file, made);
    const lines: DataSetTable = JSON.parse(made);
    lines.forEach((line, i) => {
      assert.deepEqual(line.difference, committed[i].difference);
      if (JSON.stringify(line.source) === JSON.stringify(committed[i].source))
        assert.deepEqual({ ...line, provenance: committed[i].provenance }, committed[i]);
    });
  });
