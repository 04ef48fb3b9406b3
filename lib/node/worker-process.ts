/** The program of a worker process: runs one job after the other for `worker-pool.ts`. */
import "./world.js";

/** A job: the module whose `run` does it, and what `run` gets. */
export interface ToWorker {
  readonly module: string;
  readonly input: unknown;
}

/** What a worker says: progress on the way, then an output or an error. */
export type FromWorker = { progress: unknown } | { output: unknown } | { error: Error };

/** What a module that `runJobs` can run exports. */
export interface JobModule {
  run(input: unknown, report: (progress: unknown) => void): Promise<unknown>;
}

process.on("message", async ({ module, input }: ToWorker) => {
  const send = (message: FromWorker) => process.send?.(message);
  try {
    const job = (await import(module)) as JobModule;
    send({ output: await job.run(input, (progress) => send({ progress })) });
  } catch (error) {
    send({ error: error instanceof Error ? error : new Error(String(error)) });
  }
});
process.on("disconnect", () => process.exit());
