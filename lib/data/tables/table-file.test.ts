import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { parquetWriteFile } from "hyparquet-writer";
import { loadTable } from "./load-table.js";
import { tableRecords } from "./records.js";

const folder = mkdtempSync(path.join(tmpdir(), "table-file-"));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string) => path.join(folder, name);
const text = "a,b\n1,x\n2,y\n";
const expected = [
  { a: 1, b: "x" },
  { a: 2, b: "y" },
];

test("CSV is read plain or gzipped, whatever the name", async () => {
  for (const name of ["rows.CSV", "rows.csv.gz", "rows"]) {
    writeFileSync(at(name), name.endsWith("gz") ? gzipSync(text) : text);
    const table = await loadTable(at(name));
    assert.deepEqual(tableRecords(table), expected);
    assert.deepEqual([table.name, table.source.files[0].name], ["rows", name]);
  }
});

test("Parquet is read with the types that it says", async () => {
  const columnData = [
    { name: "n", data: [1.5, null, 3], type: "DOUBLE" as const },
    { name: "zip", data: ["01234", "1234", null], type: "STRING" as const },
    { name: "big", data: [1n, 2n, 3n], type: "INT64" as const },
    { name: "yes", data: [true, false, true], type: "BOOLEAN" as const },
    {
      name: "when",
      data: [new Date("2024-01-31"), null, new Date("2024-02-01T12:00:00Z")],
      type: "TIMESTAMP" as const,
    },
  ];
  parquetWriteFile({ filename: at("rows.parquet"), columnData });
  const table = await loadTable(at("rows.parquet"));
  assert.deepEqual(tableRecords(table), [
    { n: 1.5, zip: "01234", big: 1, yes: "true", when: "2024-01-31" },
    { n: null, zip: "1234", big: 2, yes: "false", when: null },
    { n: 3, zip: null, big: 3, yes: "true", when: "2024-02-01T12:00:00.000Z" },
  ]);
  assert.deepEqual([table.name, table.source.title], ["rows", "rows.parquet"]);
  const numbers = await loadTable(at("rows.parquet"), { numeric: ["zip"] });
  assert.equal(tableRecords(numbers)[0].zip, 1234);
  parquetWriteFile({
    filename: at("lists.parquet"),
    columnData: [{ name: "l", data: [[1], [2]], type: "JSON" }],
  });
  await assert.rejects(loadTable(at("lists.parquet")), /lists.parquet, row 0, column "l" holds a list/);
});

test("what is no table is refused with what it is", async () => {
  const refuses = async (name: string, bytes: Buffer | string, message: RegExp) => {
    writeFileSync(at(name), bytes);
    await assert.rejects(loadTable(at(name)), message);
  };
  await refuses(
    "book.xlsx",
    "PK\x03\x04and more",
    /book.xlsx is a zip archive or a spreadsheet; save its table as CSV/,
  );
  await refuses(
    "cut.csv.gz",
    gzipSync(text.repeat(99)).subarray(0, 30),
    /cut.csv.gz cannot be unpacked \(.*\); pack it/,
  );
  await refuses(
    "bad.parquet",
    "PAR1 is not all of it",
    /bad.parquet cannot be read as Parquet \(.*\); write it again/,
  );
  await assert.rejects(loadTable(folder), /is a folder; give a file in it/);
});
