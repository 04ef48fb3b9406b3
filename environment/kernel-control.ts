/**
 * The kernel's second thread. It answers while a cell keeps the first one busy: heartbeats, interrupts and
 * shutdown; and it ends the process when the program that started it is gone.
 */
import { randomUUID } from "node:crypto";
import { Session } from "node:inspector";
import { parentPort, workerData } from "node:worker_threads";
import { Reply, Router } from "zeromq";
import { kernelInfo } from "./kernelspec.js";
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

/** What the main thread hands to this one. */
export interface ControlData {
  connection: Connection;
  /** Shared counters, see `slots`. */
  shared: Int32Array;
}

/** The places of the shared counters. */
export const slots = { userCode: 0, beats: 1, closed: 2 } as const;

/** What this thread tells the main one. A `beat` is answered by counting up `slots.beats`. */
export type ControlEvent = "beat" | "interrupt" | "shutdown" | { status: "busy" | "idle"; parent: Header };

const blockedAfter = 100; // milliseconds without a beat
const interruptPatience = 2000;
const shutdownPatience = 300;
const parentInterval = 1000;

/** Runs the thread: binds the control and heartbeat sockets and serves them until told to close. */
export async function serveControl(port: NonNullable<typeof parentPort>, data: ControlData): Promise<void> {
  const { connection, shared } = data;
  const tell = (event: ControlEvent) => port.postMessage(event);
  const session = randomUUID();
  const control = new Router({ linger: 200, sendHighWaterMark: 0 });
  const heartbeat = new Reply({ linger: 0 });
  await control.bind(address(connection, "control"));
  await heartbeat.bind(address(connection, "hb"));

  port.on("message", () => {
    control.close();
    heartbeat.close();
    // The process may end as soon as this is seen; the sockets' own thread needs a moment to let go.
    setTimeout(() => {
      Atomics.store(shared, slots.closed, 1);
      Atomics.notify(shared, slots.closed);
    }, 20);
  });
  watchParent();

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
    tell({ status: "busy", parent: request.header });
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
    tell({ status: "idle", parent: request.header });
  }
}

/**
 * Stops the running cell. While the cell computes, its thread answers nothing: then its JavaScript is ended
 * where it stands. A cell that only waits cannot be ended so; it is abandoned by the main thread.
 */
async function interrupt(shared: Int32Array, tell: (event: ControlEvent) => void): Promise<void> {
  const giveUp = Date.now() + interruptPatience;
  while (Atomics.load(shared, slots.userCode) === 1 && Date.now() < giveUp) {
    const before = Atomics.load(shared, slots.beats);
    tell("beat");
    await new Promise((resolve) => setTimeout(resolve, blockedAfter));
    if (Atomics.load(shared, slots.beats) !== before) continue;
    await terminate();
    break;
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

if (parentPort) await serveControl(parentPort, workerData as ControlData);
