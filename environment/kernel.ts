/**
 * The project's Jupyter kernel: TypeScript cells on tslab's compiler. Jupyter starts it with the connection
 * file; see `install-kernel.ts`. usage: kernel.js --config-path CONNECTION_FILE
 */
import { randomUUID } from "node:crypto";
import { writeSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { inspect } from "node:util";
import { Worker } from "node:worker_threads";
import { Command } from "commander";
import { Router } from "zeromq";
import { runtimeError } from "./cell-errors.js";
import { createCellExecutor } from "./cell-executor.js";
import { type FromIo, type IoData, phases, slots, type ToIo } from "./kernel-io.js";
import { kernelInfo } from "./kernelspec.js";
import { loadTslab } from "./tslab.js";
import {
  address,
  decode,
  encode,
  type Header,
  type JsonObject,
  type Message,
  newMessage,
  readConnection,
} from "./wire.js";

const { configPath } = new Command("kernel")
  .requiredOption("--config-path <file>", "Jupyter's connection file")
  .parse()
  .opts<{ configPath: string }>();

const connection = readConnection(configPath);
const session = randomUUID();
const shared = new Int32Array(new SharedArrayBuffer(4 * Object.keys(slots).length));

const io = new Worker(new URL("./kernel-io.js", import.meta.url), {
  workerData: { connection, shared } satisfies IoData,
});

/** How many messages may wait for the other thread. */
const mostWaiting = 1000;
let told = 0;

/** Hands an event to the other thread; like a write to a full pipe it waits while that one is far behind. */
function tellIo(event: ToIo): void {
  io.postMessage(event);
  told++;
  for (;;) {
    const handled = Atomics.load(shared, slots.handled);
    if (((told - handled) | 0) <= mostWaiting) return;
    if (Atomics.wait(shared, slots.handled, handled, 5000) === "timed-out") return;
  }
}

const shell = new Router({ sendHighWaterMark: 0, linger: 200 });
const stdin = new Router({ linger: 0 });

/** The header of the request whose cell runs, or ran last: what is printed later still belongs to it. */
let parent: Partial<Header> = {};
let silent = false;
let executionCount = 0;

function publish(type: string, content: JsonObject, of: Partial<Header> = parent): void {
  tellIo({ kind: "publish", type, content, parent: of });
}

function answer(request: Message, content: JsonObject): void {
  const type = request.header.msg_type.replace(/_request$/, "_reply");
  const message = newMessage(session, type, content, request.header);
  void shell.send(encode({ ...message, identities: request.identities }, connection.key));
}

function catchWrites(name: "stdout" | "stderr"): void {
  const decoder = new StringDecoder("utf8");
  process[name].write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
    const text = typeof chunk === "string" ? chunk : decoder.write(Buffer.from(chunk));
    if (!silent) tellIo({ kind: "print", name, text, parent });
    const done = rest.at(-1);
    if (typeof done === "function") process.nextTick(done as () => void);
    return true;
  };
}

const tslab = loadTslab();
const executor = createCellExecutor(tslab, process.cwd(), {
  onPhase: (phase) => Atomics.store(shared, slots.phase, phases.indexOf(phase)),
  onFirstPause: catchSigint,
});

/** What a cell shows belongs to that cell, also when it shows it after its end. */
function takeDisplays(of: Header, unseen: boolean): void {
  tslab.onDisplay((data, update) => {
    if (!unseen) publish(update ? "update_display_data" : "display_data", { ...data }, of);
  });
}

/** Runs the cell of an `execute_request` and publishes what it prints, shows, returns or throws. */
async function execute(request: Message): Promise<JsonObject> {
  const code = String(request.content.code);
  parent = request.header;
  silent = request.content.silent === true;
  takeDisplays(request.header, silent);
  if (!silent && request.content.store_history !== false) executionCount++;
  if (!silent) publish("execute_input", { code, execution_count: executionCount });
  const outcome = await executor.execute(code, `cell [${executionCount}]`);
  const reply = { execution_count: executionCount, user_expressions: {}, payload: [] };
  if (outcome.status === "error") {
    if (!silent) publish("error", { ...outcome.error });
    return { ...reply, status: "error", ...outcome.error };
  }
  const { result } = outcome;
  if (!silent && result !== undefined) {
    const text = typeof result === "string" ? result : inspect(result);
    publish("execute_result", {
      execution_count: executionCount,
      data: { "text/plain": text },
      metadata: {},
    });
  }
  return { ...reply, status: "ok" };
}

const queue: Message[] = [];
let running = false;

