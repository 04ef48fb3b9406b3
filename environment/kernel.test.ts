import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { Dealer } from "zeromq";
import { projectFolder } from "../lib/settings.js";
import { type Kernel, KernelDied, startKernel } from "./jupyter-client.js";
import { kernelCommand } from "./kernelspec.js";
import { isAlive, randomSource, runCode, scratchFolder, until } from "./testing.js";
import { address, decode, encode, newMessage } from "./wire.js";

/** The frames of a message whose parts need not be what a message holds. */
function encodeParts(parts: unknown[], key: string): Buffer[] {
  const [header, parent, metadata, content] = parts as never[];
  return encode({ identities: [], header, parent, metadata, content }, key);
}

/** Whether the kernel can tell whom and what to answer. */
function isAnswerable(frames: Buffer[], key: string): boolean {
  try {
    return decode(frames, key).header.msg_type.endsWith("_request");
  } catch {
    return false;
  }
}

const notebooks = path.join(projectFolder, "notebooks");
const traceback = (reply: { traceback?: unknown }) => (reply.traceback as string[]).join("\n");

describe("a kernel", () => {
  let kernel: Kernel;
  before(async () => {
    kernel = await startKernel({ folder: notebooks });
  });
  after(() => kernel.stop());
  const run = (code: string) => runCode(kernel, code);
  const lives = async () => assert.equal((await run("console.log('alive')")).text, "alive\n");

  test("prints 20,000 lines completely and in order, on both streams in turn", async () => {
    const { reply, outputs } = await run(
      "for (let i = 0; i < 10000; i++) { console.log('line ' + i); console.error('line ' + i); }",
    );
    assert.equal(reply.status, "ok");
    const expected = Array.from({ length: 10000 }, (_, i) =>
      ["stdout", "stderr"].map((name) => ({ output_type: "stream", name, text: [`line ${i}\n`] })),
    );
    assert.deepEqual(outputs, expected.flat());
  });

  test("answers a thousand cells sent at once, every tenth of them a computation", async () => {
    const results: string[] = [];
    const replies = await Promise.all(
      Array.from({ length: 1000 }, (_, i) =>
        kernel.request("shell", {
          type: "execute_request",
          content: { code: i % 10 === 0 ? `${i} + 1` : "" },
          onOutput({ header, content }) {
            if (header.msg_type === "execute_result") results.push(Object(content.data)["text/plain"]);
          },
          timeoutSeconds: 100,
        }),
      ),
    );
    assert.ok(replies.every(({ status }) => status === "ok"));
    assert.deepEqual(
      results,
      Array.from({ length: 100 }, (_, i) => String(10 * i + 1)),
    );
  });

  test("orders what programs and fs.writeSync print among what the cell prints, and keeps it in its cell", async () => {
    const code = `import { execSync, spawn } from "node:child_process";
import { writeSync } from "node:fs";
console.log("1"); execSync("echo 2", { stdio: "inherit" }); console.log("3");
writeSync(1, "4\\n"); console.log("5"); writeSync(2, "é\\n"); console.log("6");
const child = spawn("echo", ["7"], { stdio: "inherit" });
await new Promise((resolve) => child.once("exit", resolve));
spawn("sh", ["-c", "printf 8"], { stdio: "inherit" }).unref();
execSync("sleep 0.2"); "end"`;
    const { reply, outputs } = await run(code);
    assert.equal(reply.status, "ok", String(reply.evalue));
    assert.deepEqual(
      outputs.flatMap((each) =>
        each.output_type === "stream" ? [`${each.name} ${each.text.join("")}`] : [],
      ),
      ["stdout 1\n2\n3\n4\n5\n", "stderr é\n", "stdout 6\n7\n8"],
    );
    assert.equal(outputs.at(-1)?.output_type, "execute_result");
    assert.equal((await run("console.log('next')")).text, "next\n");
  });

  test("shows promises as they are elsewhere, without what the kernel notes in them", async () => {
    const { text, outputs } = await run(
      "const settled = Promise.resolve(4); class Own extends Promise<number> {}\nconsole.log([settled, (async () => 5)()], new Own(() => {})); settled",
    );
    assert.equal(text, "[ Promise { 4 }, Promise { 5 } ] Own [Promise] { <pending> }\n");
    const [, result] = outputs;
    assert.ok(result.output_type === "execute_result");
    assert.deepEqual(result.data["text/plain"], ["Promise { 4 }"]);
  });

  test("shows timers, sockets and what else runs code later without its notes, too", async () => {
    for (const [code, shown] of [
      ["setTimeout(() => {}, 1)", "Timeout {"],
      ["setImmediate(() => {})", "Immediate {"],
      ['require("node:net").createServer().listen(0).unref()', "Server {"],
      ['new (require("node:async_hooks").AsyncResource)("own")', "AsyncResource {"],
    ]) {
      const { outputs, reply } = await run(
        `console.log(require("node:util").inspect(${code}, { depth: 9 }));`,
      );
      assert.equal(reply.status, "ok");
      const text = outputs[0].output_type === "stream" ? outputs[0].text.join("") : "";
      assert.ok(text.includes(shown) && !/kResourceStore|msg_id/.test(text), text);
    }
  });

  test("takes enums, namespaces, accessors and decorators, also in later cells", async () => {
    const { reply, text } = await run(`enum Color { Red, Green }
const enum Side { Left = "l" }
namespace Geo { export const earth = 6371; export namespace Inner { export let one = 1; } }
class Box { #v = 1; get value() { return this.#v; } set value(v) { this.#v = v; } accessor wide = 2; static { } }
console.log(Color.Green, Color[0], Side.Left, Geo.earth, Geo.Inner.one, new Box().wide);`);
    assert.equal(reply.status, "ok", String(reply.evalue));
    assert.equal(text, "1 Red l 6371 1 2\n");
    const later =
      "const box = new Box(); box.value = 5; console.log(Color.Red, Geo.earth, box.value, { Color }.Color[1]);";
    assert.equal((await run(later)).text, "0 6371 5 Green\n");
  });

  test("what a later cell assigns is seen by the functions of earlier ones; what it declares is not", async () => {
    await run(`let rate = 1, [first, { second }] = [1, { second: 2 }]; var older = 1;
function current() { return [rate, first, second, older]; }
function raise() { rate++; }`);
    const { text } = await run(`rate = 0.5; [first, second] = [10, 20]; older += 1; raise();
console.log(JSON.stringify(current()), rate);`);
    assert.equal(text, "[1.5,10,20,2] 1.5\n");
    await run("raise(); let rate = 'another'; const length = rate.length;");
    assert.equal((await run("raise(); console.log(rate, current()[0], length)")).text, "another 3.5 7\n");
    assert.equal((await run("let rate = 9; throw new Error('not declared')")).reply.status, "error");
    assert.equal((await run("console.log(rate, typeof current)")).text, "another function\n");
  });

  test("a value, an error or a variable that comes after its cell's end stays away from the next cell", async () => {
    const late: string[] = [];
    const failed = kernel.request("shell", {
      type: "execute_request",
      content: {
        code: `const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
setTimeout(() => { throw new Error("stop"); }, 1);
await sleep(150); console.log("printed late"); setTimeout(() => { throw new Error("late"); }, 50);
let mine = "of the abandoned cell"; "value of the abandoned cell"`,
      },
      onOutput: ({ header, content }) => header.msg_type === "stream" && late.push(String(content.text)),
    });
    assert.equal((await failed).evalue, "stop");
    const { outputs, reply } = await run(
      "let mine = 'own'; await new Promise((resolve) => setTimeout(resolve, 400)); const quiet = 1;",
    );
    assert.deepEqual([reply.status, outputs], ["ok", []]);
    assert.equal((await run("console.log(mine)")).text, "own\n");
    assert.match(
      late.join(""),
      /^printed late\nError: late\n[\s\S]*\n> 3 \|[\s\S]*\n {4}at .*cell \[\d+\], line 3, column \d+/,
    );
  });

  test("an error between two cells is printed under its cell, with the place in its source", async () => {
    const printed: string[] = [];
    const code = 'type Erased = 1;\nsetTimeout(() => {\n  throw new RangeError("between");\n}, 20);';
    await kernel.request("shell", {
      type: "execute_request",
      content: { code },
      onOutput: ({ header, content }) => header.msg_type === "stream" && printed.push(String(content.text)),
    });
    await until(() => printed.length > 0);
    assert.match(
      printed.join(""),
      /RangeError: between\n[\s\S]*> 3 \| {3}throw[\s\S]*cell \[\d+\], line 3, column 9/,
    );
  });

  test("objects that cannot be shown, thrown or displayed fail their cell and nothing else", async () => {
    const hostile = [
      'class T { get [Symbol.toStringTag](): string { throw new Error("no tag"); } }\nnew T()',
      '({ [Symbol.for("nodejs.util.inspect.custom")]() { throw new Error("no view"); } })',
      'class N { static get name(): string { throw new Error("no name"); } }\nN',
      'throw { [Symbol.for("nodejs.util.inspect.custom")]() { throw 1; } }',
      "class E extends Error { get message(): any { throw 1; } get stack(): any { throw 2; } get cause(): any { throw 3; } }\nthrow new E()",
      'const e: any = new Error("x"); e.cause = e; e.errors = [e, e]; e.name = 5; e.stack = {}; throw e',
      "throw new Proxy(new Error(), { get() { throw 1; }, getPrototypeOf() { throw 2; } })",
      'import { display } from "tslab"; display.text(5n as any)',
      "const cycle: any = {}; cycle.self = cycle; display.html(cycle)",
      'require("tslab/dist/jupyter.js").lastWriteDisplayData(undefined, false)',
      'let deep: any = 1; for (let i = 0; i < 3000; i++) deep = [deep]; display.raw("application/json", deep)',
      "Promise.reject(null); await new Promise(() => {})",
    ];
    for (const code of hostile) assert.equal((await run(code)).reply.status, "error", code);
    const { reply, outputs } = await run(
      'import { display } from "tslab"; display.text({ toJSON: () => 1 } as any); display.html(undefined as any); 1',
    );
    assert.deepEqual([reply.status, outputs.length], ["ok", 3]);
    await lives();
  });

  test("no message kills or wedges it", async () => {
    const socket = new Dealer({ linger: 0, sendHighWaterMark: 0, receiveHighWaterMark: 0 });
    socket.connect(address(kernel.connection, "shell"));
    const { key } = kernel.connection;
    const next = randomSource(15);
    const pick = <T>(list: readonly T[]): T => list[next() % list.length];
    const values = [null, 5, -1, 1e300, "", "x", [], {}, [[]], true, "1+1", { a: null }, "x".repeat(300_000)];
    const types = [
      "execute",
      "inspect",
      "complete",
      "is_complete",
      "kernel_info",
      "comm_info",
      "history",
      "constructor",
      "no",
    ];
    const asked = new Set<string>();
    for (let i = 0; i < 400; i++) {
      const type = `${pick(types)}_request`;
      const message = newMessage("fuzz", type, { code: "1;", cursor_pos: 1, stop_on_error: false });
      const parts: Record<string, unknown>[] = [
        message.header,
        message.parent,
        message.metadata,
        message.content,
      ].map((part) => ({ ...part }));
      const at = next() % 4;
      const field = pick(Object.keys(parts[at]).concat("code"));
      if (next() % 3 === 0) parts[at] = pick(values) as Record<string, unknown>;
      else if (next() % 2 === 0) delete parts[at][field];
      else parts[at][field] = pick(values);
      const frames = encodeParts(parts, next() % 8 === 0 ? "another key" : key);
      const damage = next() % 8;
      if (damage === 0) frames.splice(next() % frames.length, 1 + (next() % 2));
      else if (damage === 1) frames[next() % frames.length] = Buffer.from('{"[');
      await socket.send(frames);
      if (isAnswerable(frames, key)) asked.add(String((parts[0] as { msg_id?: unknown }).msg_id));
    }
    for (const channel of ["shell", "control"] as const)
      for (const header of [null, [], "x", { msg_id: 5, msg_type: "execute_request" }])
        for (const content of [null, {}]) {
          const other = new Dealer({ linger: 1000 });
          other.connect(address(kernel.connection, channel));
          await other.send(encodeParts([header, null, null, content], key));
          other.close();
        }
    while (asked.size > 0) {
      const { parent } = decode(await socket.receive(), key);
      asked.delete(String(parent.msg_id));
    }
    socket.close();
    const { outputs } = await run("1 + 1");
    assert.deepEqual(outputs[0].output_type === "execute_result" && outputs[0].data, { "text/plain": ["2"] });
    assert.equal(
      (await kernel.request("control", { type: "kernel_info_request", timeoutSeconds: 10 })).status,
      "ok",
    );
    const unknown = await kernel.request("control", { type: "debug_request", timeoutSeconds: 10 });
    assert.match(String(unknown.evalue), /"debug_request" is not a request that this kernel answers/);
  });

  test("keeps the order of both streams and of displays", async () => {
    const { outputs } = await run(`import { display } from "tslab";
      console.log("1"); console.error("2"); display.text("3"); process.stdout.write(Buffer.from("4")); "5"`);
    const summary = outputs.map((o) =>
      "text" in o ? [o.name, o.text] : "data" in o ? o.data["text/plain"] : o,
    );
    assert.deepEqual(summary, [["stdout", ["1\n"]], ["stderr", ["2\n"]], ["3"], ["stdout", ["4"]], ["5"]]);
  });

  test("shows a compile error with its line", async () => {
    const { reply, outputs } = await run('const a = 1;\nconst b: number = "text";\nconst c = a;');
    assert.equal(reply.ename, "CompileError");
    assert.match(
      String(reply.evalue),
      /^cell \[\d+\], line 2: Type 'string' is not assignable to type 'number'\.$/,
    );
    assert.match(traceback(reply), /> 2 \| const b: number = "text";\n {4}\| {7}\^\n/);
    assert.equal(outputs.length, 1);
    assert.equal(outputs[0].output_type, "error");
  });

  test("finds names of earlier cells in { name }, also nested, and leaves own names alone", async () => {
    await run("const earlier = 1, other = 2; let changed = 3;");
    const code = `changed++; const own = 5;
      console.log(JSON.stringify([1].map((k) => ({ k, ...{ earlier, own }, deep: { other, changed } }))));`;
    assert.equal((await run(code)).text, '[{"k":1,"earlier":1,"own":5,"deep":{"other":2,"changed":4}}]\n');
  });

  test("shows a syntax error in a cell that awaits with its line and column", async () => {
    const { reply } = await run("await 1;\nconst x = (1 + ;");
    assert.match(traceback(reply), /line 2, column 16 - error TS1109: Expression expected\./);
  });

  test("shows a run-time error with the line of the source, not of the compiled code", async () => {
    await run("interface Erased { a: number }\n\nfunction fail(x?: Erased): number {\n  return x.a;\n}");
    const { reply } = await run("type Also = string;\nfail();");
    assert.equal(reply.ename, "TypeError");
    assert.match(String(reply.evalue), /undefined/);
    const text = traceback(reply);
    assert.match(text, /> 4 \| {3}return x\.a;\n {4}\| {12}\^/);
    assert.match(text, /at fail \(cell \[\d+\], line 4, column 12\)\n {4}at cell \[\d+\], line 2, column 1$/);
    assert.doesNotMatch(text, /node:|tslab|dist\/environment/);
  });

  test("shows an error after an await, an unhandled rejection and one in a timer", async () => {
    assert.match(
      traceback((await run('await null;\nthrow new RangeError("r");')).reply),
      /> 2 \| throw new RangeError/,
    );
    assert.match(
      traceback((await run('Promise.reject(new Error("alone"));')).reply),
      /> 1 \| Promise\.reject/,
    );
    const timer = 'setTimeout(() => { throw new Error("timer"); }, 10);\nawait new Promise(() => {});';
    assert.match(traceback((await run(timer)).reply), /Error: timer\n> 1 \|/);
    assert.equal((await run("throw { code: 3 }")).reply.evalue, "{ code: 3 }");
  });

  test("takes every form of await at the top level", async () => {
    const { text } = await run(`const one = await (Promise.resolve(1));
const two = await [2];
for await (const x of [3, 4]) console.log(one, two, x);`);
    assert.equal(text, "1 [ 2 ] 3\n1 [ 2 ] 4\n");
    assert.equal((await run("for await (const x of [5]) console.log(x);")).text, "5\n");
    const { outputs } = await run("await (async () => one + 6)()");
    assert.deepEqual(outputs[0].output_type === "execute_result" && outputs[0].data, { "text/plain": ["7"] });
  });

  test("imports this package by its name, typed, once", async () => {
    const built = JSON.stringify(path.join(projectFolder, "dist/lib/index.js"));
    const { reply, text } =
      await run(`import { currentPreset, type Preset, startEngine, tf as libraryTf } from "var-jepa";
import * as tf from "@tensorflow/tfjs-core";
await startEngine();
const preset: Preset = currentPreset();
console.log(preset, libraryTf.Tensor === tf.Tensor, require("var-jepa") === require(${built}));`);
    assert.equal(reply.status, "ok", String(reply.evalue));
    assert.equal(text, "quick true true\n", "and no warning");
    assert.match(String((await run('const wrong: "other" = currentPreset();')).reply.evalue), /Preset/);
    assert.match(String((await run('import { absent } from "var-jepa";')).reply.evalue), /absent/);
  });

  test("danfojs works on the notebook's own TensorFlow.js, without a warning", async () => {
    const { reply, text } = await run(`import * as dfd from "danfojs-node";
const frame = new dfd.DataFrame([[1, 2], [3, 4]], { columns: ["a", "b"] });
console.log(frame.shape, frame.tensor instanceof tf.Tensor);`);
    assert.equal(reply.status, "ok", String(reply.evalue));
    assert.equal(text, "[ 2, 2 ] true\n");
  });

  test("beside the engine, an error that nobody catches fails its cell, and files that come and go do nothing", async (t) => {
    const folder = scratchFolder(t);
    const own = await startKernel({ folder });
    try {
      const { reply } = await runCode(own, 'import { startEngine } from "var-jepa"; await startEngine();');
      assert.equal(reply.status, "ok", String(reply.evalue));
      const waiting = "await new Promise((resolve) => setTimeout(resolve, 400));";
      const late = await runCode(own, `setTimeout(() => { throw new Error("late"); }, 20); ${waiting}`);
      assert.equal(late.reply.evalue, "late");
      const rejected = await runCode(own, `void Promise.reject(new Error("rejected")); ${waiting}`);
      assert.equal(rejected.reply.evalue, "rejected");
      for (let i = 0; i < 4; i++) {
        const file = path.join(folder, `saved-${i % 2}.ts`);
        writeFileSync(file, `export const saved = ${i};`);
        await sleep(60);
        rmSync(file);
        await sleep(60);
      }
      writeFileSync(path.join(folder, "saved.ts"), "export const saved = 4;");
      const saved = await runCode(own, 'import { saved } from "./saved"; console.log(saved);');
      assert.equal(saved.text, "4\n", String(saved.reply.evalue));
    } finally {
      await own.stop();
    }
  });

  test("a failed cell takes the cells queued behind it along, unless told not to", async (t) => {
    const folder = scratchFolder(t);
    const statuses = async (stopOnError: boolean) => {
      const all = path.join(folder, String(stopOnError));
      const fail = `while (!require("node:fs").existsSync(${JSON.stringify(all)})) await new Promise((r) => setTimeout(r, 5));\nthrow 1`;
      const cells = [runCode(kernel, fail, { stopOnError }), run("1"), run("2")];
      // Answered at once, and after what was sent before it has come: the two wait in the queue then.
      await kernel.request("shell", { type: "kernel_info_request" });
      writeFileSync(all, "");
      return (await Promise.all(cells)).map(({ reply }) => reply.status);
    };
    assert.deepEqual(await statuses(true), ["error", "aborted", "aborted"]);
    assert.deepEqual(await statuses(false), ["error", "ok", "ok"]);
    assert.equal((await run("3")).reply.status, "ok");
  });

  /** Starts a cell and waits for its first message of a type. */
  const begin = async (code: string, type: string) => {
    let seen = () => {};
    const begun = new Promise<void>((resolve) => {
      seen = resolve;
    });
    const reply = kernel.request("shell", {
      type: "execute_request",
      content: { code },
      onOutput: (message) => message.header.msg_type === type && seen(),
      timeoutSeconds: 30,
    });
    await begun;
    return { reply };
  };
  const endless = "console.log('begun'); while (true) {}";
  const waiting = "console.log('begun'); await new Promise(() => {})";

  test("an interrupt ends a computing cell and a waiting one, and the kernel lives on", async () => {
    const busy = `globalThis.spins = 0;
async function spin() { for (;;) { for (const t = Date.now(); Date.now() - t < 250; ); globalThis.spins++; await null; } }
console.log("begun"); await spin();`;
    const flood = "for (;;) console.log('more');";
    const cells: [code: string, begun: string][] = [
      [endless, "stream"],
      [endless, "execute_input"], // while it compiles
      [busy, "stream"],
      [flood, "stream"],
      [waiting, "stream"],
    ];
    for (const [code, begun] of cells) {
      const { reply } = await begin(code, begun);
      await kernel.request("control", { type: "interrupt_request", timeoutSeconds: 10 });
      assert.equal((await reply).ename, "Interrupted", code);
      await lives();
    }
    const { text } = await run(
      "const n = globalThis.spins; await new Promise((r) => setTimeout(r, 400)); console.log(globalThis.spins - n)",
    );
    assert.equal(text, "0\n", "the computation has really ended");
  });

  test("an interrupt ends what a cell goes on computing after its end, and the kernel lives on", async () => {
    const after = "console.log('begun'); for (;;);";
    for (const code of [
      `setTimeout(() => { ${after} }, 100);`,
      `setTimeout(async () => { await null; ${after} }, 100);`,
      `setInterval(() => { ${after} }, 100);`,
    ]) {
      const begun = await begin(code, "stream");
      await begun.reply;
      await kernel.request("control", { type: "interrupt_request", timeoutSeconds: 10 });
      await lives();
    }
  });

  test("an interrupt ends a cell beside what an abandoned one goes on doing", async () => {
    const spinning = `globalThis.spinning = true; const spin = async () => { while (globalThis.spinning) await new Promise(setImmediate); };
void spin(); void spin(); console.log("begun"); await spin();`;
    for (const code of [spinning, endless, endless]) {
      const { reply } = await begin(code, "stream");
      await kernel.request("control", { type: "interrupt_request", timeoutSeconds: 10 });
      assert.equal((await reply).ename, "Interrupted", code);
      await lives();
    }
    await run("globalThis.spinning = false");
  });

  test("SIGINT is an interrupt, too", async () => {
    for (const code of [endless, waiting, endless]) {
      const { reply } = await begin(code, "stream");
      process.kill(kernel.pid, "SIGINT");
      assert.equal((await reply).status, "error");
      await lives();
    }
    // No cell runs: one that is sent now may start before the signal is seen, and is then the one interrupted.
    process.kill(kernel.pid, "SIGINT");
    const next = [await run("console.log('alive')"), await run("console.log('alive')")];
    assert.ok(next.some(({ text }) => text === "alive\n"));
    await sleep(200);
    await lives();
  });

  test("gives what a cell shows after its end to that cell", async () => {
    const shown: unknown[] = [];
    const lateCell = kernel.request("shell", {
      type: "execute_request",
      content: {
        code: `const { lastWriteDisplayData: show } = require("tslab/dist/jupyter.js");
setTimeout(() => show({ data: { "text/plain": "late" }, metadata: {}, transient: {} }, false), 200);`,
      },
      onOutput: (message) => message.header.msg_type === "display_data" && shown.push(message.content.data),
      timeoutSeconds: 30,
    });
    await lateCell;
    assert.deepEqual((await run("await new Promise((r) => setTimeout(r, 400));")).outputs, []);
    assert.deepEqual(shown, [{ "text/plain": "late" }]);
  });

  test("completes and explains names, counting characters as Jupyter does", async () => {
    await run("const someLongName = [1, 2, 3];");
    const complete = await kernel.request("shell", {
      type: "complete_request",
      content: { code: "'😀'; someLo", cursor_pos: 11 },
    });
    assert.deepEqual(complete.matches, ["someLongName"]);
    assert.deepEqual([complete.cursor_start, complete.cursor_end], [5, 11]);
    const inspected = await kernel.request("shell", {
      type: "inspect_request",
      content: { code: "'😀'; someLongName", cursor_pos: 8 },
    });
    assert.deepEqual(inspected.data, { "text/plain": "const someLongName: number[]" });
  });

  test("ignores messages signed with another key", async () => {
    const intruder = new Dealer({ linger: 0 });
    intruder.connect(address(kernel.connection, "shell"));
    const code = "globalThis.intruded = true";
    const message = newMessage("intruder", "execute_request", { code });
    for (const key of ["another key", ""]) await intruder.send(encode(message, key));
    const answer = intruder.receive();
    const heard = await Promise.race([answer, sleep(500, "nothing")]);
    assert.equal(heard, "nothing");
    assert.equal((await run("console.log(globalThis.intruded)")).text, "undefined\n");
    await intruder.send(encode(message, kernel.connection.key));
    await answer;
    assert.equal((await run("console.log(globalThis.intruded)")).text, "true\n", "the same message, signed");
    intruder.close();
  });

  test("listens on 127.0.0.1 only", async () => {
    const connects = (host: string) =>
      new Promise<boolean>((resolve) => {
        const socket = net.connect({ host, port: kernel.connection.shell_port, timeout: 1000 });
        const done = (answer: boolean) => () => {
          socket.destroy();
          resolve(answer);
        };
        socket.once("connect", done(true)).once("error", done(false)).once("timeout", done(false));
      });
    assert.equal(await connects("127.0.0.1"), true);
    assert.equal(await connects("127.0.0.2"), false);
  });

  test("leaves at once when asked to restart, and frees its ports", async () => {
    await run("setInterval(() => {}, 1000); require('node:net').createServer().listen(0, '127.0.0.1');");
    const reply = await kernel.request("control", { type: "shutdown_request", content: { restart: true } });
    assert.equal(reply.restart, true);
    const began = Date.now();
    assert.ok(await until(() => !isAlive(kernel.pid)));
    assert.ok(Date.now() - began < 1500);
    const server = net.createServer();
    await new Promise<void>((resolve, reject) =>
      server.once("error", reject).listen(kernel.connection.shell_port, "127.0.0.1", resolve),
    );
    server.close();
    await assert.rejects(run("1"), KernelDied);
  });
});

