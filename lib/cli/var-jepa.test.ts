import "../node/world.js";
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { CommanderError } from "commander";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import Papa from "papaparse";
import { splitHoldOut } from "../data/tables/hold-out.js";
import { featureNames } from "../data/tables/known-cells.js";
import { fitSchema } from "../data/tables/preprocess.js";
import { tableRecords } from "../data/tables/records.js";
import { takeTableRows } from "../data/tables/table.js";
import { startEngine } from "../engine/backend.js";
import { fold, seedKey } from "../engine/random.js";
import { imputationScores } from "../evaluation/imputation.js";
import { lockFolder } from "../files/folder-lock.js";
import { ownedFileName } from "../files/owner.js";
import { embeddingColumnNames, embedRows } from "../inference/embed-rows.js";
import { canGenerate } from "../inference/generate-columns.js";
import { imputeDraws, imputeTable } from "../inference/impute-table.js";
import { messyTable } from "../inference/messy.test-table.js";
import { readModelTable } from "../inference/model-table.js";
import { loadTableModel, saveModel } from "../training/trained-model.js";
import { finish, readRows, run, start } from "./commands.test-run.js";
import { evaluationSplit } from "./held-out-rows.js";
import { imputationCheck } from "./imputation-check.js";
import { buildProgram } from "./program.js";
import { UsageError } from "./usage-error.js";

process.env.VARJEPA_WORKERS = "1";
const folder = mkdtempSync(path.join(tmpdir(), "cli-test-"));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string) => path.join(folder, name);
const csv = at("rows.csv");
const model = at("model");

/** The messy table with an identifier, as CSV. */
function writeRows(): void {
  const records = tableRecords(messyTable()).map((record, i) => ({ id: `r${i}`, ...record }));
  writeFileSync(csv, Papa.unparse(records));
}

const trainWords = (out: string, ...more: string[]) => [
  "train",
  csv,
  "--out",
  out,
  "--target",
  "class",
  "--ignore",
  "id",
  "--epochs",
  "30",
  ...more,
];
const train = (out: string, ...more: string[]) => start(...trainWords(out, ...more));
const trainHere = (out: string, ...more: string[]) => run(...trainWords(out, ...more));

/** Sends a program a signal once a file is there, unless it ends before. */
async function signalWhen(file: string, child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  while (!existsSync(file) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill(signal);
}

before(async () => {
  writeRows();
  await startEngine();
});

test("a training that is stopped and killed goes on to the same bits; a finished one is not overwritten", async () => {
  const whole = await trainHere(model);
  assert.equal(whole.code, 0, whole.stderr);
  assert.match(
    whole.stderr,
    /54 rows \(6 more held out\), 6 features; engine: .*\ntraining .* 100 % .* epoch 30 of 30\n/s,
  );
  assert.match(whole.stdout, /\| klSy .*trained for 30 epochs .*next: npx var-jepa embed/s);
  const modelFiles = ["curves.svg", "log.csv", "model.json", "run.json", "weights.safetensors"];
  assert.deepEqual(readdirSync(model).sort(), modelFiles);
  assert.match(readFileSync(path.join(model, "curves.svg"), "utf8"), /^<svg .*klSy/s);
  const log = readRows(path.join(model, "log.csv"));
  assert.deepEqual([log.length, log[29].step, log[29].epoch], [30, "30", "30"]);

  const broken = at("broken");
  const checkpoint = path.join(broken, "checkpoint.safetensors");
  const stopped = train(broken);
  void signalWhen(checkpoint, stopped, "SIGINT");
  const said = await finish(stopped);
  assert.equal(said.code, 130);
  assert.match(
    said.stderr,
    /stopped; .*broken keeps the run up to its last finished epoch, the same command goes on/,
  );
  const other = await trainHere(broken, "--seed", "2");
  assert.equal(other.code, 1);
  assert.match(other.stderr, /^error: .*unfinished run with seed 1, this one has 2; set it back/);
  const killed = train(broken);
  let epochs = 0;
  killed.stderr?.on("data", (chunk) => {
    if (/going on/.test(String(chunk))) epochs++;
    if (/epoch \d+ of 30/.test(String(chunk))) killed.kill("SIGKILL");
  });
  assert.equal((await finish(killed)).code, null);
  assert.equal(epochs, 1);
  assert.ok(!existsSync(path.join(broken, "weights.safetensors")));
  const resumed = await trainHere(broken);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.match(resumed.stderr, /going on with the run in/);
  const [a, b] = [await loadTableModel(model), await loadTableModel(broken)];
  assert.deepEqual(b.parameters, a.parameters);
  assert.equal(
    readFileSync(path.join(broken, "log.csv"), "utf8"),
    readFileSync(path.join(model, "log.csv"), "utf8"),
  );
  assert.deepEqual(readdirSync(broken).sort(), modelFiles);
  const again = await trainHere(broken);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /^error: .*broken holds a finished model; name another folder, or add --fresh/);

  const fresh = train(broken, "--fresh", "--kind", "t-jepa");
  void signalWhen(checkpoint, fresh, "SIGKILL");
  await finish(fresh);
  assert.deepEqual(
    (await loadTableModel(broken)).parameters,
    a.parameters,
    "a model stays until the new one is whole",
  );
  assert.ok(readdirSync(broken).includes("log.csv"));
  assert.equal((await trainHere(broken, "--kind", "t-jepa")).code, 0);
  assert.equal((await loadTableModel(broken)).family, "t-jepa");
  assert.deepEqual(readdirSync(broken).sort(), modelFiles);
});

