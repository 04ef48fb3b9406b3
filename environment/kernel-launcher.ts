/**
 * What Jupyter starts: it starts the kernel and hands the kernel's own standard output and error back to it, so
 * that what programs and native code write there, past the kernel, appears under the cell as well. It ends as the
 * kernel ends. usage: kernel-launcher.js --config-path CONNECTION_FILE
 */
import { spawn } from "node:child_process";
import { writeSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { watchParent } from "./watch-parent.js";

const lastWordsLength = 4000;
/** How long the last words of a kernel that has ended may be on their way, in milliseconds. */
const patience = 100;

const kernel = spawn(
  process.execPath,
  [...process.execArgv, fileURLToPath(new URL("./kernel.js", import.meta.url)), ...process.argv.slice(2)],
  // In the order of `descriptors` in raw-output.ts: what it writes, what it reads of that, and Jupyter's log.
  { stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", process.stderr.fd] },
);

let lastWords = "";
for (const [from, to] of [
  [1, 3],
  [2, 4],
]) {
  const output = kernel.stdio[from] as Readable;
  output.on("data", (chunk) => {
    lastWords = (lastWords + chunk).slice(-lastWordsLength);
  });
  // The kernel may end before it has read everything.
  output.pipe(kernel.stdio[to] as Writable).on("error", () => {});
}

watchParent(() => {
  kernel.kill("SIGKILL");
  process.exit(1);
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => kernel.kill(signal));

const closed = new Promise((resolve) => kernel.once("close", resolve));
kernel.once("exit", async (code, signal) => {
  await Promise.race([closed, sleep(patience)]); // a program that a cell left behind may keep the pipes open
  if (code !== 0 && lastWords) writeSync(process.stderr.fd, lastWords);
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