test("an ES module package, a helper file and, from any folder, this package are imported statically", async (t) => {
  const folder = scratchFolder(t);
  const esm = path.join(folder, "node_modules", "only-esm");
  mkdirSync(esm, { recursive: true });
  writeFileSync(
    path.join(esm, "package.json"),
    JSON.stringify({ type: "module", exports: { types: "./a.d.ts", default: "./a.js" } }),
  );
  writeFileSync(path.join(esm, "a.js"), "export default 1;\nexport const two = 2;\n");
  writeFileSync(
    path.join(esm, "a.d.ts"),
    "declare const one: number;\nexport default one;\nexport const two: number;\n",
  );
  writeFileSync(path.join(folder, "helper.ts"), "export const three: number = 3;\n");
  writeFileSync(path.join(folder, "broken.ts"), 'export const four: number =\n  "4";\n');
  const kernel = await startKernel({ folder });
  t.after(() => kernel.stop());
  const { text, reply } = await runCode(
    kernel,
    'import one, { two } from "only-esm";\nimport { three } from "./helper";\nconsole.log(one, two, three);',
  );
  assert.equal(text, "1 2 3\n", String(reply.evalue));
  const own = await runCode(
    kernel,
    `import { currentPreset, type Preset } from "var-jepa";
const preset: Preset = currentPreset(); const wrong: "other" = preset;`,
  );
  assert.match(
    String(own.reply.evalue),
    /Type 'Preset' is not assignable/,
    "typed, though this folder is elsewhere",
  );
  const used = await runCode(
    kernel,
    'import { currentPreset } from "var-jepa"; console.log(currentPreset(), (await import("var-jepa")).elboWeights !== undefined);',
  );
  assert.equal(used.text, "quick true\n", String(used.reply.evalue));
  assert.match(
    String((await runCode(kernel, 'import "no-such-package";')).reply.evalue),
    /Cannot find module/,
  );
  const broken = await runCode(kernel, 'import { four } from "./broken";\nconsole.log(four);');
  assert.match(traceback(broken.reply), /broken\.ts, line 1, column 14 .*\n> 1 \| export const four/);
});

