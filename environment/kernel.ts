/**
 * What Jupyter starts: it starts the kernel and hands the kernel's own standard output and error back to it, so
 * that what programs and native code write there, past the kernel, appears under the cell as well. It ends as the
 * kernel ends. usage: kernel.js --config-path CONNECTION_FILE
 */
import { spawn } from "node:child_process";
import { writeSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { descriptors, withoutMarks } from "./raw-output.js";
import { watchParent } from "./watch-parent.js";

const lastWordsLength = 4000;
/** How long the last words of a kernel that has ended may be on their way, in milliseconds. */
const patience = 100;

const kernel = spawn(
  process.execPath,
  [
    ...process.execArgv,
    fileURLToPath(new URL("./kernel-main.js", import.meta.url)),
    ...process.argv.slice(2),
  ],
  // In the order of `descriptors` in raw-output.ts.
  { stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", process.stderr.fd, "pipe"] },
);

let lastWords = "";
for (const [from, to] of [
  [descriptors.stdout, descriptors.readStdout],
  [descriptors.stderr, descriptors.readStderr],
]) {
  const output = kernel.stdio[from] as Readable;
  output.on("data", (chunk) => {
    lastWords = withoutMarks(lastWords + chunk).slice(-lastWordsLength);
  });
  // The kernel may end before it has read everything.
  output.pipe(kernel.stdio[to] as Writable).on("error", () => {});
}

watchParent(() => {
  kernel.kill("SIGKILL");
  process.exit(1);
});
const interrupts = (kernel.stdio as unknown as Writable[])[descriptors.interrupts].on("error", () => {});
process.on("SIGINT", () => interrupts.write("i"));
for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => kernel.kill(signal));

const closed = new Promise((resolve) => kernel.once("close", resolve));
kernel.once("exit", async (code, signal) => {
  await Promise.race([closed, sleep(patience)]); // a program that a cell left behind may keep the pipes open
  if (code !== 0 && lastWords) writeSync(process.stderr.fd, lastWords);
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
