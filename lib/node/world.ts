/** Node.js as the library's world: whoever imports this module has an engine, threads and files. */
import { createHash } from "node:crypto";
import { Worker } from "node:worker_threads";
import { enterWorld } from "../engine/world.js";
import { files } from "./files.js";
import { readKernels } from "./kernel-files.js";

enterWorld({
  // Not loaded before it is asked for: TensorFlow.js takes its time.
  startEngine: async () => (await import("./choose-engine.js")).chooseEngine(),
  kernels: readKernels,
  sha256(pieces) {
    const hash = createHash("sha256");
    for (const piece of pieces) hash.update(piece);
    return hash.digest("hex");
  },
  files,
  print: (text) => void process.stdout.write(text),
  startThread: (start) =>
    new Worker(new URL("./team-member.js", import.meta.url), { workerData: start, execArgv: [] }),
});