test("a model for imputation is shrunk by rows set aside, the same after it was killed; other models are not", async () => {
  const [whole, broken] = [at("imputation"), at("imputation-broken")];
  const words = ["--for", "imputation"];
  const { code, stdout, stderr } = await trainHere(whole, ...words);
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /^41 rows \(6 more held out, 13 more to choose on how far columns are shrunk towards/m,
  );
  assert.match(stderr, /^choosing .* 100 % .* in all$/m);
  assert.match(
    stdout,
    /^\d of 6 columns are told by little more than their marginal.*, by 13 rows set aside/m,
  );
  const killed = train(broken, ...words);
  void signalWhen(path.join(broken, "checkpoint.safetensors"), killed, "SIGKILL");
  await finish(killed);
  assert.equal((await trainHere(broken, ...words)).code, 0);
  const [a, b] = [await loadTableModel(whole), await loadTableModel(broken)];
  assert.deepEqual([b.parameters, b.shrinkage], [a.parameters, a.shrinkage]);
  assert.ok(a.shrinkage && a.shrinkage.numeric.length + a.shrinkage.categorical.length === 6);
  assert.equal((await loadTableModel(model)).shrinkage, undefined);

  const { table } = await readModelTable(a.schema, csv);
  const { holdOut, chosenOn } = JSON.parse(readFileSync(path.join(whole, "run.json"), "utf8"));
  const { heldOut, kept } = splitHoldOut(table, featureNames(a.schema), holdOut);
  const aside = splitHoldOut(takeTableRows(table, kept), featureNames(a.schema), chosenOn);
  assert.deepEqual([heldOut.length, aside.heldOut.length, aside.kept.length], [6, 13, 41]);
  const trainedOn = takeTableRows(takeTableRows(table, kept), aside.kept);
  assert.deepEqual(fitSchema(trainedOn).numeric, a.schema.numeric);
  assert.match((await run("info", whole)).stdout, /^imputation: \d of 6 columns are told by little more/m);
  assert.equal((await run("impute", whole, csv, "--out", at("shrunk.csv"), "--samples", "2")).code, 0);
  const shrunk = imputeTable(a, table, { samples: 2 }).cells;
  assert.notDeepEqual(imputeTable({ ...a, shrinkage: undefined }, table, { samples: 2 }).cells, shrunk);
  const [{ row, column, value }] = shrunk.filter(({ kind }) => kind === "categorical");
  assert.equal(readRows(at("shrunk.csv"))[row][column], value);
});

test("embeddings come in three formats; columns are found by name, order and others do not matter", async () => {
  const trained = await loadTableModel(model);
  const { table } = await readModelTable(trained.schema, csv);
  const { values, uncertainty } = embedRows(trained, table);
  const names = embeddingColumnNames(trained);
  const classes = messyTable().labels!;
  const expected = Array.from({ length: 60 }, (_, row) => ({
    row,
    ...Object.fromEntries(names.map((name, j) => [name, values[row * names.length + j]])),
    uncertainty: uncertainty!.mean[row],
    class: classes.classes[classes.codes[row]],
  }));
  const made = await run("embed", model, csv, "--out", at("e.csv"));
  assert.deepEqual([made.code, made.stdout], [0, `60 rows: ${at("e.csv")}\n`]);
  assert.deepEqual(
    readRows(at("e.csv")).map(({ class: label, ...numbers }) => ({
      ...Object.fromEntries(Object.entries(numbers).map(([name, v]) => [name, Math.fround(Number(v))])),
      class: label,
    })),
    expected,
  );
  const shuffled = at("shuffled.csv");
  const [header, ...lines] = Papa.parse<string[]>(readFileSync(csv, "utf8"), { skipEmptyLines: true }).data;
  const order = [...header.keys()].reverse();
  writeFileSync(
    shuffled,
    Papa.unparse(
      [header, ...lines].map((cells, i) => [i ? "of no use" : "extra", ...order.map((j) => cells[j])]),
    ),
  );
  await run("embed", model, shuffled, "--out", at("e.parquet"));
  const parquet = await parquetReadObjects({ file: await asyncBufferFromFile(at("e.parquet")) });
  assert.deepEqual(
    parquet.map((row) => ({ ...row })),
    expected,
  );
  const npy = await run("embed", model, csv, "--out", at("e.npy"), "--aggregation", "p90");
  assert.deepEqual([npy.code, npy.stdout], [0, `60 rows: ${at("e.npy")}, ${at("e.uncertainty.npy")}\n`]);
  const tail = (file: string, count: number) =>
    new Float32Array(new Uint8Array(readFileSync(file).subarray(-4 * count)).buffer);
  assert.deepEqual(tail(at("e.npy"), values.length), values);
  assert.deepEqual(tail(at("e.uncertainty.npy"), 60), embedRows(trained, table).uncertainty!.p90);
  const pooled = await run(
    "embed",
    model,
    csv,
    "--out",
    at("P.CSV"),
    "--pool",
    "mean",
    "--plot",
    at("p.PNG"),
  );
  assert.deepEqual([pooled.code, pooled.stdout], [0, `60 rows: ${at("P.CSV")}, ${at("p.PNG")}\n`]);
  const mean = embedRows(trained, table, "mean").values;
  assert.equal(Math.fround(Number(readRows(at("P.CSV"))[59]["mean.0"])), mean[(59 * mean.length) / 60]);
  assert.equal(readFileSync(at("p.PNG")).subarray(1, 4).toString(), "PNG");
});

