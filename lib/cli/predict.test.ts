import "../node/world.js";
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import Papa from "papaparse";
import { tableRecords } from "../data/tables/records.js";
import { splitTable } from "../data/tables/split.js";
import { takeTableRows } from "../data/tables/table.js";
import { startEngine } from "../engine/backend.js";
import { fold, seedKey } from "../engine/random.js";
import { predictors } from "../evaluation/predictors/all.js";
import { embeddingShape, embedRows } from "../inference/embed-rows.js";
import { messyTable, untrainedVarTJepa } from "../inference/messy.test-table.js";
import { readModelTable } from "../inference/model-table.js";
import { saveModel } from "../training/trained-model.js";
import { finish, readRows, run, start } from "./commands.test-run.js";
import { slowNotes } from "./named-predictors.js";

process.env.VARJEPA_WORKERS = "1";
const folder = mkdtempSync(path.join(tmpdir(), "predict-test-"));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string) => path.join(folder, name);

/** Classes that CSV must quote. */
const classNames = ['yes, "sure"', "no", "perhaps"];
const records: Record<string, unknown>[] = tableRecords(messyTable()).map((record) => ({
  ...record,
  class: classNames[messyTable().labels!.classes.indexOf(String(record.class))],
}));
const [model, without, labelled, fresh] = ["model", "without", "labelled.csv", "new.csv"].map(at);
/** Rows whose class is not known, and rows of the new table, in its order. */
const unknown = [3, 20, 21];
const wanted = [41, 7, 0, 33, 12];
const out = at("out.csv");

function write(file: string, rows: readonly object[]): string {
  writeFileSync(file, Papa.unparse(rows as object[]));
  return file;
}

before(async () => {
  await startEngine();
  const trained = untrainedVarTJepa(messyTable());
  await saveModel(model, trained);
  await saveModel(without, { ...trained, schema: { ...trained.schema, labels: undefined } });
  write(
    labelled,
    records.map((record, row) => (unknown.includes(row) ? { ...record, class: "" } : record)),
  );
  write(
    fresh,
    wanted.map((row) => {
      const { class: _, ...cells } = records[row];
      return { key: `k ${row}`, ...Object.fromEntries(Object.entries(cells).reverse()) };
    }),
  );
});

test("new rows get the classes and probabilities that the library's predictor tells, in their order", async () => {
  const program = start("predict", model, labelled, fresh, "--out", out, "--id", "key");
  const { code, stdout, stderr } = await finish(program);
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /^note: the target class is missing in 3 of 60 rows of .*labelled\.csv, which are not learned from$/m,
  );
  assert.match(stderr, /^note: 12 rows scored, fewer than 30: .*$/m);
  assert.match(
    stdout,
    /^mlp on embeddings: learned the target class \("no", "perhaps", "yes, \\"sure\\""\) from 39 rows, 6 more said when to stop\naccuracy on 12 rows not learned from, which the model may have been trained on: [01]\.\d{3} ± 0\.\d{3} \(standard error\); always telling .*: 0\.\d{3}\n/,
  );
  assert.match(stdout, /\n5 rows: .*out\.csv\n$/);

  const trained = untrainedVarTJepa(messyTable());
  const tables = await Promise.all([labelled, fresh].map((file) => readModelTable(trained.schema, file)));
  const known = Int32Array.from(records.keys()).filter((row) => !unknown.includes(row));
  const classes = [...classNames].sort();
  const codes = known.map((row) => classes.indexOf(String(records[row].class)));
  const labels = { name: "class", classes, codes };
  const key = fold(seedKey(1), "predict");
  const split = splitTable({ rows: known.length, labels }, fold(key, "split"));
  const parts = [takeTableRows(tables[0].table, known), tables[1].table].map((table) =>
    embedRows(trained, table),
  );
  const told = await predictors.mlp.fit(
    fold(key, "predictor"),
    {
      values: Float32Array.from(parts.flatMap(({ values }) => [...values])),
      shape: [known.length + wanted.length, ...embeddingShape(trained)],
    },
    [...codes, ...wanted.map(() => 0)],
    { ...split, test: Int32Array.from(wanted.keys(), (row) => known.length + row) },
  );
  const rows = readRows(out);
  assert.deepEqual(Object.keys(rows[0]), ["key", "predicted", ...classes, "uncertainty"]);
  assert.deepEqual(
    rows.map(({ key: name, predicted, uncertainty, ...probabilities }) => [
      name,
      predicted,
      Object.values(probabilities).map((text) => Math.fround(Number(text))),
      Math.fround(Number(uncertainty)),
    ]),
    wanted.map((row, i) => [
      `k ${row}`,
      classes[told.predicted[i]],
      [...told.probabilities.subarray(3 * i, 3 * i + 3)],
      parts[1].uncertainty!.mean[i],
    ]),
  );

  const before = readFileSync(out);
  const again = (...more: string[]) => run("predict", model, labelled, fresh, "--out", out, ...more);
  await again("--id", "key");
  assert.deepEqual(readFileSync(out), before, "the same seed, the same bytes");
  await again("--seed", "2");
  const other = readRows(out);
  assert.deepEqual(
    other.map(({ row }) => row),
    ["0", "1", "2", "3", "4"],
  );
  assert.notDeepEqual(
    other.map(({ no }) => no),
    rows.map(({ no }) => no),
  );
});