test("the kernel ends when the program that started it is killed, even while a cell computes", async (t) => {
  const folder = scratchFolder(t);
  const client = pathToFileURL(path.join(projectFolder, "dist/environment/jupyter-client.js")).href;
  const code = `import { startKernel } from ${JSON.stringify(client)};
    const kernel = await startKernel({ folder: ${JSON.stringify(folder)} });
    kernel.request("shell", { type: "execute_request", content: { code: "while (true) {}" } });
    setTimeout(() => console.log(kernel.pid), 300);`;
  const starter = spawn(process.execPath, ["--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, TMPDIR: folder }, // where the connection file stays behind
  });
  const pid = Number(
    await new Promise<string>((resolve) => starter.stdout.once("data", (data) => resolve(String(data)))),
  );
  assert.ok(isAlive(pid));
  starter.kill("SIGKILL");
  assert.ok(await until(() => !isAlive(pid)));
});

test("20,000 lines and 150 cells through Python's jupyter_client", (t) => {
  const python = ["python3", "/usr/bin/python3"].find(
    (each) => spawnSync(each, ["-c", "import jupyter_client"]).status === 0,
  );
  if (python === undefined) return t.skip("jupyter_client is not installed");
  const file = path.join(projectFolder, "environment/jupyter-client.py");
  const command = JSON.stringify(kernelCommand("{connection_file}"));
  const { stdout, stderr } = spawnSync(python, [file, command, "150"], {
    encoding: "utf8",
    timeout: 120_000,
  });
  const expected = { statuses: ["ok"], right: 150, stdout: true, stderr: true, alive: "2" };
  assert.deepEqual(JSON.parse(stdout || JSON.stringify({ stderr })), expected);
});

test("a kernel that cannot start says why", async (t) => {
  const folder = scratchFolder(t);
  const crash = () => [process.execPath, "-e", "console.error('no such thing'); process.exit(7)"];
  await assert.rejects(startKernel({ folder, command: crash }), /ended with exit code 7\nno such thing/);
  const absent = () => [path.join(folder, "absent")];
  await assert.rejects(startKernel({ folder, command: absent }), /could not be started: .*ENOENT/);
  const mute = () => [process.execPath, "-e", "setInterval(() => {}, 1000)"];
  await assert.rejects(startKernel({ folder, command: mute, startSeconds: 1 }), /did not answer within 1 s/);
});
