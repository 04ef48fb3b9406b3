/**
 * The kernel's second thread. It does what must go on while a cell keeps the first one busy: it publishes what
 * the cell prints, answers heartbeats, interrupts and shutdown; and it ends the process when the program that
 * started it is gone.
 */
import { randomUUID } from "node:crypto";
import { writeSync } from "node:fs";
import { Session } from "node:inspector";
import { Socket } from "node:net";
import { StringDecoder } from "node:string_decoder";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { parentPort, workerData } from "node:worker_threads";
import { Publisher, Reply, Router } from "zeromq";
import { forgetAsyncStack } from "./async-stack.js";
import type { Phase } from "./cell-executor.js";
import { kernelInfo } from "./kernelspec.js";
import { createMeetings, descriptors, markFinder } from "./raw-output.js";
import { answerTo, type RequestHandlers, replyTo } from "./requests.js";
import { createSendQueue } from "./send-queue.js";
import { createStreamWriter, type Printed } from "./stream-writer.js";
import { watchParent } from "./watch-parent.js";
import {
  address,
  type Connection,
  decode,
  encode,
  type Header,
  type JsonObject,
  type Message,
  newMessage,
} from "./wire.js";

/** What the main thread starts this one with. */
export interface IoData {
  connection: Connection;
  /** Shared counters, see `slots`. */
  shared: Int32Array;
  /** What marks in raw output begin with, see `raw-output.ts`. */
  markKey: string;
}

/** The places of the shared counters. */
export const slots = { phase: 0, beats: 1, handled: 2, closed: 3 } as const;

/** What `slots.phase` holds is a place in this list. */
export const phases: readonly Phase[] = ["idle", "starting", "compiling", "running"];

/**
 * What the main thread tells this one. From `cell` on, raw output belongs to that cell, which is left out when its
 * output is not wanted. A `mark` has been written into the raw outputs. After `close` come only the end of the
 * sockets and `slots.closed`.
 */
export type ToIo =
  | { kind: "cell"; parent?: Partial<Header> }
  | { kind: "mark"; serial: number }
  | { kind: "publish"; type: string; content: JsonObject; parent: Partial<Header> }
  | ({ kind: "print" } & Printed)
  | { kind: "close" };

/** What this thread tells the main one. A `beat` is answered by counting up `slots.beats`. */
export type FromIo = "ready" | "beat" | "interrupt" | "shutdown";

/** How long a thread that does not compute may take to answer, in milliseconds. */
const beatTime = 10;
/** After so many beats in silence its JavaScript is ended: the compiler's never, the kernel's own is never silent for long. */
const patienceIn: Record<Phase, number> = {
  idle: 50,
  starting: 50,
  compiling: Number.POSITIVE_INFINITY,
  running: 1,
};
/** After so many answers in a row a cell is taken to be waiting. */
const enoughAnswers = 100;
/** In milliseconds, like the following. */
const closingTime = 50;
const drainingTime = 700;
const shutdownPatience = 300;