test("missing cells are filled in, all others stay as they are written", async () => {
  const words = [
    "impute",
    model,
    csv,
    "--samples",
    "5",
    "--out",
    at("full.csv"),
    "--report",
    at("cells.csv"),
  ];
  const { code, stdout, stderr } = await run(...words);
  assert.equal(code, 0, stderr);
  const trained = await loadTableModel(model);
  const { table } = await readModelTable(trained.schema, csv);
  const { cells } = imputeTable(trained, table, { samples: 5 });
  assert.match(stderr, /^imputing .* 100 % .* in all/m);
  assert.match(stdout, new RegExp(`^${cells.length} missing cells in \\d+ of 60 rows filled in`));
  const [before, full, report] = [csv, at("full.csv"), at("cells.csv")].map(readRows);
  const filled = new Map<string, string>();
  before.forEach((row, i) => {
    for (const [name, cell] of Object.entries(row))
      if (cell !== "") assert.equal(full[i][name], cell);
      else filled.set(`${i} ${name}`, full[i][name]);
  });
  assert.equal(filled.size, cells.length);
  cells.forEach(({ row, column, value, ...rest }, i) => {
    const six = (n: number) => String(Number(n.toPrecision(6)));
    const text = typeof value === "number" ? six(value) : value;
    assert.equal(filled.get(`${row} ${column}`), text);
    assert.deepEqual(report[i], {
      row: String(row),
      column,
      value: text,
      deviation: "deviation" in rest ? six(rest.deviation) : "",
      probability: "probability" in rest ? six(rest.probability) : "",
    });
  });
});

test("--draws writes completed files that differ in what was missing, all with the same bytes again", async () => {
  const words = ["impute", model, csv, "--seed", "3"];
  writeFileSync(at("d.4.csv"), "of before");
  const { code, stdout, stderr } = await run(...words, "--draws", "3", "--out", at("d.csv"));
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^\d+ missing cells in \d+ of 60 rows drawn 3 times: .*d\.1\.csv, …, .*d\.3\.csv\n$/);
  assert.match(stderr, /note: the draws do not look at the target class, .* train without --target/);
  assert.match(stderr, /note: .*d\.4\.csv, from before, is none of these 3; remove it/);
  assert.ok(!existsSync(at("d.csv")));
  const trained = await loadTableModel(model);
  const { table } = await readModelTable(trained.schema, csv);
  const { cells, moved } = imputeDraws(trained, table, { draws: 3, seed: 3 });
  const before = readRows(csv);
  const numeric = new Map(trained.schema.numeric.map((feature) => [feature.name, feature]));
  for (const draw of [0, 1, 2]) {
    const full = readRows(at(`d.${draw + 1}.csv`));
    let missing = 0;
    before.forEach((row, i) => {
      for (const [name, cell] of Object.entries(row)) {
        if (cell !== "") assert.equal(full[i][name], cell);
        else {
          const value = cells.find((own) => own.row === i && own.column === name)!.values[draw];
          missing++;
          if (typeof value === "string") assert.equal(full[i][name], value);
          else {
            const [least, most] = numeric.get(name)!.range!;
            const written = Number(full[i][name]);
            assert.ok(
              Math.abs(written - value) < 1e-5 * Math.abs(value) && written >= least && written <= most,
            );
          }
        }
      }
    });
    assert.equal(missing, cells.length);
  }
  const all = moved.reduce((sum, { numbers }) => sum + numbers, 0);
  assert.ok(all > 0);
  assert.match(
    stderr,
    new RegExp(
      `note: ${all} of ${3 * cells.filter(({ column }) => numeric.has(column)).length} numbers lay beyond .* \\(${moved.map(({ column, numbers }) => `${column} ${numbers}`).join(", ")}\\); --raw-numbers`,
    ),
  );
  await run(...words, "--draws", "5", "--out", at("again.csv"), "--raw-numbers");
  const raw = imputeDraws(trained, table, { draws: 5, seed: 3, rawNumbers: true });
  const [cell] = raw.cells.filter(({ column }) => numeric.has(column));
  assert.equal(
    readRows(at("again.5.csv"))[cell.row][cell.column],
    String(Number(Number(cell.values[4]).toPrecision(6))),
  );
  await run(...words, "--draws", "4", "--out", at("same.csv"));
  assert.deepEqual(readFileSync(at("same.3.csv")), readFileSync(at("d.3.csv")));
  assert.notDeepEqual(readFileSync(at("same.3.csv")), readFileSync(at("same.4.csv")));
  const refused = await run(...words, "--draws", "2", "--samples", "9", "--out", at("never.csv"));
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /--samples is what means are taken over, and with --draws there is none/);
  assert.ok(!existsSync(at("never.1.csv")));
  const over = await run("impute", model, at("d.1.csv"), "--draws", "2", "--out", at("d.csv"));
  assert.equal(over.code, 2);
  assert.match(over.stderr, /--out would write over .*d\.1\.csv", which <csv> reads/);
});

