/** What the worker processes of `worker-pool.test.ts` are asked to do. */
export async function run(
  input: { do: string; wait?: number },
  report: (pid: number) => void,
): Promise<unknown> {
  report(process.pid);
  await new Promise((resolve) => setTimeout(resolve, input.wait ?? 0));
  if (input.do === "throw") throw new Error("this job cannot be done");
  if (input.do === "die") process.kill(process.pid, "SIGKILL");
  if (input.do === "exit") {
    console.error("last words");
    process.exit(3);
  }
  return { wait: input.wait, pid: process.pid };
}
