/**
 * The project's Jupyter kernel: TypeScript cells on tslab's compiler. `kernel.ts` starts it with the
 * connection file. usage: kernel-main.js --config-path CONNECTION_FILE
 */
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import childProcess from "node:child_process";
import { randomUUID } from "node:crypto";
import fs, { writeSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { inspect } from "node:util";
import { Worker } from "node:worker_threads";
import { Command } from "commander";
import { Router } from "zeromq";
import { offerAsyncStack } from "./async-stack.js";
import { type CellOutcome, createCellExecutor } from "./cell-executor.js";
import { type FromIo, type IoData, phases, slots, type ToIo } from "./kernel-io.js";
import { kernelInfo } from "./kernelspec.js";
import { isDeeper } from "./nesting.js";
import { descriptors, writeMark } from "./raw-output.js";
import { answerTo, countField, type RequestHandlers, replyTo, textField } from "./requests.js";
import { createSendQueue } from "./send-queue.js";
import { type DisplayData, loadTslab } from "./tslab.js";
import {
  address,
  decode,
  encode,
  type Header,
  type JsonObject,
  type Message,
  readConnection,
} from "./wire.js";

const { configPath } = new Command("kernel")
  .requiredOption("--config-path <file>", "Jupyter's connection file")
  .parse()
  .opts<{ configPath: string }>();

const connection = readConnection(configPath);
const session = randomUUID();
const shared = new Int32Array(new SharedArrayBuffer(4 * Object.keys(slots).length));

const markKey = randomUUID();

const io = new Worker(new URL("./kernel-io.js", import.meta.url), {
  workerData: { connection, shared, markKey } satisfies IoData,
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

function writeLog(error: unknown): void {
  try {
    writeSync(descriptors.log, `${inspect(error)}\n`);
  } catch {
    // there is no log any more
  }
}

const answers = createSendQueue(shell, writeLog);

/** One run of a cell. */
interface Run {
  /** The header of its request: what the cell prints and shows, also later, belongs to that. */
  header: Partial<Header>;
  silent: boolean;
}

/** The run that the code being executed belongs to, however late it is executed. */
const runs = new AsyncLocalStorage<Run>();
let latest: Run = { header: {}, silent: false };
let executionCount = 0;

/**
 * What a cell shows looks as it does elsewhere: what `runs` notes in it to follow it is nothing of the cell's. Timers,
 * sockets and all else that runs code later get the notes unlisted; promises, which are many, when they are shown.
 */
function hideNotes(): void {
  const notesIn = (make: () => object) => Object.getOwnPropertySymbols(make());
  const resource = () => new AsyncResource("without a note");
  const without = notesIn(resource);
  const inResources = runs.run(latest, () => notesIn(resource)).filter((note) => !without.includes(note));
  const inPromises = runs.run(latest, () => notesIn(() => Promise.resolve()));
  const unlisted = (value?: unknown) => ({ value, writable: true, configurable: true, enumerable: false });
  for (const note of inResources) {
    Object.defineProperty(Object.prototype, note, {
      set(this: object, value: unknown) {
        Reflect.defineProperty(this, note, unlisted(value));
      },
    });
    Object.defineProperty(Promise.prototype, note, unlisted());
  }
  Object.defineProperty(Promise.prototype, inspect.custom, {
    value(this: object) {
      for (const note of inPromises)
        if (Object.hasOwn(this, note)) Reflect.defineProperty(this, note, { enumerable: false });
      return this; // to be shown as if this method were not there
    },
  });
}

function publish(type: string, content: JsonObject, parent: Partial<Header>): void {
  tellIo({ kind: "publish", type, content, parent });
}

function answer(request: Message, content: JsonObject): void {
  answers.send(encode(replyTo(request, session, content), connection.key));
}

function print(name: "stdout" | "stderr", text: string, run: Run): void {
  if (!run.silent) tellIo({ kind: "print", name, text, parent: run.header });
}

function catchWrites(name: "stdout" | "stderr"): void {
  const decoder = new StringDecoder("utf8");
  process[name].write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
    const text = typeof chunk === "string" ? chunk : decoder.write(Buffer.from(chunk));
    print(name, text, runs.getStore() ?? latest);
    const done = rest.at(-1);
    if (typeof done === "function") process.nextTick(done as () => void);
    return true;
  };
}

let marks = 0;

/** What was written to the raw outputs before comes before what is told from now on, and the other way round. */
function meetRawOutput(): void {
  if (writeMark(markKey, ++marks)) tellIo({ kind: "mark", serial: marks });
}

/** Keeps the order of what cells print and of what is written past that, before and until a call of theirs. */
function orderRawOutput(): void {
  const around = <T extends object>(module: T, name: keyof T, writes: (first: unknown) => boolean) => {
    const original = module[name] as (...given: unknown[]) => unknown;
    const ordered = (...given: unknown[]) => {
      if (!writes(given[0])) return original(...given);
      meetRawOutput();
      try {
        return original(...given);
      } finally {
        meetRawOutput();
      }
    };
    module[name] = Object.assign(ordered, original) as T[keyof T];
  };
  for (const name of ["spawnSync", "execSync", "execFileSync", "spawn", "fork"] as const)
    around(childProcess, name, () => true);
  around(fs, "writeSync", (to) => to === descriptors.stdout || to === descriptors.stderr);
}

const tslab = loadTslab();
const executor = createCellExecutor(tslab, process.cwd(), {
  onPhase: (phase) => Atomics.store(shared, slots.phase, phases.indexOf(phase)),
});

tslab.onDisplay((data, update) => {
  const content = displayed(data);
  const run = runs.getStore() ?? latest;
  if (!run.silent) publish(update ? "update_display_data" : "display_data", content, run.header);
});

/** How deep what a cell shows may be nested: deeper, it could not be handed on. */
const deepest = 200;

/** What a cell shows as plain data. @throws when it is none, in the cell that shows it. */
function displayed({ data, metadata = {}, transient = {} }: DisplayData): JsonObject {
  let content: JsonObject;
  try {
    content = JSON.parse(JSON.stringify({ data: { ...data }, metadata, transient }));
  } catch (error) {
    throw new TypeError(
      `what is displayed cannot be stored as JSON; give texts or plain data (${(error as Error).message})`,
    );
  }
  if (isDeeper(content, deepest))
    throw new TypeError(`what is displayed is nested more than ${deepest} levels deep; make it flatter`);
  return content;
}

/** Runs the cell of an `execute_request` and publishes what it prints, shows, returns or throws. */
async function execute({ header, content }: Message): Promise<JsonObject> {
  const code = textField(content, "code");
  const silent = content.silent === true;
  const run = { header, silent };
  latest = run;
  if (!silent && content.store_history !== false) executionCount++;
  const count = executionCount;
  tellIo({ kind: "cell", parent: silent ? undefined : header });
  if (!silent) publish("execute_input", { code, execution_count: count }, header);
  const outcome: CellOutcome =
    code.trim() === ""
      ? { status: "ok" }
      : await runs.run(run, () => executor.execute(code, `cell [${count}]`));
  meetRawOutput();
  const reply = { execution_count: count, user_expressions: {}, payload: [] };
  if (outcome.status === "error") {
    if (!silent) publish("error", { ...outcome.error }, header);
    return { ...reply, status: "error", ...outcome.error };
  }
  if (!silent && outcome.result !== undefined) {
    const data = { "text/plain": outcome.result };
    publish("execute_result", { execution_count: count, data, metadata: {} }, header);
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
    const current = request;
    const content = await answerTo(request, { execute_request: () => execute(current) });
    if (content?.status === "error" && request.content.stop_on_error !== false) await abortQueue();
    answer(request, content ?? {});
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

const handlers: RequestHandlers = {
  kernel_info_request: kernelInfo,
  is_complete_request(content) {
    const { completed, indent } = tslab.isCompleteCode(textField(content, "code"));
    return completed ? { status: "complete" } : { status: "incomplete", indent: indent ?? "" };
  },
  inspect_request(content) {
    const code = textField(content, "code");
    const text = executor.inspect(code, offsetOf(code, countField(content, "cursor_pos")));
    return { status: "ok", found: text !== "", data: text ? { "text/plain": text } : {}, metadata: {} };
  },
  complete_request(content) {
    const code = textField(content, "code");
    const { start, end, candidates } = executor.complete(
      code,
      offsetOf(code, countField(content, "cursor_pos")),
    );
    const [cursor_start, cursor_end] = [cursorOf(code, start), cursorOf(code, end)];
    return { status: "ok", matches: candidates, cursor_start, cursor_end, metadata: {} };
  },
  comm_info_request: () => ({ status: "ok", comms: {} }),
  history_request: () => ({ status: "ok", history: [] }),
  shutdown_request: ({ restart }) => ({ status: "ok", restart: restart === true }),
};

async function handle(request: Message): Promise<void> {
  const type = request.header.msg_type;
  if (type === "execute_request") {
    queue.push(request);
    void runQueue();
    return;
  }
  publish("status", { execution_state: "busy" }, request.header);
  const content = await answerTo(request, handlers);
  if (content) answer(request, content);
  publish("status", { execution_state: "idle" }, request.header);
  if (type !== "shutdown_request") return;
  await answers.drained();
  process.exit(0);
}

function interrupt(): void {
  const error = new Error("the cell was interrupted");
  error.name = "Interrupted";
  error.stack = `${error.name}: ${error.message}`;
  executor.abandon(error);
}

/** An error that nobody caught fails the cell that it belongs to; after that one's end it is printed under it. */
function onUncaught(thrown: unknown): void {
  const run = runs.getStore() ?? latest;
  if (run === latest && executor.abandon(thrown)) return;
  print("stderr", `${executor.explain(thrown).traceback.join("\n")}\n`, run);
}

/** Resolves when the second thread listens. */
async function startIo(): Promise<void> {
  io.on("error", (error) => {
    writeLog(error);
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
    await handle(request);
  }
}

await startIo();
process.on("exit", () => {
  meetRawOutput();
  tellIo({ kind: "close" });
  // The other thread must let go of its sockets first, and what was published needs a moment to leave.
  Atomics.wait(shared, slots.closed, 0, 1000);
});
offerAsyncStack();
hideNotes();
process.on("SIGINT", () => {}); // comes as an interrupt through `kernel.ts`
process.on("uncaughtException", onUncaught);
process.on("unhandledRejection", onUncaught);
catchWrites("stdout");
catchWrites("stderr");
orderRawOutput();
await serve();