/** Runs the thread: binds its three sockets and serves them until told to close. */
export async function serveIo(port: NonNullable<typeof parentPort>, data: IoData): Promise<void> {
  const { connection, shared, markKey } = data;
  const tell = (event: FromIo) => port.postMessage(event);
  const session = randomUUID();
  // Without a limit to what may wait, nothing is dropped: by default a burst loses all after 1000 messages.
  const iopub = new Publisher({ linger: 1000, sendHighWaterMark: 0 });
  const control = new Router({ linger: 200, sendHighWaterMark: 0 });
  const heartbeat = new Reply({ linger: 0 });
  await iopub.bind(address(connection, "iopub"));
  await control.bind(address(connection, "control"));
  await heartbeat.bind(address(connection, "hb"));
  const published = createSendQueue(iopub, writeLog);
  const answers = createSendQueue(control, writeLog);

  const publish = (type: string, content: JsonObject, parent: Partial<Header>) => {
    try {
      published.send(encode(newMessage(session, type, content, parent), connection.key));
    } catch (error) {
      writeLog(error); // such as a text that is too long for a message
      const text = `a message "${type}" could not be sent: ${(error as Error).message}\n`;
      published.send(encode(newMessage(session, "stream", { name: "stderr", text }, parent), connection.key));
    }
  };
  const streams = createStreamWriter(({ name, text, parent }) => publish("stream", { name, text }, parent));
  const meet = createMeetings();
  let cell: Partial<Header> | undefined;

  const handle = async (event: ToIo) => {
    switch (event.kind) {
      case "print":
        streams.write(event);
        return;
      case "publish":
        streams.flush();
        publish(event.type, event.content, event.parent);
        return;
      case "cell":
        cell = event.parent;
        return;
      case "mark":
        await meet("messages", event.serial);
        return;
      case "close":
        streams.flush();
        await Promise.race([published.drained(), sleep(drainingTime)]);
        for (const socket of [iopub, control, heartbeat]) socket.close();
        // The process may end as soon as this is seen; the sockets' own thread needs a moment to let go.
        await sleep(closingTime);
        Atomics.store(shared, slots.closed, 1);
        Atomics.notify(shared, slots.closed);
    }
  };
  const events: ToIo[] = [];
  let handling = false;
  port.on("message", async (event: ToIo) => {
    events.push(event);
    if (handling) return;
    handling = true;
    for (let next = events.shift(); next; next = events.shift()) {
      const done = handle(next);
      if (next.kind === "mark") await done; // the others wait for nothing
      Atomics.add(shared, slots.handled, 1);
      Atomics.notify(shared, slots.handled);
    }
    handling = false;
  });

  const readRaw = async (name: Printed["name"], descriptor: number) => {
    const find = markFinder(markKey);
    const decoder = new StringDecoder("utf8");
    for await (const chunk of new Socket({ fd: descriptor, readable: true, writable: false }))
      for (const piece of find(chunk))
        if (typeof piece === "number") await meet(name, piece);
        else if (cell) streams.write({ name, text: decoder.write(piece), parent: cell });
  };
  readRaw("stdout", descriptors.readStdout).catch(writeLog);
  readRaw("stderr", descriptors.readStderr).catch(writeLog);
  new Socket({ fd: descriptors.interrupts, readable: true, writable: false }).on("data", () =>
    interrupt(shared, tell).catch(writeLog),
  );
  watchParent(() => process.kill(process.pid, "SIGKILL"));
  tell("ready");

  const beat = async () => {
    for await (const frames of heartbeat) await heartbeat.send(frames);
  };
  beat().catch(writeLog);

  const handlers: RequestHandlers = {
    kernel_info_request: kernelInfo,
    async interrupt_request() {
      await interrupt(shared, tell);
      return { status: "ok" };
    },
    shutdown_request: ({ restart }) => ({ status: "ok", restart: restart === true }),
  };
  for await (const frames of control) {
    let request: Message;
    try {
      request = decode(frames, connection.key);
    } catch {
      continue; // not signed with our key: not for us
    }
    const type = request.header.msg_type;
    publish("status", { execution_state: "busy" }, request.header);
    const answer = await answerTo(request, handlers);
    if (answer) answers.send(encode(replyTo(request, session, answer), connection.key));
    publish("status", { execution_state: "idle" }, request.header);
    if (type !== "shutdown_request") continue;
    await Promise.race([answers.drained(), sleep(drainingTime)]);
    tell("shutdown");
    setTimeout(() => process.kill(process.pid, "SIGKILL"), shutdownPatience);
  }
}

/** Tells the program that started the kernel. */
function writeLog(error: unknown): void {
  try {
    writeSync(descriptors.log, `${inspect(error)}\n`);
  } catch {
    // there is no log any more
  }
}

/**
 * Stops the running cell. While the cell computes, its thread answers nothing: then its JavaScript is ended
 * where it stands. A cell that answers only waits; it cannot be ended so and is abandoned by the main thread.
 * What a cell left behind, such as a timer, may compute while none runs; it is ended in the same way.
 */
async function interrupt(shared: Int32Array, tell: (event: FromIo) => void): Promise<void> {
  const phase = () => phases[Atomics.load(shared, slots.phase)];
  for (let answers = 0, silence = 0; answers < enoughAnswers; ) {
    const before = Atomics.load(shared, slots.beats);
    tell("beat");
    await sleep(beatTime);
    const answered = Atomics.load(shared, slots.beats) !== before;
    if (answered && phase() === "idle") break;
    if (answered) answers++;
    silence = answered ? 0 : silence + 1;
    const patience = patienceIn[phase()];
    if (silence < patience) continue;
    await terminate();
    break;
  }
  tell("interrupt");
}

async function terminate(): Promise<void> {
  const inspector = new Session();
  inspector.connectToMainThread();
  // Both are done one right after the other, wherever the cell's code is.
  inspector.post("Runtime.evaluate", { expression: forgetAsyncStack });
  await new Promise((resolve) => inspector.post("Runtime.terminateExecution", resolve));
  inspector.disconnect();
}

if (parentPort) await serveIo(parentPort, workerData as IoData);