test("--report checks the columns filled in on rows held out, with the numbers of imputationScores, or says why it cannot", async () => {
  const { code, stdout, stderr } = await run(
    ...["impute", model, csv, "--out", at("r.csv"), "--report", at("r-cells.csv"), "--seed", "2"],
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /Checked on known cells of 6 rows held out when the model was trained/);
  assert.match(stderr, /note: 6 rows scored, fewer than 30/);
  const trained = await loadTableModel(model);
  assert.ok(canGenerate(trained));
  const { table } = await readModelTable(trained.schema, csv);
  const { holdOut } = JSON.parse(readFileSync(path.join(model, "run.json"), "utf8"));
  const names = featureNames(trained.schema);
  const { kept, heldOut } = splitHoldOut(table, names, holdOut);
  const key = fold(seedKey(2), "imputation check");
  const split = evaluationSplit(table, { kept, heldOut }, fold(key, "split"));
  // All but x1, the first feature, lack cells.
  const settings = { sets: 1, samples: 32, visible: 5, features: [1, 2, 3, 4, 5], coverage: true };
  const { columns } = await imputationScores(trained, table, split, key, settings);
  const missing = readRows(at("r-cells.csv"));
  for (const line of stdout.split("\n").slice(1)) assert.ok(line.length <= 100, line);
  const lines = stdout.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  const three = (mean: number, error: number) => `${mean.toFixed(3)} ± ${error.toFixed(3)}`;
  assert.ok(columns.length > 0);
  for (const { column, rows, gain, gainError, linear, coverage } of columns) {
    const line = lines.find((cells) => cells.includes(column))!.filter((cell) => cell !== "");
    const over = linear!.gainOver;
    assert.deepEqual(line, [
      column,
      String(missing.filter((cell) => cell.column === column).length),
      String(rows),
      three(gain, gainError),
      three(over.gain, over.gainError),
      coverage ? three(coverage.share, coverage.shareError) : "–",
    ]);
  }
  const saved = at("saved");
  await saveModel(saved, trained);
  const words = ["--out", at("r2.csv"), "--report", at("r2-cells.csv"), "--seed", "2"];
  const unchecked = await run("impute", saved, csv, ...words);
  assert.equal(unchecked.code, 0);
  assert.match(
    unchecked.stderr,
    /note: --report cannot tell how good this is: the model does not say which rows it was trained on, .* train with --hold-out/,
  );
  assert.doesNotMatch(unchecked.stdout, /Checked/);
  const settings0 = { holdOut: { share: 0, seed: 1, from: 1, to: 0 } };
  writeFileSync(path.join(saved, "run.json"), JSON.stringify(settings0));
  const none = await imputationCheck(trained, saved, csv, table, new Map([["x2", 1]]), 2);
  assert.match(
    none.notes.join(),
    /good this is: the model was made of all rows, none held out \(--hold-out 0\),/,
  );
  rmSync(path.join(saved, "run.json"));
  assert.deepEqual(readFileSync(at("r2-cells.csv")), readFileSync(at("r-cells.csv")));
  const few = at("few.csv");
  writeFileSync(few, readFileSync(csv, "utf8").split("\n").slice(0, 4).join("\n"));
  const short = await run("impute", model, few, ...words);
  assert.match(short.stderr, /of 3 rows of .*few\.csv \d count as held out of training, and \d are left/);
  // A model of before whole numbers and ranges were kept.
  const numeric = trained.schema.numeric.map(({ whole: _, range: __, ...before }) => before);
  await saveModel(saved, { ...trained, schema: { ...trained.schema, numeric } });
  const old = await run("impute", saved, csv, "--out", at("r3.csv"));
  assert.match(old.stderr, /note: x2, x3, x4: the model, made by an earlier version, does not say whether/);
  assert.doesNotMatch(unchecked.stderr, /earlier version/);
});

