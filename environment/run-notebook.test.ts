import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { projectFolder } from "../lib/settings.js";
import type { CodeCell } from "./notebook-file.js";
import { type Progress, runNotebook } from "./run-notebook.js";
import { isAlive, nbformatErrors, scratchFolder, until, writeCells } from "./testing.js";

const program = path.join(projectFolder, "dist/environment/notebook.js");

function readCells(file: string): CodeCell[] {
  const notebook = JSON.parse(readFileSync(file, "utf8"));
  assert.deepEqual(nbformatErrors(notebook), []);
  return notebook.cells;
}

function printed(cell: CodeCell): string {
  return cell.outputs.flatMap((output) => (output.output_type === "stream" ? output.text : [])).join("");
}

const pidCell = "console.log(process.pid);";

test("a notebook runs in its own folder, with its environment, to the same bytes each time", async (t) => {
  const folder = scratchFolder(t);
  const input = writeCells(folder, "a.ipynb", [
    "console.log(process.env.VARJEPA_PRESET, process.cwd());",
    "",
    { source: 'console.error("é"); throw new Error("expected");', tags: ["raises-exception"] },
    'import { newDisplay } from "tslab"; const d = newDisplay(); d.text("one");',
    "d.text('two'); for (let i = 0; i < 5; i++) process.stdout.write('\\rstep ' + i); 6 * 7",
  ]);
  const progress: Progress[] = [];
  const outputs = ["one.ipynb", "two.ipynb"].map((name) => path.join(folder, "out", name));
  for (const output of outputs) {
    const result = await runNotebook(input, {
      output,
      env: { VARJEPA_PRESET: "standard" },
      onProgress: (each) => progress.push(each),
    });
    assert.equal(result.failure, undefined);
    assert.equal(result.signal, undefined);
  }
  const [one, two] = outputs.map((output) => readFileSync(output, "utf8"));
  assert.equal(one, two);
  const cells = readCells(outputs[0]);
  assert.equal(printed(cells[0]), "standard .\n");
  assert.deepEqual(
    cells.map((cell) => cell.execution_count),
    [1, null, 2, 3, 4],
  );
  assert.deepEqual(
    cells[2].outputs.map((output) => output.output_type),
    ["stream", "error"],
  );
  assert.deepEqual(cells[3].outputs, [
    { output_type: "display_data", data: { "text/plain": ["two"] }, metadata: {} },
  ]);
  assert.equal(printed(cells[4]), "step 4");
  assert.equal(cells[4].outputs[1].output_type, "execute_result");
  const ended = progress.flatMap((each) =>
    each.kind === "cell-ended" ? [[each.cell, each.cells, each.ok]] : [],
  );
  assert.deepEqual(
    ended.slice(0, 4),
    [1, 3, 4, 5].map((cell) => [cell, 5, true]),
  );
  assert.ok(progress.some((each) => each.kind === "text" && each.text.includes("step")));
});

test("a failing cell stops the notebook and is named; what ran before is kept", async (t) => {
  const folder = scratchFolder(t);
  const output = path.join(folder, "out.ipynb");
  const cells = [
    `${pidCell} require("node:child_process").spawn("sleep", ["1000"]).pid`,
    "const x: number = 'a';",
    "3",
  ];
  const { failure } = await runNotebook(writeCells(folder, "a.ipynb", cells), { output });
  assert.equal(failure?.cell, 2);
  assert.equal(failure?.id, "c2");
  assert.equal(failure?.ename, "CompileError");
  assert.match(failure?.traceback.join("\n") ?? "", /> 1 \| const x: number = 'a';/);
  const written = readCells(output);
  assert.deepEqual(
    written.map((cell) => cell.execution_count),
    [1, 2, null],
  );
  assert.equal(written[1].outputs[0].output_type, "error");
  const [result] = written[0].outputs.flatMap((o) =>
    o.output_type === "execute_result" ? [o.data["text/plain"]] : [],
  );
  for (const pid of [Number(printed(written[0])), Number(result)])
    assert.ok(await until(() => !isAlive(pid)), "the kernel and its child have ended");
});

test("a kernel that dies is reported, with what it had printed", async (t) => {
  const folder = scratchFolder(t);
  const deaths: [code: string, message: RegExp][] = [
    ["console.log('before'); process.exit(3);", /ended with exit code 3/],
    ["process.kill(process.pid, 'SIGKILL'); while (true) {}", /was ended by SIGKILL/],
  ];
  const die = async ([code, message]: (typeof deaths)[number], index: number) => {
    const output = path.join(folder, `out-${index}.ipynb`);
    const cell = { source: code, tags: ["raises-exception"] };
    const input = writeCells(folder, `${index}.ipynb`, [pidCell, cell, "2"]);
    const { failure } = await runNotebook(input, { output });
    assert.equal(failure?.cell, 2);
    assert.equal(failure?.ename, "KernelDied");
    assert.match(failure?.evalue ?? "", message);
    const written = readCells(output);
    assert.equal(printed(written[1]), code.includes("before") ? "before\n" : "");
    assert.equal(written[1].outputs.at(-1)?.output_type, "error");
    assert.equal(written[2].execution_count, null);
    assert.ok(await until(() => !isAlive(Number(printed(written[0])))));
  };
  // The cell has been answered when its second `setImmediate` comes; nothing is after that.
  const afterItsEnd = `const die = () => { for (const end = Date.now() + 500; Date.now() < end; ); process.exit(4); };
setImmediate(() => setImmediate(die));`;
  const later = async () => {
    const input = writeCells(folder, "later.ipynb", ["1", `${afterItsEnd} 2`]);
    const output = path.join(folder, "out-later.ipynb");
    const { failure } = await runNotebook(input, { output });
    assert.deepEqual([failure?.cell, failure?.id, failure?.ename], [2, "c2", "KernelDied"]);
    assert.match(failure?.evalue ?? "", /exit code 4/);
    assert.equal(readCells(output)[1].outputs[0].output_type, "execute_result", "what was computed is kept");
  };
  await Promise.all([...deaths.map(die), later()]);
});

