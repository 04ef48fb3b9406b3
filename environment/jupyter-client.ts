import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { Dealer, type Socket, Subscriber } from "zeromq";
import { kernelCommand } from "./kernelspec.js";
import { createSendQueue } from "./send-queue.js";
import {
  address,
  type Channel,
  type Connection,
  decode,
  encode,
  type JsonObject,
  type Message,
  newMessage,
} from "./wire.js";

/** The kernel's process ended although nobody asked it to. */
export class KernelDied extends Error {
  override name = "KernelDied";
}

/** A request was not answered in time. */
export class Timeout extends Error {
  override name = "Timeout";
}

/** How a kernel is started. */
export interface KernelOptions {
  /** The kernel's working directory: imports are resolved from here. */
  folder: string;
  /** Environment variables beside those of this process. */
  env?: Record<string, string>;
  /** The command line for a connection file; the project's own kernel when left out. */
  command?: (connectionFile: string) => string[];
  /** How long the start may take, 60 s when left out. */
  startSeconds?: number;
}

/** One request to a kernel. */
export interface Request {
  type: string;
  content?: JsonObject;
  /** Gets every message that the kernel publishes for the request, also those after its end. */
  onOutput?: (message: Message) => void;
  /** No limit when left out. */
  timeoutSeconds?: number;
}

/** A running kernel. */
export interface Kernel {
  pid: number;
  connection: Connection;
  /**
   * Sends a request and waits for the content of its reply; on the shell channel also until the kernel is
   * idle again. Rejects with {@link KernelDied} or {@link Timeout}.
   */
  request(channel: "shell" | "control", request: Request): Promise<JsonObject>;
  /** Shuts the kernel down, within two seconds or by force, with everything that it started. Idempotent. */
  stop(): Promise<void>;
}

interface Waiting {
  channel: "shell" | "control";
  reply?: Message;
  idle: boolean;
  resolve(content: JsonObject): void;
  reject(error: Error): void;
}

const logLength = 4000;

/**
 * Starts a kernel on 127.0.0.1 with a key of its own and waits until it answers.
 * @throws {KernelDied} with the kernel's last words when it ends instead; {@link Timeout} when it does not answer.
 */
export async function startKernel(options: KernelOptions): Promise<Kernel> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      // Between our finding a free port and the kernel's use of it another program may have taken it.
      const portTaken = error instanceof KernelDied && /address already in use/i.test(error.message);
      if (!portTaken || attempt === 3) throw error;
    }
  }
}

async function startOnce(options: KernelOptions): Promise<Kernel> {
  const connection = await newConnection();
  const scratch = mkdtempSync(path.join(os.tmpdir(), "var-jepa-kernel-"));
  const connectionFile = path.join(scratch, "connection.json");
  writeFileSync(connectionFile, JSON.stringify(connection), { mode: 0o600 });
  const [program, ...args] = (options.command ?? kernelCommand)(connectionFile);
  const child = spawn(program, args, {
    cwd: options.folder,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32", // a process group of its own, to be ended as a whole
  });
  const kernel = connect(child, connection, scratch);
  try {
    await waitUntilReady(kernel, options.startSeconds ?? 60);
    return kernel;
  } catch (error) {
    await kernel.stop();
    throw error;
  }
}