test("hidden columns are drawn, one line per row and sample", async () => {
  const { code, stderr } = await run(
    ...[
      "generate",
      model,
      csv,
      "--hide",
      "x1,c1",
      "--given",
      "x2,x3,c2",
      "--samples",
      "2",
      "--out",
      at("s.csv"),
    ],
  );
  assert.equal(code, 1);
  assert.match(stderr, /^error: row \d+ of "rows" has no known cell to generate from/);
  assert.ok(!existsSync(at("s.csv")));
  const words = ["generate", model, csv, "--hide", "x1,c1", "--samples", "2"];
  const said = await run(...words, "--out", at("s.csv"));
  const samples = readRows(at("s.csv"));
  await run(...words, "--raw-numbers", "--out", at("raw.csv"));
  const [least, most] = (await loadTableModel(model)).schema.numeric[0].range!;
  let moved = 0;
  readRows(at("raw.csv")).forEach(({ x1, c1 }, i) => {
    const kept = Math.min(most, Math.max(least, Number(x1)));
    if (kept !== Number(x1)) moved++;
    assert.equal(samples[i].c1, c1);
    const written = Number(samples[i].x1);
    assert.ok(Math.abs(written - kept) < 1e-5 * kept && written >= least && written <= most);
  });
  assert.ok(moved > 0);
  assert.match(
    said.stderr,
    new RegExp(`note: ${moved} of 120 numbers lay beyond .* \\(x1 ${moved}\\); --raw`),
  );
  assert.equal(samples.length, 120);
  assert.deepEqual(Object.keys(samples[0]), ["row", "sample", "x1", "c1"]);
  assert.deepEqual([samples[3].row, samples[3].sample], ["1", "2"]);
  assert.ok(samples.every(({ x1, c1 }) => Number.isFinite(Number(x1)) && /^bin [123]$/.test(c1)));
});

test("of two trainings in one folder the second is refused, whatever it was told; a killed one is in nobody's way", async () => {
  const lock = lockFolder(model);
  const before = readdirSync(model);
  for (const more of [[], ["--fresh"]]) {
    const { code, stderr } = await trainHere(model, ...more);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^error: .*model is in use by process \d+; wait until it ends or name another folder/,
    );
  }
  assert.deepEqual(readdirSync(model), before);
  lock.release();
  const killed = spawn(process.execPath, ["-e", ""]);
  await finish(killed);
  const left = ownedFileName("lock").replace(`-${process.pid}-`, `-${killed.pid}-`);
  writeFileSync(path.join(model, left), "");
  lockFolder(model).release();
  assert.ok(!readdirSync(model).includes(left));
  const never = lockFolder(at("never"));
  never.release();
  assert.ok(!existsSync(at("never")));
});

test("nothing is written over that is read, nor twice, nor where it cannot be; that is said before any work", async () => {
  const refused = async (code: number, message: RegExp, ...words: string[]) => {
    const { stderr, ...rest } = await run(...words);
    assert.match(stderr, message);
    assert.deepEqual(rest, { code, stdout: "" });
  };
  const before = readFileSync(csv);
  symlinkSync(csv, at("soft.csv"));
  linkSync(csv, at("hard.csv"));
  mkdirSync(at("a-folder"));
  mkdirSync(at("n/e.uncertainty.npy"), { recursive: true });
  const out = ["--out", at("out.csv")];
  const same = (name: string) =>
    new RegExp(`^error: --out would write over ".*${name}", which <(csv|input)> reads`);
  await refused(2, same("rows.csv"), "embed", model, csv, "--out", csv);
  await refused(
    2,
    same("rows.csv"),
    "embed",
    model,
    csv,
    "--out",
    path.join(folder, "a-folder", "..", "rows.csv"),
  );
  await refused(2, same("rows.csv"), "impute", model, csv, "--out", at("soft.csv"));
  await refused(2, same("soft.csv"), "impute", model, at("soft.csv"), "--out", csv);
  await refused(2, same("rows.csv"), "generate", model, csv, "--hide", "x1", "--out", at("hard.csv"));
  await refused(
    2,
    /--json would write over .*run\.json", which <model> reads/,
    ...["evaluate", model, csv],
    "--json",
    path.join(model, "run.json"),
  );
  await refused(2, /--report would write over .*rows\.csv/, "impute", model, csv, ...out, "--report", csv);
  await refused(
    2,
    /--out and --report would both be written to .*out\.csv"; give each/,
    "impute",
    model,
    csv,
    ...out,
    "--report",
    at("a-folder/../out.csv"),
  );
  await refused(
    2,
    /--out would write over .*log\.csv", which <input> reads/,
    "train",
    path.join(model, "log.csv"),
    "--out",
    model,
  );
  await refused(
    1,
    /^error: .*a-folder could not be written: it is a folder/,
    "impute",
    model,
    csv,
    "--out",
    at("a-folder"),
  );
  await refused(
    1,
    /a part of its path is a file, not a folder/,
    "train",
    csv,
    "--out",
    path.join(csv, "model"),
  );
  await refused(
    1,
    /e\.uncertainty\.npy could not be written: it is a folder/,
    ...["embed", model, csv],
    "--out",
    at("n/e.npy"),
  );
  await refused(
    2,
    /--hide names "row", but the file has a column of that name for the row's number; rename/,
    "generate",
    model,
    csv,
    "--hide",
    "x1,row",
    ...out,
  );
  assert.ok(!existsSync(at("out.csv")));
  assert.deepEqual(readFileSync(csv), before);
});