test("raw columns need no embedding; a target in the new table, and the same table twice, are told", async () => {
  const truth = write(
    at("truth.csv"),
    [...wanted, wanted[0]].map((row, i) =>
      i < wanted.length ? records[row] : { ...records[row], x1: 1234 },
    ),
  );
  const raw = ["--out", out, "--features", "raw", "--predictor"];
  const told = await run("predict", model, labelled, truth, ...raw, "trees");
  assert.match(told.stderr, /^note: .*truth\.csv has the target class too, which is not looked at$/m);
  const copied = /^note: (\d) of 6 new rows hold what a row learned from holds, .* counts$/m.exec(
    told.stderr,
  );
  assert.ok(Number(copied?.[1]) > 0 && Number(copied?.[1]) < 6, told.stderr);
  assert.match(
    told.stdout,
    /^trees on raw columns: learned the target class .* from 45 rows\naccuracy on 12 rows not learned from: /,
  );
  const rows = readRows(out);
  assert.deepEqual(Object.keys(rows[0]), ["row", "predicted", ...[...classNames].sort()]);
  for (const row of rows) {
    const sum = classNames.reduce((total, name) => total + Number(row[name]), 0);
    assert.ok(Math.abs(sum - 1) < 1e-6);
  }
  const same = await run("predict", model, labelled, labelled, ...raw, "linear");
  assert.match(
    same.stderr,
    /^note: both tables are the same: .* only the accuracy on held-out rows counts$/m,
  );
  assert.doesNotMatch(same.stderr, /has the target/);
  assert.equal(readRows(out).length, 60);
});

test("classes that the model never saw are learned from a column that is named", async () => {
  const words = ["predict", without, labelled, fresh, "--out", out, "--predictor", "linear"];
  const none = await run(...words);
  assert.equal(none.code, 2);
  assert.match(
    none.stderr,
    /^error: the model was trained without a target; name the column .* by --target$/m,
  );
  const { code, stderr } = await run(...words, "--target", "class");
  assert.equal(code, 0, stderr);
  assert.equal(readRows(out).length, 5);
  const graded = write(
    at("graded.csv"),
    records.map((record, row) => ({ ...record, grade: `g${row % 3}` })),
  );
  await run("predict", model, graded, fresh, "--out", out, "--target", "grade");
  assert.deepEqual(Object.keys(readRows(out)[0]), ["row", "predicted", "g0", "g1", "g2", "uncertainty"]);
});