function connect(child: ChildProcess, connection: Connection, scratch: string): Kernel {
  const session = randomUUID();
  const waiting = new Map<string, Waiting>();
  const listeners = new Map<string, (message: Message) => void>();
  let log = "";
  let death: KernelDied | undefined;
  let stopping: Promise<void> | undefined;

  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => {
      log = (log + chunk).slice(-logLength);
    });
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`could not be started: ${error.message}`));
    child.once("exit", (code, signal) =>
      resolve(signal ? `was ended by ${signal}` : `ended with exit code ${code}`),
    );
  });
  void ended.then(async (how) => {
    await sleep(100); // what it published last may still be on its way
    death = new KernelDied(`the kernel ${how}${log.trim() ? `\n${log.trim()}` : ""}`);
    for (const request of waiting.values()) request.reject(death);
  });

  const shell = new Dealer({ linger: 0 });
  const control = new Dealer({ linger: 0 });
  const iopub = new Subscriber({ linger: 0, receiveHighWaterMark: 0 });
  iopub.subscribe();
  const open = (socket: Dealer | Subscriber, channel: Channel) => {
    socket.connect(address(connection, channel));
    receive(socket, connection.key, (message) => dispatch(channel, message)).catch(failed);
  };
  const dispatch = (channel: Channel, message: Message) => {
    const id = message.parent.msg_id ?? "";
    const request = waiting.get(id);
    if (channel === "iopub") {
      listeners.get(id)?.(message);
      if (message.header.msg_type === "status" && message.content.execution_state === "idle" && request)
        request.idle = true;
    } else if (request) request.reply = message;
    if (request?.reply && (request.idle || request.channel === "control"))
      request.resolve(request.reply.content);
  };
  // Also what a socket says that is closed while it receives; nothing waits then.
  const failed = (error: unknown) => {
    for (const request of waiting.values()) request.reject(error as Error);
  };
  const requests = { shell: createSendQueue(shell, failed), control: createSendQueue(control, failed) };
  open(shell, "shell");
  open(control, "control");
  open(iopub, "iopub");

  return {
    pid: child.pid ?? -1,
    connection,
    request(channel, { type, content = {}, onOutput, timeoutSeconds }) {
      if (death) return Promise.reject(death);
      const message = newMessage(session, type, content);
      const id = message.header.msg_id;
      if (onOutput) listeners.set(id, onOutput);
      let timer: NodeJS.Timeout | undefined;
      return new Promise<JsonObject>((resolve, reject) => {
        waiting.set(id, { channel, idle: false, resolve, reject });
        if (timeoutSeconds !== undefined)
          timer = setTimeout(
            () => reject(new Timeout(`no answer within ${timeoutSeconds} s`)),
            timeoutSeconds * 1000,
          );
        requests[channel].send(encode(message, connection.key));
      }).finally(() => {
        clearTimeout(timer);
        waiting.delete(id);
      });
    },
    stop() {
      stopping ??= (async () => {
        if (!death && child.pid !== undefined) {
          const content = { restart: false };
          await this.request("control", { type: "shutdown_request", content, timeoutSeconds: 1 }).catch(
            () => {},
          );
          await Promise.race([ended, sleep(1000, undefined, { ref: false })]);
        }
        killGroup(child);
        await ended;
        child.stdout?.destroy();
        child.stderr?.destroy();
        for (const socket of [shell, control, iopub]) if (!socket.closed) socket.close();
        rmSync(scratch, { recursive: true, force: true });
      })();
      return stopping;
    },
  };
}

/** In milliseconds: so long messages that are there already are taken before timers and signals have their turn. */
const atOnce = 20;

/** Hands on every message that is signed with the key, until the socket is closed. */
async function receive(
  socket: (Dealer | Subscriber) & Socket,
  key: string,
  take: (message: Message) => void,
): Promise<void> {
  let turn = performance.now();
  for await (const frames of socket) {
    let message: Message;
    try {
      message = decode(frames, key);
    } catch {
      continue; // not from our kernel
    }
    take(message);
    if (performance.now() - turn < atOnce) continue;
    await setImmediate();
    turn = performance.now();
  }
}

/**
 * A subscriber that has only just connected misses messages: asks until the answer has been seen on both the
 * shell and the publishing socket.
 */
async function waitUntilReady(kernel: Kernel, seconds: number): Promise<void> {
  const giveUp = Date.now() + seconds * 1000;
  for (;;) {
    try {
      await kernel.request("shell", { type: "kernel_info_request", timeoutSeconds: 0.5 });
      return;
    } catch (error) {
      if (!(error instanceof Timeout)) throw error;
      if (Date.now() > giveUp)
        throw new Timeout(`the kernel did not answer within ${seconds} s of its start`);
    }
  }
}

/** Ends the kernel's process group: also programs that a cell started and left behind. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill("SIGKILL");
    else process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function newConnection(): Promise<Connection> {
  const [shell_port, iopub_port, stdin_port, control_port, hb_port] = await freePorts(5);
  return {
    transport: "tcp",
    ip: "127.0.0.1",
    shell_port,
    iopub_port,
    stdin_port,
    control_port,
    hb_port,
    key: randomBytes(32).toString("hex"),
    signature_scheme: "hmac-sha256",
  };
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<net.Server>((resolve, reject) => {
          const server = net.createServer();
          server.once("error", reject).listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