test("a model says what it was made from; a dry run says what would be made, and writes nothing", async () => {
  const { code, stdout } = await run("info", model);
  assert.equal(code, 0);
  for (const part of [
    /model: var-t-jepa, [\d,]+ parameters\n/,
    /trained on: .*rows\.csv; 60 rows \(10 % of them held out\), 6 features, target class \(not looked at\)\nsum of the table: [0-9a-f]{64}\n/,
    /preset quick, for embedding, 1 thread, target class, ignore id\n/,
    /training: 30 epochs, batches of \d+, .* seed 1, 0:\d\d\n/,
    /\| klSy .*\| x1 +\| numeric .*\| c1 +\| categorical/s,
  ])
    assert.match(stdout, part);
  const { stdout: json } = await run("info", model, "--json");
  const { run: settings, history, schema } = JSON.parse(json);
  assert.deepEqual(
    [settings.input, settings.epochs, history.length, schema.numeric.length],
    [csv, 30, 30, 4],
  );
  const none = await run("info", at("a-folder"));
  assert.match(none.stderr, /a-folder holds no weights\.safetensors/);

  const files = readdirSync(folder);
  const dry = await run("train", csv, "--target", "class", "--ignore", "id", "--dry-run");
  assert.equal(dry.code, 0, dry.stderr);
  const parameters = /([\d,]+) parameters/.exec(stdout)?.[1];
  assert.match(dry.stdout, /^table: 54 rows, 6 features \(4 numeric, 2 categorical\)\nmodel: var-t-jepa, /);
  assert.ok(
    dry.stdout.includes(`, ${parameters} parameters\ntraining: 500 epochs of 1 step with`),
    dry.stdout,
  );
  assert.match(dry.stdout, /time: about \d+:\d\d on 1 thread, at .* s a step .*\nnothing was written\n$/);
  const imputing = ["--ignore", "id", "--dry-run", "--for", "imputation"];
  const longer = await run("train", csv, "--target", "class", ...imputing);
  assert.match(longer.stdout, /training: 4,000 epochs of 1 step with up to 41 rows, 4,000 steps in all\n/);
  assert.match(
    longer.stdout,
    /\nafterwards, not in this time: 13 rows set aside to choose on how far .*\nnothing/,
  );
  assert.deepEqual(readdirSync(folder), files);
});

