import "../node/world.js";
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import Papa from "papaparse";
import { takeTableRows } from "../data/tables/table.js";
import { startEngine } from "../engine/backend.js";
import { writePieces } from "../files/whole-file.js";
import { embeddingColumnNames, embedRows } from "./embed-rows.js";
import { writeEmbeddings } from "./embedding-files.js";
import { messyTable, untrainedTJepa, untrainedVarTJepa } from "./messy.test-table.js";
import { npyHeader } from "./npy.js";
import { rowGroups, rowsPerGroup } from "./row-groups.js";

before(startEngine);

const folder = mkdtempSync(path.join(tmpdir(), "embedding-files-test-"));
after(() => rmSync(folder, { recursive: true }));

/** Reads an npy file as its format's page says: magic, version, header length, header, numbers. */
function readNpy(file: string): { shape: number[]; values: Float32Array } {
  const bytes = readFileSync(file);
  assert.deepEqual([...bytes.subarray(0, 8)], [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  const length = bytes.readUInt16LE(8);
  assert.equal((10 + length) % 64, 0);
  const header = bytes.subarray(10, 10 + length).toString("latin1");
  const match = /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(([\d, ]+)\), \} *\n$/.exec(header);
  assert.ok(match, header);
  const shape = match[1].split(",").filter((n) => n.trim() !== "");
  const data = bytes.subarray(10 + length);
  const values = Float32Array.from({ length: data.length / 4 }, (_, i) => data.readFloatLE(4 * i));
  return { shape: shape.map(Number), values };
}

test("a file of every format gives the same numbers back, bit for bit", async () => {
  const table = messyTable();
  for (const model of [untrainedVarTJepa(table), untrainedTJepa(table)]) {
    const at = (ending: string) => path.join(folder, "new", `${model.family}.${ending}`);
    const { values, uncertainty } = embedRows(model, table);
    const names = embeddingColumnNames(model);
    const seen: number[] = [];
    const onPiece = (...counts: number[]) => seen.push(...counts);
    assert.deepEqual(await writeEmbeddings(at("csv"), model, table, { onPiece }), [at("csv")]);
    assert.deepEqual(seen, [1, 1]);
    await writeEmbeddings(at("parquet"), model, table);
    const npy = [at("npy"), at("uncertainty.npy")].slice(0, uncertainty ? 2 : 1);
    assert.deepEqual(await writeEmbeddings(at("npy"), model, table), npy);

    const expected = Array.from({ length: 60 }, (_, row) => ({
      row,
      ...Object.fromEntries(names.map((name, j) => [name, values[row * names.length + j]])),
      ...(uncertainty ? { uncertainty: uncertainty.mean[row] } : {}),
      class: table.labels!.classes[table.labels!.codes[row]],
    }));
    const csv = Papa.parse<Record<string, string>>(readFileSync(at("csv"), "utf8"), {
      header: true,
      skipEmptyLines: true,
    }).data;
    const typed = csv.map(({ class: label, row, ...numbers }) => ({
      row: Number(row),
      ...Object.fromEntries(Object.entries(numbers).map(([k, v]) => [k, Math.fround(Number(v))])),
      class: label,
    }));
    assert.deepEqual(typed, expected);
    const parquet = await parquetReadObjects({ file: await asyncBufferFromFile(at("parquet")) });
    assert.deepEqual(
      parquet.map((row) => ({ ...row })),
      expected,
    );
    assert.deepEqual(readNpy(at("npy")), { shape: [60, names.length], values });
    if (uncertainty) assert.deepEqual(readNpy(npy[1]), { shape: [60], values: uncertainty.mean });
  }
  assert.ok(readdirSync(path.join(folder, "new")).every((name) => !name.endsWith(".tmp")));
});

test("an ending may be in capitals; pooled embeddings have their own names", async () => {
  const table = messyTable();
  const model = untrainedVarTJepa(table);
  const { values, uncertainty } = embedRows(model, table, "cls");
  const at = (name: string) => path.join(folder, "capitals", name);
  assert.deepEqual(await writeEmbeddings(at("E.NPY"), model, table, { pooling: "cls" }), [
    at("E.NPY"),
    at("E.uncertainty.npy"),
  ]);
  assert.deepEqual(readNpy(at("E.NPY")), { shape: [60, 8], values });
  assert.deepEqual(readNpy(at("E.uncertainty.npy")).values, uncertainty!.mean);
  await writeEmbeddings(at("e.Csv"), model, table, { pooling: "mean" });
  const [header] = readFileSync(at("e.Csv"), "utf8").split(/\r?\n/);
  assert.match(header, /^row,mean\.0,.*,mean\.7,uncertainty,class$/);
  await writeEmbeddings(at("e.PARQUET"), model, table, { pooling: "cls" });
  const parquet = await parquetReadObjects({ file: await asyncBufferFromFile(at("e.PARQUET")) });
  assert.equal(parquet[59]["cls.7"], values[60 * 8 - 1]);
});

test("a Parquet file has few groups of many rows, and a table without rows gives one without any", async () => {
  for (const [rows, columns] of [
    [100_000, 3200],
    [100_000, 8],
    [5_000, 100_000],
  ]) {
    const size = rowsPerGroup(rows, columns);
    assert.ok(size * columns >= 2 ** 22 || size === rows, "groups are large");
    assert.ok(Math.ceil(rows / size) <= 20, "and few");
    assert.ok(size * columns <= 2 ** 28, "but fit into memory");
  }
  const table = messyTable();
  const model = untrainedTJepa(table);
  const file = path.join(folder, "none.parquet");
  await writeEmbeddings(file, model, takeTableRows(table, new Int32Array(0)));
  assert.equal(Number((await parquetMetadataAsync(await asyncBufferFromFile(file))).num_rows), 0);
});

test("groups hold all rows in order, whatever the pieces", () => {
  const piece = (first: number, count: number) => ({
    first,
    count,
    values: Float32Array.from({ length: 2 * count }, (_, i) => 2 * first + i),
    uncertainty: Float32Array.from({ length: count }, (_, i) => -first - i),
  });
  const group = (first: number, count: number) => {
    const rows = Array.from({ length: count }, (_, i) => first + i);
    return {
      first,
      count,
      columns: [rows.map((row) => 2 * row), rows.map((row) => 2 * row + 1)],
      uncertainty: rows.map((row) => -row),
    };
  };
  const copies: unknown[] = [];
  for (const { first, count, columns, uncertainty } of rowGroups(
    [piece(0, 3), piece(3, 7), piece(10, 1)],
    4,
    2,
  ))
    copies.push({
      first,
      count,
      columns: columns.map((column) => [...column]),
      uncertainty: [...uncertainty!],
    });
  assert.deepEqual(copies, [group(0, 4), group(4, 4), group(8, 3)]);
});

test("the header of an npy file, byte for byte", () => {
  const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 48), }";
  const bytes = [0x93, ...Buffer.from("NUMPY"), 1, 0, 118, 0];
  const expected = [...bytes, ...Buffer.from(`${text}${" ".repeat(117 - text.length)}\n`)];
  assert.deepEqual([...npyHeader([3, 48])], expected);
});

test("another ending and a target with a taken name are refused; what fails leaves no file behind", async () => {
  const table = messyTable();
  const model = untrainedVarTJepa(table);
  await assert.rejects(
    writeEmbeddings(path.join(folder, "a.xlsx"), model, table),
    /a\.xlsx" has none of the endings \.csv, \.parquet, \.npy/,
  );
  const target = { name: "x1.0", cells: [] };
  await assert.rejects(
    writeEmbeddings(path.join(folder, "a.csv"), model, table, { target }),
    /the target "x1\.0" has the name of another column/,
  );
  const file = path.join(folder, "whole", "b.txt");
  await writePieces(file, (append) => append("first"));
  const failing = writePieces(file, async (append) => {
    await append("second");
    throw new Error("out of ink");
  });
  await assert.rejects(failing, /out of ink/);
  assert.deepEqual(readdirSync(path.dirname(file)), ["b.txt"]);
  assert.equal(readFileSync(file, "utf8"), "first");
});
