import "../../node/world.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import { categoricalColumns, tableSha256 } from "../tables/table.js";
import type { DataSet, DataSetName } from "./data-set.js";
import { dataSets, loadDataset, readDataSet } from "./index.js";

test("SIM needs neither network nor files and follows the seed", async () => {
  const table = await loadDataset("sim");
  assert.deepEqual([table.name, table.rows, table.columns.length], ["sim", 10_000, 32]);
  assert.deepEqual(table.source.notes, ["generated with seed 1"]);
  assert.equal(tableSha256(await loadDataset("sim", { seed: 1 })), tableSha256(table));
  assert.notEqual(tableSha256(await loadDataset("sim", { seed: 2 })), tableSha256(table));
});

test("column types are the paper's unless the original ones are asked for", async () => {
  const tiny: DataSet = {
    ...dataSets[0],
    sources: [[]],
    paperTypes: "numeric",
    read: (_, source) => ({
      name: "tiny",
      rows: 1,
      columns: [{ name: "c", kind: "categorical", categories: ["7"], codes: Int32Array.of(0) }],
      source,
    }),
  };
  assert.deepEqual((await readDataSet(tiny)).columns[0], {
    name: "c",
    kind: "numeric",
    values: Float64Array.of(7),
  });
  assert.equal(categoricalColumns(await readDataSet(tiny, { columnTypes: "original" })).length, 1);
  assert.equal(categoricalColumns(await readDataSet({ ...tiny, paperTypes: "original" })).length, 1);
});

test("an unknown name is refused with the known ones", async () => {
  await assert.rejects(loadDataset("iris" as DataSetName), {
    message:
      'there is no data set "iris"; use "adult", "covertype", "electricity", "credit-default", "bank-marketing", "mnist", "sim"',
  });
});

test("every file has a whole sum and, where it can be downloaded, https addresses on two hosts", () => {
  for (const { sources } of dataSets)
    for (const { sha256, urls } of sources.flat()) {
      assert.match(sha256, /^[0-9a-f]{64}$/);
      for (const url of urls) assert.equal(new URL(url).protocol, "https:");
      if (urls.length > 0) assert.ok(new Set(urls.map((url) => new URL(url).host)).size >= 2);
    }
});
