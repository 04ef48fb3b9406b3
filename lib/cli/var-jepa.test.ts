import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { CommanderError } from "commander";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import Papa from "papaparse";
import { tableRecords } from "../data/tables/records.js";
import { startEngine } from "../engine/backend.js";
import { embeddingColumnNames, embedRows } from "../inference/embed-rows.js";
import { imputeTable } from "../inference/impute-table.js";
import { messyTable } from "../inference/messy.test-table.js";
import { readModelTable } from "../inference/model-table.js";
import { loadModel } from "../training/tabular-model.js";
import { buildProgram } from "./program.js";
import { UsageError } from "./usage-error.js";

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

function start(...words: string[]): ChildProcess {
  const program = fileURLToPath(new URL("./var-jepa.js", import.meta.url));
  return spawn(process.execPath, [program, ...words], { env: { ...process.env, VARJEPA_WORKERS: "1" } });
}

function finish(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name]?.on("data", (chunk) => {
      text[name] += chunk;
    });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, ...text })));
}

const run = (...words: string[]) => finish(start(...words));
const train = (out: string, ...more: string[]) =>
  start("train", csv, "--out", out, "--target", "class", "--ignore", "id", "--epochs", "30", ...more);

/** Waits for a file, at most twenty seconds. */
async function appears(file: string): Promise<void> {
  for (const giveUp = Date.now() + 20_000; !existsSync(file) && Date.now() < giveUp; )
    await new Promise((resolve) => setTimeout(resolve, 5));
}

function readRows(file: string): Record<string, string>[] {
  return Papa.parse<Record<string, string>>(readFileSync(file, "utf8"), {
    header: true,
    skipEmptyLines: true,
  }).data;
}

before(async () => {
  writeRows();
  await startEngine();
});

test("a training that is stopped and killed goes on to the same bits; a finished one is not overwritten", async () => {
  const whole = await finish(train(model));
  assert.equal(whole.code, 0, whole.stderr);
  assert.match(whole.stderr, /60 rows, 6 features; engine: .*\ntraining .* 100 % .* epoch 30 of 30\n/s);
  assert.match(whole.stdout, /\| klSy .*trained for 30 epochs .*next: npx var-jepa embed/s);
  assert.deepEqual(readdirSync(model).sort(), ["log.csv", "model.json", "run.json", "weights.safetensors"]);
  const log = readRows(path.join(model, "log.csv"));
  assert.deepEqual([log.length, log[29].step, log[29].epoch], [30, "30", "30"]);

  const broken = at("broken");
  const checkpoint = path.join(broken, "checkpoint.safetensors");
  const stopped = train(broken);
  appears(checkpoint).then(() => stopped.kill("SIGINT"));
  const said = await finish(stopped);
  assert.equal(said.code, 130);
  assert.match(
    said.stderr,
    /stopped; .*broken keeps the run up to its last finished epoch, the same command goes on/,
  );
  const other = await finish(train(broken, "--seed", "2"));
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
  const resumed = await finish(train(broken));
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.match(resumed.stderr, /going on with the run in/);
  const [a, b] = [await loadModel(model), await loadModel(broken)];
  assert.deepEqual(b.weights, a.weights);
  assert.equal(
    readFileSync(path.join(broken, "log.csv"), "utf8"),
    readFileSync(path.join(model, "log.csv"), "utf8"),
  );
  const again = await finish(train(broken));
  assert.equal(again.code, 1);
  assert.match(again.stderr, /^error: .*broken holds a finished model; name another folder, or add --fresh/);
  assert.equal((await finish(train(broken, "--fresh", "--kind", "t-jepa"))).code, 0);
  assert.equal((await loadModel(broken)).kind, "t-jepa");
});

