import "../node/world.js";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { startEngine } from "../engine/backend.js";
import { messyTable, untrainedVarTJepa } from "../inference/messy.test-table.js";
import { saveModel } from "../training/trained-model.js";
import { delimiter, list, missingList } from "./options.js";
import { buildProgram } from "./program.js";

const folder = mkdtempSync(path.join(tmpdir(), "cli-input-test-"));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string) => path.join(folder, name);
const model = at("model");

before(async () => {
  await startEngine();
  await saveModel(model, untrainedVarTJepa(messyTable()));
});

/** Runs the program in this process. */
async function run(t: TestContext, ...words: string[]): Promise<{ stdout: string; stderr: string }> {
  const said = { stdout: "", stderr: "" };
  t.mock.method(console, "log", (text: string) => {
    said.stdout += `${text}\n`;
  });
  t.mock.method(process.stderr, "write", (text: string) => {
    said.stderr += text;
    return true;
  });
  try {
    await buildProgram().parseAsync(words, { from: "user" });
  } finally {
    t.mock.restoreAll();
  }
  return said;
}

function write(name: string, text: string | Uint8Array): string {
  writeFileSync(at(name), text);
  return at(name);
}

const marked = `x,y\n${Array.from({ length: 40 }, (_, i) => `${i % 10 === 0 ? "None" : i % 10 === 1 ? "" : i / 4},${i / 8}`).join("\n")}\n`;

test("lists are CSV, tabs can be typed, missing cells are added or replaced", () => {
  assert.deepEqual(list('a , "b, ""c""",d'), ["a", 'b, "c"', "d"]);
  assert.deepEqual([list(",?"), list("")], [["", "?"], [""]]);
  assert.throws(() => list('a,"b'), /A double quote is not closed/);
  assert.deepEqual(["\\t", "\t", ";", "·"].map(delimiter), ["\t", "\t", ";", "·"]);
  for (const wrong of ["", "ab", '"', "\n", "\\n"])
    assert.throws(() => delimiter(wrong), /Use a single character/);
  assert.deepEqual(missingList(["-"], ["", "?"]), ["", "?", "-"]);
  assert.deepEqual(missingList(["=", "-"], ["", "?"]), ["", "-"]);
  assert.deepEqual(missingList(["=-"], ["", "?"]), ["-"]);
  assert.deepEqual(missingList(undefined, ["", "?"]), ["", "?"]);
});

test("the advice of a refusal helps when it is typed", async (t) => {
  const file = write("none.csv", marked);
  await assert.rejects(run(t, "describe", file), /count it as missing \(--missing None\)/);
  const { stdout } = await run(t, "describe", file, "--missing", "None", "--json");
  const { rows, columns, notes } = JSON.parse(stdout);
  assert.equal(rows, 40);
  assert.deepEqual(
    columns.map(({ type, missing }: { type: string; missing: number }) => [type, missing]),
    [
      ["numeric", 8],
      ["numeric", 0],
    ],
  );
  assert.deepEqual(notes, []);
});

test("describe takes a name with a comma, a typed tab, no header, gzip and standard input", async (t) => {
  const text = "first, name\tb\nx\t1\ny\t2.5\nz\t2.5\n";
  const tabs = write("tabs.tsv.gz", gzipSync(text));
  const { stdout } = await run(t, "describe", tabs, "--delimiter", "\\t", "--ignore", '"first, name"');
  assert.match(stdout, /tabs\.tsv\.gz: 3 rows, 1 feature\n(.*\n)+\| b +\| numeric \| 1 … 2.5 \| +0 \|/);
  const bare = write("bare.csv", "1.5,u\n2.5,u\n2.5,v\n");
  const noted = await run(t, "describe", bare);
  assert.match(noted.stdout, /\nnote: the first line looks like data, .* \(--no-header\)\n/);
  const { stdout: whole } = await run(t, "describe", bare, "--no-header");
  assert.match(whole, /bare\.csv: 3 rows, 2 features\n(.*\n)+\| c1 /);
  assert.doesNotMatch(whole, /looks like data/);
  const program = fileURLToPath(new URL("./var-jepa.js", import.meta.url));
  const piped = spawnSync(process.execPath, [program, "describe", "-"], { input: text, encoding: "utf8" });
  assert.match(piped.stdout, /^standard input: 3 rows, 2 features\n/, piped.stderr);
});

