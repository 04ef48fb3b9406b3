import { existsSync } from "node:fs";

/** What the worker processes of `worker-pool.test.ts` are asked to do; the file `until` is waited for. */
export async function run(
  input: { do: string; wait?: number; until?: string },
  report: (pid: number) => void,
): Promise<unknown> {
  report(process.pid);
  await new Promise((resolve) => setTimeout(resolve, input.wait ?? 0));
  while (input.until && !existsSync(input.until)) await new Promise((resolve) => setTimeout(resolve, 10));
  if (input.do === "throw") throw new Error("this job cannot be done");
  if (input.do === "die") process.kill(process.pid, "SIGKILL");
  if (input.do === "exit") {
    console.error("last words");
    process.exit(3);
  }
  return { wait: input.wait, pid: process.pid };
}
