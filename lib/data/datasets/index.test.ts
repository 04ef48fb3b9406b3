import "../../node/world.js";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { decodeUtf8, parseTable } from "../tables/load-table.js";
import { categoricalColumns, tableSha256 } from "../tables/table.js";
import type { DataSet } from "./data-set.js";
import { type DataSetName, dataSets, loadDataset, readDataSet } from "./index.js";

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

test("a data set from outside is an object: its file is found and checked, its rows are read, its name joins the list", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "data-set-test-"));
  const { VARJEPA_DATA: before } = process.env;
  process.env.VARJEPA_DATA = folder;
  try {
    const csv = "length,colour,kind\n1.5,red,a\n2,blue,b\n3,red,a\n4,red,b\n";
    const flowers: DataSet<"flowers"> = {
      name: "flowers",
      title: "Flowers",
      sources: [[{ name: "flowers.csv", sha256: createHash("sha256").update(csv).digest("hex"), urls: [] }]],
      paperTypes: "original",
      read: (originals, source) => {
        const text = decodeUtf8(originals.get("flowers.csv")!, "flowers.csv");
        return parseTable(text, "flowers.csv", { target: "kind" }, source);
      },
    };
    const name: (typeof more)[number]["name"] = "flowers";
    const more = [...dataSets, flowers] as const;
    assert.ok(more.some((dataSet) => dataSet.name === name));

    writeFileSync(path.join(folder, "flowers.csv"), csv);
    const table = await readDataSet(flowers);
    assert.deepEqual([table.name, table.rows, table.labels?.classes], ["flowers", 4, ["a", "b"]]);
    assert.deepEqual(
      table.columns.map(({ kind }) => kind),
      ["numeric", "categorical"],
    );
    writeFileSync(path.join(folder, "flowers.csv"), csv.replace("red", "pink"));
    await assert.rejects(readDataSet(flowers), /flowers\.csv/);
  } finally {
    if (before === undefined) delete process.env.VARJEPA_DATA;
    else process.env.VARJEPA_DATA = before;
    rmSync(folder, { recursive: true });
  }
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