test("train says what describe says, and refuses before anything is written", async (t) => {
  const file = write(
    "noted.csv",
    `id,x,k\n${Array.from({ length: 30 }, (_, i) => `${i},0${i % 7},3`).join("\n")}\n`,
  );
  const described = await run(t, "describe", file);
  const out = at("noted-model");
  const { stderr } = await run(t, "train", file, "--out", out, "--epochs", "1", "--workers", "1");
  assert.match(described.stdout, /\nnote: x: numbers lose the zeros that they begin with \(00, 01, 02\)/);
  for (const line of described.stdout.match(/^note: .*$/gm) ?? [])
    assert.ok(stderr.includes(`${line}\n`), line);
  assert.match(stderr, /\nnote: k: constant: name it in ignore\n/);
  const lost = await run(
    t,
    "embed",
    out,
    write("few.csv", "id,x,k\n1,2,3\n2,100,3\n"),
    "--out",
    at("few.csv.csv"),
  );
  assert.match(lost.stderr, /^note: x: 1 of 2 numbers lie far outside of those trained on \(0 … 6\): 100\n/);

  for (const [text, message] of [
    ["x,y\n1,2\n1e200,3\n", /line 3, column "x" holds "1e200", beyond 3.4e\+38.* \(--missing 1e200\)/],
    ["x,y\n,2\n,3\n", /the column "x" .* has no value to fit on; leave it out \(--ignore x\)/],
  ] as const)
    await assert.rejects(run(t, "train", write("bad.csv", text), "--out", at("never")), message);
  assert.ok(!existsSync(at("never")));
});

test("a model of a file without header or with marks of its own reads others alike", async (t) => {
  const rows = Array.from({ length: 30 }, (_, i) => `${i % 7 === 0 ? "None" : i / 3},${i % 5}.5`).join("\n");
  const file = write("plain.csv", `${rows}\n`);
  const out = at("plain-model");
  await run(
    t,
    "train",
    file,
    "--no-header",
    "--missing",
    "None",
    "--out",
    out,
    "--epochs",
    "1",
    "--workers",
    "1",
  );
  const { stdout } = await run(t, "embed", out, file, "--out", at("plain.npy"));
  assert.match(stdout, /^30 rows/);
  const more = write("more.csv", "-,1.5\nNone,2.5\n");
  await run(t, "embed", out, more, "--missing", "-", "--out", at("more.npy"));
});

test("impute changes missing cells only, whatever the layout, and leaves rows without anything", async (t) => {
  const features = messyTable().columns.map(({ name }) => name);
  const known = ['"100"', " 101.0 ", "1e2", "99", '"bin 1"', "bin 2"];
  const [x1, ...rest] = known;
  const header = `\ufeff note ;${features.join(";")}\r\n`;
  const empty = `"  left ";${features.map(() => "").join("; ")}\r\n`;
  const text = `${header}"  padded 0 ";${x1};?;${rest.slice(1).join(";")}\n\n${empty}"a;""b""";${known.join(";")}\r`;
  const file = write("cells.csv", text);
  const { stdout, stderr } = await run(t, "impute", model, file, "--out", at("filled.csv"), "--samples", "2");
  assert.match(stdout, /^1 missing cells in 1 of 3 rows filled in/);
  assert.match(
    stderr,
    /note: 1 of 3 rows have no cell that the model knows and stay as they are \(row 1\)\n/,
  );
  const filled = readFileSync(at("filled.csv"), "utf8");
  assert.match(filled, /;"100";[\d.]+;1e2;/);
  assert.equal(filled.replace(/;"100";[\d.]+;1e2;/, ';"100";?;1e2;'), text);
  const strange = write(
    "strange.csv",
    `${features.join(",")}\n100,100,100,100,bin 9,bin 1\n100,100,100,100,bin 1,bin 1\n`,
  );
  const counted = await run(t, "impute", model, strange, "--out", at("strange-filled.csv"));
  assert.match(counted.stderr, /note: c1: 1 of 2 cells have categories not seen in training: bin 9\n/);
  assert.equal(readFileSync(at("strange-filled.csv"), "utf8"), readFileSync(strange, "utf8"));
});