test("rows that --for imputation cannot set aside are named, with the fix", async () => {
  const dry = ["--dry-run", "--for", "imputation"];
  const few = at("twelve.csv");
  const lines = Array.from({ length: 12 }, (_, i) => `${i},${(i * 7) % 5}`);
  writeFileSync(few, ["a,b", ...lines].join("\n"));
  const twelve = await run("train", few, "--hold-out", "0", ...dry);
  assert.match(twelve.stderr, /9 rows to train on \(3 more set aside by .* or leave out --for imputation/);
  assert.equal((await run("train", few, "--hold-out", "0", "--dry-run")).code, 0);
  const equal = at("equal.csv");
  writeFileSync(equal, ["a,b", ...Array.from({ length: 60 }, (_, i) => (i < 5 ? "1,2" : "3,4"))].join("\n"));
  assert.match(
    (await run("train", equal, ...dry)).stderr,
    /all 55 rows that are not held out are equal, and --for imputation can set none .* or leave out/,
  );
  // A tenth of the 40 would be all that --hold-out leaves.
  const most = at("forty.csv");
  writeFileSync(most, ["a,b", ...Array.from({ length: 40 }, (_, i) => `${i},${(i * 7) % 5}`)].join("\n"));
  assert.match(
    (await run("train", most, "--hold-out", "0.9", ...dry)).stderr,
    /3 rows to train on \(36 more held out, 1 more set aside/,
  );
});

test("control characters in names reach no terminal", async () => {
  const evil = at("\u001b[31m\u0007.csv");
  writeFileSync(evil, "a\u001b[2J,b\r\n1,x\r\n2,y\r\n3,x\r\n");
  const { stdout } = await run("describe", evil);
  assert.match(stdout, /\| "a\\u001b\[2J" \|/);
  const { stderr } = await run("describe", at("\u001b[31m"));
  assert.match(stderr, /there is no file .*\\x1b\[31m; check/);
  for (const text of [stdout, stderr])
    assert.ok(
      [...text].every((c) => c === "\n" || c >= " "),
      text,
    );
});

test("a model is evaluated beside its controls", async () => {
  const { code, stdout, stderr } = await run("evaluate", model, csv, "--rows", "50", "--json", at("e.json"));
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^probes .* 100 % .* in all$.*^imputation .* 100 % .* in all$/ms);
  for (const word of [
    "untrained (3 seeds)",
    "raw",
    "at random",
    "effective rank",
    "gain over marginal",
    "in 90 %",
  ])
    assert.ok(stdout.includes(word), word);
  assert.equal(JSON.parse(readFileSync(at("e.json"), "utf8")).data.trainingTable, true);
  const { data, controls, imputation } = JSON.parse(readFileSync(at("e.json"), "utf8"));
  assert.deepEqual([data.rows, controls.length, data.seenInTraining], [50, 5, false]);
  // Of the rows drawn those that train held out are scored: 6 of 60 in the file.
  assert.ok(data.scoredOn >= 1 && data.scoredOn <= 6, `${data.scoredOn}`);
  assert.match(stderr, /^note: \d rows? scored, fewer than 30: /m);
  for (const line of stdout.split("\n")) assert.ok(line.length <= 100, line);
  const terms = /^(probe|balanced accuracy|AURC|same mix|dead share|marginal|reconstruction|log p): ./gm;
  assert.equal(stdout.match(terms)?.length, 8);
  assert.match(stdout, /^50 rows: 4\d to learn from, \d to score on, held out when the model was trained\n/);
  assert.ok(
    imputation.columns.length >= 4 && imputation.columns.every(({ rows }: { rows: number }) => rows <= 6),
  );
  const whole = at("whole");
  const known = await run(
    "train",
    csv,
    "--ignore",
    "id,class",
    "--out",
    whole,
    "--hold-out",
    "0",
    "--epochs",
    "1",
    "--workers",
    "1",
  );
  assert.match(known.stderr, /^60 rows, 6 features;/);
  const told = await run("evaluate", whole, csv, "--rows", "20");
  assert.match(
    told.stdout,
    /^20 rows: 16 to learn from, 4 to score on, which the model may have been trained on\n/,
  );
});

test("tables and data sets are described", async () => {
  const { code, stdout } = await run("describe", csv, "--target", "class");
  assert.equal(code, 0);
  assert.match(stdout, /rows\.csv: 60 rows, 7 features\nfile: rows\.csv, SHA-256 [0-9a-f]{64}\n/);
  assert.match(stdout, /\| id .*different in every row: name it in ignore if it is an identifier/);
  const large = at("large.csv");
  writeFileSync(large, `a,pad\n${[1, 2, 3].map((n) => `${n},${"x".repeat(1_700_000)}`).join("\n")}\n`);
  const told = await run("describe", large, "--ignore", "pad");
  assert.match(told.stderr, /^reading .*large\.csv \(5 MB\) …\n$/);
  const sets = await run("datasets");
  assert.match(sets.stdout, /\| covertype +\| 10000 \| +54 \|/);
});

test("what cannot be done ends with code 1 and one sentence, what makes no sense with code 2", async () => {
  const fails = async (code: number, message: RegExp, ...words: string[]) => {
    const result = await run(...words);
    assert.equal(result.code, code, result.stderr);
    assert.match(result.stderr, message);
    assert.equal(result.stdout, "");
    assert.ok(!result.stderr.includes("    at "));
  };
  await fails(1, /^error: there is no file .*no\.csv; check its path\n$/, "describe", at("no.csv"));
  await fails(2, /required option '--out <folder>' not specified/, "train", csv);
  await fails(2, /--target is for CSV files.*\n\(add --help/, "describe", "sim", "--target", "class");
  const child = await finish(start("describe", at("no.csv")));
  assert.deepEqual([child.code, child.stdout], [1, ""]);
  assert.match(child.stderr, /^error: there is no file .*no\.csv; check its path\n$/);
});

/** Runs the program in this process. */
async function parse(...words: string[]): Promise<{ text: string; error: unknown }> {
  let text = "";
  const output = { writeOut: (some: string) => (text += some), writeErr: (some: string) => (text += some) };
  const program = buildProgram();
  for (const command of [program, ...program.commands]) command.configureOutput(output);
  const error = await program.parseAsync(words, { from: "user" }).catch((thrown: unknown) => thrown);
  return { text, error };
}

test("words that make no sense are refused with what can be said", async () => {
  const refuses = async (message: RegExp, ...words: string[]) => {
    const { text, error } = await parse(...words);
    assert.match(error instanceof UsageError ? error.message : text, message);
    assert.ok(error instanceof UsageError || (error instanceof CommanderError && error.exitCode !== 0));
  };
  const trains = (message: RegExp, ...words: string[]) =>
    refuses(message, "train", csv, "--out", at("never"), ...words);
  await refuses(/unknown command 'trian'/, "trian");
  await trains(/--weights: alphaKl is no term; use rec, gen, klSx, klZ, klSy/, "--weights", "alphaKl=1");
  await trains(/"klSy=-1" is no weight; write a term, = and a number of at least 0/, "--weights", "klSy=-1");
  await trains(/klSy is 0.1 and 2; give one weight/, "--weights", "klSy=0.1,klSy=2");
  await trains(/'--preset <name>' argument 'fast' is invalid/, "--preset", "fast");
  await trains(/'--epochs <n>' argument '0' is invalid. Use a whole number of at least 1/, "--epochs", "0");
  await trains(
    /'--workers <n>' argument '500' is invalid. Use a whole number from 1 to 256/,
    "--workers",
    "500",
  );
  await refuses(
    /'--samples <n>' argument '1e8' is invalid. Use a whole number from 1 to 1000000/,
    ...["impute", model, csv, "--out", at("x.csv"), "--samples", "1e8"],
  );
  await trains(/--preset paper is for the data sets/, "--preset", "paper");
  await trains(/--weights: klZ is no term; use prediction/, "--kind", "t-jepa", "--weights", "klZ=1");
  await trains(
    /--for imputation: t-jepa has no predictive distribution, .* use a var-t-jepa model/,
    "--kind",
    "t-jepa",
    "--for",
    "imputation",
  );
  await refuses(/give it one of the endings \.csv/, "embed", model, csv, "--out", at("x.xlsx"));
  await refuses(
    /--plot is ".*"; give it one of the endings \.png, \.svg/,
    ...["embed", model, csv, "--out", at("x.csv"), "--plot", at("x.gif")],
  );
  await refuses(
    /option '--predictors <a,b>' argument 'mlp,tree' is invalid. "tree" is no predictor; use one or more of linear, mlp, dcnv2, resnet, autoint, ft-transformer, trees/,
    ...["evaluate", model, csv, "--predictors", "mlp,tree"],
  );
  await refuses(
    /'--predictor <name>' argument 'tree' is invalid. Allowed choices are linear, mlp, dcnv2, resnet, autoint, ft-transformer, trees/,
    ...["predict", model, csv, csv, "--out", at("never"), "--predictor", "tree"],
  );
  await refuses(/too many arguments/, "datasets", "adult");
  assert.ok(!existsSync(at("never")));
});

test("an option that takes a value is refused when it is given twice, of every command", async () => {
  const valid: Record<string, string> = {
    delimiter: ";",
    weights: "alphaRec=1",
    "hold-out": "0.5",
    rows: "10",
    predictors: "linear",
    draws: "2",
  };
  for (const { name, options } of buildProgram().commands.map((each) => ({
    name: each.name(),
    options: each.options,
  })))
    for (const option of options.filter(({ required, optional }) => required || optional)) {
      const value = option.argChoices?.[0] ?? valid[option.name()] ?? "1";
      const { error } = await parse(name, String(option.long), value, String(option.long), value);
      assert.ok(error instanceof UsageError, `${name} ${option.long}`);
      assert.equal(
        error.message,
        `${option.long} is given twice, as "${value}" and as "${value}"; give it once`,
      );
    }
  assert.equal((await run("describe", csv, "--json", "--json")).code, 0);
});

test("only options of the command are advised", async () => {
  const tables = [
    "x1,x1\n1,2\n",
    "x1,x2\n1\n",
    "x1,c1\nNone,1\n2,1\n",
    "x1 c1\n1 2\n",
    "1.5,2\n1.5,2\n",
    "x1,c1\n1e200,2\n1,2\n",
  ];
  const words: Record<string, string[]> = {
    describe: [],
    train: ["--dry-run"],
    embed: [model, "--out", at("never.csv")],
    impute: [model, "--out", at("never.csv")],
    generate: [model, "--hide", "x1", "--out", at("never.csv")],
    evaluate: [model],
    predict: [model, csv, "--out", at("never.csv")],
  };
  const advised = new Map<string, Set<string>>();
  for (const [name, more] of Object.entries(words)) {
    const command = buildProgram().commands.find((each) => each.name() === name);
    const own = command?.options.map(({ long }) => long) ?? [];
    for (const [i, text] of tables.entries()) {
      const file = at(`advice-${i}.csv`);
      writeFileSync(file, text);
      const rest = more[0] === model ? [model, file, ...more.slice(1)] : [file, ...more];
      const { stderr, stdout } = await run(name, ...rest);
      for (const [, option] of `${stderr}${stdout}`.matchAll(/\((--[a-z-]+)/g)) {
        assert.ok(own.includes(option), `${name}: ${stderr}`);
        advised.set(name, (advised.get(name) ?? new Set()).add(option));
      }
    }
  }
  assert.ok(advised.get("describe")?.has("--no-header") && advised.get("embed")?.has("--missing"));
});

test("--help of every command says all of its options and ends with examples", async () => {
  const options: Record<string, string[]> = {
    describe: [
      ...["--target", "--categorical", "--numeric", "--ignore", "--no-header", "--delimiter", "--missing"],
      "--json",
    ],
    train: [
      ...[
        "--out",
        "--target",
        "--categorical",
        "--numeric",
        "--ignore",
        "--no-header",
        "--delimiter",
        "--missing",
        "--kind",
      ],
      ...[
        "--preset",
        "--for",
        "--seed",
        "--epochs",
        "--workers",
        "--weights",
        "--hold-out",
        "--fresh",
        "--dry-run",
      ],
    ],
    info: ["--json"],
    embed: ["--out", "--aggregation", "--pool", "--plot", "--delimiter", "--missing"],
    impute: [
      ...["--out", "--draws", "--samples", "--seed", "--raw-numbers", "--report", "--delimiter", "--missing"],
    ],
    generate: [
      ...["--hide", "--given", "--samples", "--seed", "--raw-numbers", "--out", "--delimiter", "--missing"],
    ],
    evaluate: ["--predictors", "--rows", "--seed", "--json", "--delimiter", "--missing"],
    predict: [
      ...["--out", "--predictor", "--features", "--target", "--id", "--seed", "--delimiter", "--missing"],
    ],
    datasets: [],
  };
  for (const [command, words] of Object.entries(options)) {
    const { text: stdout, error } = await parse(command, "--help");
    assert.ok(error instanceof CommanderError && error.exitCode === 0);
    assert.match(stdout, new RegExp(`^Usage: var-jepa ${command} `));
    const listed = [...stdout.matchAll(/^ {2}(?:-h, )?(--[a-z-]+)/gm)].map(([, option]) => option);
    assert.deepEqual(listed.sort(), [...words, "--help"].sort());
    assert.match(stdout, new RegExp(`Examples:\n {2}\\$ npx var-jepa ${command}`));
  }
  const all = await parse("--help");
  for (const command of Object.keys(options)) assert.match(all.text, new RegExp(`^ {2}${command}`, "m"));
});
