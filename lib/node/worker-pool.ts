/** Spreads independent jobs over worker processes. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { FromWorker, ToWorker } from "./worker-process.js";

const WORKER = fileURLToPath(new URL("./worker-process.js", import.meta.url));

/** How a set of jobs is run. */
export interface PoolOptions<Output> {
  /** Worker processes at most. */
  readonly workers: number;
  /** The input that a process takes when it is free, after the one it had; `undefined` ends it. One after the other when left out. */
  readonly next?: (previous: number | undefined) => number | undefined | Promise<number | undefined>;
  /** Called for each finished job, in the order in which they finish. */
  readonly onDone?: (index: number, output: Output) => void | Promise<void>;
  /** Called for what a job reports on its way. */
  readonly onProgress?: (index: number, progress: unknown) => void;
}

/**
 * Runs `module`'s exported function `run(input, report)` once per input that `next` names, each process one job at a time.
 * Inputs, outputs and reports must survive structured cloning (typed arrays do).
 * @param module URL of the built module, e.g. `new URL("./simulation-run.js", import.meta.url)`
 * @returns the outputs in the order of the inputs; nothing in the place of one that `next` did not name
 * @throws the first error of a job, or the way a worker process ended; every other worker is stopped then.
 */
export async function runJobs<Input, Output>(
  module: URL,
  inputs: readonly Input[],
  options: PoolOptions<Output>,
): Promise<Output[]> {
  const outputs = new Array<Output>(inputs.length);
  const waiting = inputs.map((_, index) => index);
  const next = options.next ?? (() => waiting.shift());
  const children = new Set<ChildProcess>();
  const start = (): ChildProcess => {
    const child = fork(WORKER, [], { serialization: "advanced", silent: true });
    children.add(child);
    child.stdout?.resume();
    return child;
  };
  const serve = async (): Promise<void> => {
    let child: ChildProcess | undefined;
    try {
      for (let index = await next(undefined); index !== undefined; index = await next(index)) {
        child ??= start();
        outputs[index] = await runJob<Output>(
          child,
          { module: module.href, input: inputs[index] },
          (progress) => options.onProgress?.(index as number, progress),
        );
        await options.onDone?.(index, outputs[index]);
      }
    } finally {
      if (child) children.delete(child);
      child?.kill();
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(options.workers, inputs.length) }, serve));
  } finally {
    for (const child of children) child.kill();
  }
  return outputs;
}

/** Sends one job to a worker and waits for its output, its error or its end. */
function runJob<Output>(
  child: ChildProcess,
  job: ToWorker,
  onProgress: (progress: unknown) => void,
): Promise<Output> {
  return new Promise((resolve, reject) => {
    let errorOutput = "";
    const listen = (chunk: Buffer) => {
      errorOutput = (errorOutput + chunk).slice(-2000);
    };
    const onMessage = (message: FromWorker) => {
      if ("progress" in message) onProgress(message.progress);
      else {
        stopListening();
        if ("error" in message) reject(message.error);
        else resolve(message.output as Output);
      }
    };
    const onExit = (code: number | null, signal: string | null) => {
      stopListening();
      const how = signal ? `by ${signal}` : `with exit code ${code}`;
      reject(new Error(`a worker process ended ${how} before its job was done\n${errorOutput}`.trimEnd()));
    };
    const stopListening = () => {
      child.off("message", onMessage);
      child.off("exit", onExit);
      child.stderr?.off("data", listen);
    };
    child.on("message", onMessage);
    child.on("exit", onExit);
    child.stderr?.on("data", listen);
    child.send(job, (error) => {
      if (error) {
        stopListening();
        reject(error);
      }
    });
  });
}
