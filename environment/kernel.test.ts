import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { Dealer } from "zeromq";
import { projectFolder } from "../lib/settings.js";
import { type Kernel, KernelDied, startKernel } from "./jupyter-client.js";
import { isAlive, runCode, scratchFolder, until } from "./testing.js";
import { address, encode, newMessage } from "./wire.js";

const notebooks = path.join(projectFolder, "notebooks");
const traceback = (reply: { traceback?: unknown }) => (reply.traceback as string[]).join("\n");

describe("a kernel", () => {
  let kernel: Kernel;
  before(async () => {
    kernel = await startKernel({ folder: notebooks });
  });
  after(() => kernel.stop());
  const run = (code: string) => runCode(kernel, code);

  test("prints 20,000 lines completely and in order", async () => {
    const { reply, outputs } = await run("for (let i = 0; i < 20000; i++) console.log('line ' + i);");
    assert.equal(reply.status, "ok");
    const expected = Array.from({ length: 20000 }, (_, i) => `line ${i}\n`);
    assert.deepEqual(outputs, [{ output_type: "stream", name: "stdout", text: expected }]);
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
import * as tf from "@tensorflow/tfjs";
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

  test("a failed cell takes the cells queued behind it along, unless told not to", async () => {
    const statuses = async (stopOnError: boolean) => {
      const cells = [runCode(kernel, "throw 1", { stopOnError }), run("1"), run("2")];
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
  const lives = async () => assert.equal((await run("console.log('alive')")).text, "alive\n");
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

  test("SIGINT is an interrupt, too", async () => {
    for (const code of [endless, waiting, endless]) {
      const { reply } = await begin(code, "stream");
      process.kill(kernel.pid, "SIGINT");
      assert.equal((await reply).status, "error");
      await lives();
    }
    process.kill(kernel.pid, "SIGINT");
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

test("an ES module package and a helper file are imported statically", async (t) => {
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

test("a kernel that cannot start says why", async (t) => {
  const folder = scratchFolder(t);
  const crash = () => [process.execPath, "-e", "console.error('no such thing'); process.exit(7)"];
  await assert.rejects(startKernel({ folder, command: crash }), /ended with exit code 7\nno such thing/);
  const absent = () => [path.join(folder, "absent")];
  await assert.rejects(startKernel({ folder, command: absent }), /could not be started: .*ENOENT/);
  const mute = () => [process.execPath, "-e", "setInterval(() => {}, 1000)"];
  await assert.rejects(startKernel({ folder, command: mute, startSeconds: 1 }), /did not answer within 1 s/);
});