test("embeddings come in three formats; columns are found by name, order and others do not matter", async () => {
  const trained = await loadModel(model);
  const { table } = await readModelTable(trained.schema, csv);
  const { values, uncertainty } = embedRows(trained, table);
  const names = embeddingColumnNames(trained);
  const classes = messyTable().labels!;
  const expected = Array.from({ length: 60 }, (_, row) => ({
    row,
    ...Object.fromEntries(names.map((name, j) => [name, values[row * names.length + j]])),
    uncertainty: uncertainty![row],
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
  assert.deepEqual(tail(at("e.uncertainty.npy"), 60), embedRows(trained, table, "p90").uncertainty);
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
  const trained = await loadModel(model);
  const { table } = await readModelTable(trained.schema, csv);
  const { cells } = imputeTable(trained, table, { samples: 5 });
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
  await run("generate", model, csv, "--hide", "x1,c1", "--samples", "2", "--out", at("s.csv"));
  const samples = readRows(at("s.csv"));
  assert.equal(samples.length, 120);
  assert.deepEqual(Object.keys(samples[0]), ["row", "sample", "x1", "c1"]);
  assert.deepEqual([samples[3].row, samples[3].sample], ["1", "2"]);
  assert.ok(samples.every(({ x1, c1 }) => Number.isFinite(Number(x1)) && /^bin [123]$/.test(c1)));
});

test("a model is evaluated beside its controls", async () => {
  const { code, stdout, stderr } = await run("evaluate", model, csv, "--rows", "50", "--json", at("e.json"));
  assert.equal(code, 0, stderr);
  for (const word of ["untrained (3 seeds)", "raw", "at random", "effective rank", "gain over marginal"])
    assert.ok(stdout.includes(word), word);
  const { data, controls, imputation } = JSON.parse(readFileSync(at("e.json"), "utf8"));
  assert.deepEqual([data.rows, controls.length, imputation.columns.length], [50, 5, 6]);
});

test("tables and data sets are described", async () => {
  const { code, stdout } = await run("describe", csv, "--target", "class");
  assert.equal(code, 0);
  assert.match(stdout, /rows\.csv: 60 rows, 7 features\nfile: rows\.csv, SHA-256 [0-9a-f]{64}\n/);
  assert.match(stdout, /\| id .*different in every row: name it in ignore if it is an identifier/);
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
  await Promise.all([
    fails(1, /^error: there is no file .*no\.csv; check its path\n$/, "describe", at("no.csv")),
    fails(2, /required option '--out <folder>' not specified/, "train", csv),
    fails(2, /--target is for CSV files.*\n\(add --help/, "describe", "sim", "--target", "class"),
  ]);
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
  await trains(/"alphaKl=1" names no weight; use alphaRec/, "--weights", "alphaKl=1");
  await trains(/alphaKlSy needs a number of at least 0/, "--weights", "alphaKlSy=-1");
  await trains(/'--preset <name>' argument 'fast' is invalid/, "--preset", "fast");
  await trains(/'--epochs <n>' argument '0' is invalid. Use a whole number of at least 1/, "--epochs", "0");
  await trains(/--preset paper is for the data sets/, "--preset", "paper");
  await trains(/a t-jepa has not; leave them out/, "--kind", "t-jepa", "--weights", "alphaKlZ=1");
  await trains(/--for imputation needs a decoder/, "--kind", "t-jepa", "--for", "imputation");
  await refuses(/give it one of the endings \.csv/, "embed", model, csv, "--out", at("x.xlsx"));
  await refuses(/too many arguments/, "datasets", "adult");
  assert.ok(!existsSync(at("never")));
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
      ...["--preset", "--for", "--seed", "--epochs", "--workers", "--weights", "--fresh"],
    ],
    embed: ["--out", "--aggregation", "--delimiter", "--missing"],
    impute: ["--out", "--samples", "--seed", "--report", "--delimiter", "--missing"],
    generate: ["--hide", "--given", "--samples", "--seed", "--out", "--delimiter", "--missing"],
    evaluate: ["--rows", "--seed", "--json", "--delimiter", "--missing"],
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
  const all = await run("--help");
  assert.equal(all.code, 0);
  for (const command of Object.keys(options)) assert.match(all.stdout, new RegExp(`^ {2}${command}`, "m"));
});