/** Runs queued cells one after the other; a cell that fails takes those queued behind it along. */
async function runQueue(): Promise<void> {
  if (running) return;
  running = true;
  for (let request = queue.shift(); request; request = queue.shift()) {
    publish("status", { execution_state: "busy" }, request.header);
    const content = await execute(request);
    if (content.status === "error" && request.content.stop_on_error !== false) await abortQueue();
    answer(request, content);
    publish("status", { execution_state: "idle" }, request.header);
  }
  running = false;
}

async function abortQueue(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20)); // requests sent together with this one are here by now
  for (const request of queue.splice(0)) {
    publish("status", { execution_state: "busy" }, request.header);
    answer(request, { status: "aborted" });
    publish("status", { execution_state: "idle" }, request.header);
  }
}

/** The offset in UTF-16 units of a cursor that Jupyter counts in characters, and back. */
const offsetOf = (code: string, cursor: number) => [...code].slice(0, cursor).join("").length;
const cursorOf = (code: string, offset: number) => [...code.slice(0, offset)].length;

const handlers: Record<string, (content: JsonObject) => JsonObject> = {
  kernel_info_request: kernelInfo,
  is_complete_request({ code }) {
    const { completed, indent } = tslab.isCompleteCode(String(code));
    return completed ? { status: "complete" } : { status: "incomplete", indent: indent ?? "" };
  },
  inspect_request({ code, cursor_pos }) {
    const text = executor.inspect(String(code), offsetOf(String(code), Number(cursor_pos)));
    return { status: "ok", found: text !== "", data: text ? { "text/plain": text } : {}, metadata: {} };
  },
  complete_request({ code, cursor_pos }) {
    const source = String(code);
    const { start, end, candidates } = executor.complete(source, offsetOf(source, Number(cursor_pos)));
    const [cursor_start, cursor_end] = [cursorOf(source, start), cursorOf(source, end)];
    return { status: "ok", matches: candidates, cursor_start, cursor_end, metadata: {} };
  },
  comm_info_request: () => ({ status: "ok", comms: {} }),
  history_request: () => ({ status: "ok", history: [] }),
  shutdown_request: ({ restart }) => ({ status: "ok", restart: restart === true }),
};

function handle(request: Message): void {
  const type = request.header.msg_type;
  if (type === "execute_request") {
    queue.push(request);
    void runQueue();
    return;
  }
  const handler = handlers[type];
  if (!handler) return; // such as messages of widgets, which this kernel does not have
  publish("status", { execution_state: "busy" }, request.header);
  try {
    answer(request, handler(request.content));
  } catch (error) {
    answer(request, { status: "error", ...runtimeError(error, new Map()) });
  }
  publish("status", { execution_state: "idle" }, request.header);
  if (type === "shutdown_request") process.exit(0);
}

function interrupt(): void {
  const error = new Error("the cell was interrupted");
  error.name = "Interrupted";
  error.stack = `${error.name}: ${error.message}`;
  executor.abandon(error);
  catchSigint();
}

/** Listens anew: Node's vm takes SIGINT for itself while a cell runs, then leaves it to end the process. */
function catchSigint(): void {
  process.off("SIGINT", interrupt);
  process.on("SIGINT", interrupt);
}

/** An error that nobody caught fails the running cell; between cells it is printed under the last one. */
function onUncaught(thrown: unknown): void {
  if (running) executor.abandon(thrown);
  else process.stderr.write(`${runtimeError(thrown, new Map()).traceback.join("\n")}\n`);
}

/** Resolves when the second thread listens. */
async function startIo(): Promise<void> {
  io.on("error", (error) => {
    writeSync(process.stderr.fd, `${inspect(error)}\n`); // past `catchWrites`: nobody would publish it
    process.exit(1);
  });
  await new Promise<void>((resolve) => {
    io.on("message", (event: FromIo) => {
      if (event === "ready") resolve();
      else if (event === "beat") Atomics.add(shared, slots.beats, 1);
      else if (event === "interrupt") interrupt();
      else process.exit(0);
    });
  });
}

async function serve(): Promise<void> {
  await stdin.bind(address(connection, "stdin"));
  await shell.bind(address(connection, "shell"));
  for await (const frames of shell) {
    let request: Message;
    try {
      request = decode(frames, connection.key);
    } catch {
      continue; // not signed with our key: not for us
    }
    handle(request);
  }
}

await startIo();
process.on("exit", () => {
  tellIo({ kind: "close" });
  // The other thread must let go of its sockets first, and what was published needs a moment to leave.
  Atomics.wait(shared, slots.closed, 0, 1000);
});
catchSigint();
process.on("uncaughtException", onUncaught);
process.on("unhandledRejection", onUncaught);
catchWrites("stdout");
catchWrites("stderr");
await serve();
