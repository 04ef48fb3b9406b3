/**
 * The kernel's second thread. It does what must go on while a cell keeps the first one busy: it publishes what
 * the cell prints, answers heartbeats, interrupts and shutdown; and it ends the process when the program that
 * started it is gone.
 */
import { randomUUID } from "node:crypto";
import { Session } from "node:inspector";
import { parentPort, workerData } from "node:worker_threads";
import { Publisher, Reply, Router } from "zeromq";
import type { Phase } from "./cell-executor.js";
import { kernelInfo } from "./kernelspec.js";
import { createStreamWriter, type Printed } from "./stream-writer.js";
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
}

/** The places of the shared counters. */
export const slots = { phase: 0, beats: 1, handled: 2, closed: 3 } as const;

/** What `slots.phase` holds is a place in this list. */
export const phases: readonly Phase[] = ["idle", "compiling", "running"];

/** What the main thread tells this one. After `close` come only the end of the sockets and `slots.closed`. */
export type ToIo =
  | { kind: "publish"; type: string; content: JsonObject; parent: Partial<Header> }
  | ({ kind: "print" } & Printed)
  | { kind: "close" };

/** What this thread tells the main one. A `beat` is answered by counting up `slots.beats`. */
export type FromIo = "ready" | "beat" | "interrupt" | "shutdown";

/** How long a thread that does not compute may take to answer, in milliseconds. */
const beatTime = 10;
/** After so many answers in a row a cell is taken to be waiting. */
const enoughAnswers = 100;
/** In milliseconds, like the following. */
const closingTime = 50;
const shutdownPatience = 300;
const parentInterval = 1000;

/** Runs the thread: binds its three sockets and serves them until told to close. */
export async function serveIo(port: NonNullable<typeof parentPort>, data: IoData): Promise<void> {
  const { connection, shared } = data;
  const tell = (event: FromIo) => port.postMessage(event);
  const session = randomUUID();
  // Without a limit to what may wait, nothing is dropped: by default a burst loses all after 1000 messages.
  const iopub = new Publisher({ linger: 1000, sendHighWaterMark: 0 });
  const control = new Router({ linger: 200, sendHighWaterMark: 0 });
  const heartbeat = new Reply({ linger: 0 });
  await iopub.bind(address(connection, "iopub"));
  await control.bind(address(connection, "control"));
  await heartbeat.bind(address(connection, "hb"));

  const publish = (type: string, content: JsonObject, parent: Partial<Header>) => {
    void iopub.send(encode(newMessage(session, type, content, parent), connection.key));
  };
  const streams = createStreamWriter(({ name, text, parent }) => publish("stream", { name, text }, parent));
  port.on("message", (event: ToIo) => {
    Atomics.add(shared, slots.handled, 1);
    Atomics.notify(shared, slots.handled);
    if (event.kind === "print") {
      streams.write(event);
      return;
    }
    streams.flush();
    if (event.kind === "publish") publish(event.type, event.content, event.parent);
    else {
      for (const socket of [iopub, control, heartbeat]) socket.close();
      // The process may end as soon as this is seen; the sockets' own thread needs a moment to let go.
      setTimeout(() => {
        Atomics.store(shared, slots.closed, 1);
        Atomics.notify(shared, slots.closed);
      }, closingTime);
    }
  });
  watchParent();
  tell("ready");

  void (async () => {
    for await (const frames of heartbeat) await heartbeat.send(frames);
  })();
  for await (const frames of control) {
    let request: Message;
    try {
      request = decode(frames, connection.key);
    } catch {
      continue; // not signed with our key: not for us
    }
    publish("status", { execution_state: "busy" }, request.header);
    const reply = async (content: JsonObject) => {
      const type = request.header.msg_type.replace(/_request$/, "_reply");
      const message = newMessage(session, type, content, request.header);
      await control.send(encode({ ...message, identities: request.identities }, connection.key));
    };
    switch (request.header.msg_type) {
      case "kernel_info_request":
        await reply(kernelInfo());
        break;
      case "interrupt_request":
        await interrupt(shared, tell);
        await reply({ status: "ok" });
        break;
      case "shutdown_request":
        await reply({ status: "ok", restart: request.content.restart === true });
        tell("shutdown");
        setTimeout(() => process.kill(process.pid, "SIGKILL"), shutdownPatience);
        break;
    }
    publish("status", { execution_state: "idle" }, request.header);
  }
}

/**
 * Stops the running cell. While the cell computes, its thread answers nothing: then its JavaScript is ended
 * where it stands. A cell that answers only waits; it cannot be ended so and is abandoned by the main thread.
 */
async function interrupt(shared: Int32Array, tell: (event: FromIo) => void): Promise<void> {
  const phase = () => phases[Atomics.load(shared, slots.phase)];
  for (let answers = 0; answers < enoughAnswers && phase() !== "idle"; ) {
    const before = Atomics.load(shared, slots.beats);
    tell("beat");
    await new Promise((resolve) => setTimeout(resolve, beatTime));
    if (Atomics.load(shared, slots.beats) !== before) answers++;
    else if (phase() === "running") {
      await terminate();
      break;
    }
  }
  tell("interrupt");
}

async function terminate(): Promise<void> {
  const inspector = new Session();
  inspector.connectToMainThread();
  await new Promise((resolve) => inspector.post("Runtime.terminateExecution", resolve));
  inspector.disconnect();
}

function watchParent(): void {
  const parent = process.ppid;
  if (parent <= 1) return; // started without a parent worth watching
  const gone = () => {
    if (process.ppid !== parent) return true;
    try {
      process.kill(parent, 0);
      return false;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "ESRCH";
    }
  };
  setInterval(() => {
    if (gone()) process.kill(process.pid, "SIGKILL");
  }, parentInterval);
}

if (parentPort) await serveIo(parentPort, workerData as IoData);