test("what cannot be predicted is refused, and nothing is written", async () => {
  const refused = async (code: number, message: RegExp, ...words: string[]) => {
    const { stderr, ...rest } = await run("predict", ...words);
    assert.match(stderr, message);
    assert.deepEqual(rest, { code, stdout: "" });
  };
  const to = ["--out", at("never.csv")];
  await refused(
    2,
    /--out would write over ".*new\.csv", which <new> reads/,
    model,
    labelled,
    fresh,
    "--out",
    fresh,
  );
  await refused(
    2,
    /--out is "-", but files are not printed; name a file/,
    ...[model, labelled, fresh, "--out", "-"],
  );
  await refused(
    2,
    /--out would write over ".*labelled\.csv", which <labelled> reads/,
    ...[model, labelled, fresh, "--out", labelled],
  );
  await refused(
    2,
    /--target is "x1", which is a feature of the model/,
    model,
    labelled,
    fresh,
    ...to,
    "--target",
    "x1",
  );
  await refused(
    1,
    /no column "price", whose classes are to be learned/,
    model,
    labelled,
    fresh,
    ...to,
    "--target",
    "price",
  );
  await refused(
    1,
    /new\.csv has no column "name", which --id names; it has/,
    model,
    labelled,
    fresh,
    ...to,
    "--id",
    "name",
  );
  await refused(
    2,
    /--id is for CSV files; "sim" is a data set/,
    model,
    labelled,
    "sim",
    ...to,
    "--id",
    "key",
  );
  await refused(
    2,
    /--target is for CSV files; "sim" is a data set/,
    model,
    "sim",
    fresh,
    ...to,
    "--target",
    "class",
  );
  await refused(
    1,
    /new\.csv has no column "class", whose classes are to be learned/,
    model,
    fresh,
    fresh,
    ...to,
  );
  const named = write(
    at("named.csv"),
    records.map((record, row) => ({ ...record, class: row % 2 ? "some" : "row" })),
  );
  await refused(
    1,
    /the class "row" of "class" has the name of another column of the predictions; rename the class, or name/,
    ...[model, named, fresh, ...to],
  );
  const empty = write(
    at("empty.csv"),
    records.map((record) => ({ ...record, class: "NA" })),
  );
  await refused(
    1,
    /empty\.csv: the target "class" is missing in every row; give rows with it/,
    model,
    empty,
    fresh,
    ...to,
  );
  const few = write(
    at("few.csv"),
    records.slice(0, 12).map((record, row) => ({ ...record, class: `c${row % 4}` })),
  );
  await refused(
    1,
    /8 rows to learn from leave none for mlp to stop by; give more rows, or take linear or trees/,
    ...[model, few, fresh, ...to],
  );
  assert.ok(!existsSync(at("never.csv")));
});

test("several predictors stand in one table beside their controls", async () => {
  const named = write(
    at("all.csv"),
    records.map((record) => ({ ...record, class: record.class === "no" ? "no" : "yes" })),
  );
  const own = untrainedVarTJepa(messyTable());
  await saveModel(at("own"), {
    ...own,
    schema: { ...own.schema, labels: { name: "class", classes: ["no", "yes"] } },
  });
  const words = [
    "evaluate",
    at("own"),
    named,
    "--json",
    at("several.json"),
    "--predictors",
    "linear,mlp,trees",
  ];
  const several = await finish(start(...words));
  assert.equal(several.code, 0, several.stderr);
  assert.match(several.stderr, /^predictors .* 100 % .* in all/m);
  const lines = several.stdout.split("\n");
  for (const line of lines) assert.ok(line.length <= 100, line);
  assert.match(lines[4], /^\| measure +\| predictor +\| +trained +\| +untrained \(3\) +\| +raw +\|$/);
  const table = lines
    .slice(6, lines.indexOf("", 6))
    .map((line) => line.split("|").map((cell) => cell.trim()));
  assert.deepEqual(
    table.map(([, , predictor]) => predictor),
    Array.from({ length: 10 }, () => ["linear", "mlp", "trees"]).flat(),
  );
  assert.deepEqual(
    table.slice(0, 12).flatMap(([, measure]) => (measure === "" ? [] : measure)),
    ["accuracy", "without 10 %, by posterior", "without 10 %, by confidence", "without 10 %, at random"],
  );
  assert.match(several.stdout, /^Always telling the largest class of the \d+ rows scored: 0\.\d{3}\.$/m);

  const { predictors: told, controls } = JSON.parse(readFileSync(at("several.json"), "utf8"));
  assert.equal(controls, undefined);
  assert.equal(told.length, 15);
  const [{ accuracy, standardError, settings }] = told;
  assert.deepEqual(settings.learningRate, 1e-2);
  const scored = told[0].selective[0].scores[0].kept;
  assert.ok(Math.abs(standardError - Math.sqrt((accuracy * (1 - accuracy)) / scored)) < 1e-12);
  assert.equal(table[0][3], `${accuracy.toFixed(3)} ± ${standardError.toFixed(3)}`);
});

test("what takes long is said beforehand, for each predictor that does", () => {
  const wide = { rows: 10_000, tokens: 54, width: 1 };
  const notes = slowNotes(["linear", "mlp", "ft-transformer"], [wide, wide], 2, "take fewer rows");
  assert.equal(notes.length, 1);
  assert.match(
    notes[0],
    /^note: ft-transformer makes up to 1 · 10\^14 multiplications here, .* [\d:]+ to [\d:]+ .*; take fewer rows$/,
  );
  assert.deepEqual(slowNotes(["ft-transformer"], [{ ...wide, rows: 10 }], 2, ""), []);
});