test("a cell that hangs and a promise that never resolves time out", async (t) => {
  const folder = scratchFolder(t);
  let runs = 0;
  const hang = async (code: string, limits: { timeoutSeconds?: number; totalTimeoutSeconds?: number }) => {
    const output = path.join(folder, `out-${++runs}.ipynb`);
    const input = writeCells(folder, `${runs}.ipynb`, [pidCell, `console.log("begun"); ${code}`, "3"]);
    const { failure } = await runNotebook(input, { output, ...limits });
    const written = readCells(output);
    assert.equal(failure?.cell, 2);
    assert.equal(failure?.ename, "Timeout");
    assert.equal(printed(written[1]), "begun\n");
    assert.ok(await until(() => !isAlive(Number(printed(written[0])))));
    return failure?.evalue;
  };
  const both = ["while (true) {}", "await new Promise(() => {});"].map((code) =>
    hang(code, { timeoutSeconds: 4 }),
  );
  for (const said of await Promise.all(both)) assert.match(said ?? "", /the cell did not end within 4 s/);
  const total = await hang("while (true) {}", { timeoutSeconds: 60, totalTimeoutSeconds: 12 });
  assert.match(total ?? "", /the notebook did not end within 12 s/);
});

test("a program that floods the output keeps no limit from being kept, nor does the notebook grow with it", async (t) => {
  const folder = scratchFolder(t);
  const output = path.join(folder, "out.ipynb");
  const flood = 'require("node:child_process").spawn("yes", ["more"], { stdio: "inherit" });';
  const input = writeCells(folder, "a.ipynb", [`${pidCell} ${flood} await new Promise(() => {});`]);
  const { failure, seconds } = await runNotebook(input, { output, timeoutSeconds: 3 });
  assert.deepEqual([failure?.cell, failure?.ename], [1, "Timeout"]);
  assert.ok(seconds < 30, `${seconds} s`);
  const text = printed(readCells(output)[0]);
  assert.ok(text.length < 4.1e6);
  assert.match(text.slice(-100), /MB of this cell's output are kept, \d+\.\d MB are left out\]\n$/);
  assert.ok(await until(() => !isAlive(Number.parseInt(text, 10))));
});

function cli(t: TestContext, args: string[]) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => child.kill());
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data) => {
      text += data;
    });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, ended, text: () => text };
}

test("the command reports cells and exits with 1 when one fails", async (t) => {
  const folder = scratchFolder(t);
  const bad = writeCells(folder, "bad.ipynb", ["1", 'throw new RangeError("too far");']);
  const { ended, text } = cli(t, [bad, "--out", path.join(folder, "out")]);
  assert.equal(await ended, 1);
  assert.match(text(), /bad\.ipynb: cell 1\/2 ok/);
  assert.match(text(), /bad\.ipynb failed in code cell 2 \(id c2\): RangeError: too far/);
  assert.match(text(), /> 1 \| throw new RangeError/);
  assert.equal(readCells(path.join(folder, "out", "bad.ipynb"))[0].execution_count, 1);
  assert.deepEqual(JSON.parse(readFileSync(bad, "utf8")).cells[0].outputs, [], "the input is untouched");
  const missing = cli(t, [path.join(folder, "absent.ipynb")]);
  assert.equal(await missing.ended, 1);
  assert.match(missing.text(), /absent\.ipynb/);
});

test("a signal ends the run in good order", async (t) => {
  const folder = scratchFolder(t);
  const scratch = () => readdirSync(os.tmpdir()).filter((name) => name.startsWith("var-jepa-kernel-"));
  const end = async (signal: "SIGINT" | "SIGTERM") => {
    const before = new Set(scratch());
    const marker = path.join(folder, `pid-${signal}`);
    const input = writeCells(folder, `${signal}.ipynb`, [
      `require("node:fs").writeFileSync(${JSON.stringify(marker)}, String(process.pid)); console.log("first");`,
      `console.log("second"); require("node:fs").writeFileSync(${JSON.stringify(`${marker}-2`)}, ""); while (true) {}`,
    ]);
    const { child, ended, text } = cli(t, [input, "--out", path.join(folder, signal)]);
    assert.ok(await until(() => existsSync(`${marker}-2`)), text());
    child.kill(signal);
    assert.equal(await ended, 1);
    assert.match(text(), new RegExp(`Stopped: the run was ended by ${signal}`));
    const written = readCells(path.join(folder, signal, `${signal}.ipynb`));
    assert.deepEqual(written.map(printed), ["first\n", "second\n"]);
    assert.ok(existsSync(marker) && (await until(() => !isAlive(Number(readFileSync(marker, "utf8"))))));
    assert.deepEqual(
      readdirSync(path.join(folder, signal)),
      [`${signal}.ipynb`],
      "no temporary file is left",
    );
    const own = scratch().filter((name) => !before.has(name));
    assert.ok(
      own.length === 0 || (await until(() => own.every((name) => !existsSync(path.join(os.tmpdir(), name))))),
    );
  };
  await Promise.all([end("SIGINT"), end("SIGTERM")]);
});
