import assert from "node:assert/strict";
import { test } from "node:test";
import { runJobs } from "./worker-pool.js";

const module = new URL("./worker-pool.test-job.js", import.meta.url);
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test("outputs come in the order of the inputs, from several processes, with their reports", async () => {
  const reports: number[] = [];
  const inputs = [40, 1, 20, 1, 1, 30].map((wait) => ({ do: "wait", wait }));
  const outputs = await runJobs<unknown, { wait: number; pid: number }>(module, inputs, {
    workers: 2,
    onProgress: (index) => void reports.push(index),
  });
  assert.deepEqual(
    outputs.map(({ wait }) => wait),
    inputs.map(({ wait }) => wait),
  );
  assert.equal(new Set(outputs.map(({ pid }) => pid)).size, 2);
  assert.deepEqual(
    reports.sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 5],
  );
});

test("an error in a job is the error of the whole, and nothing is left running", async () => {
  const pids: number[] = [];
  await assert.rejects(
    runJobs(
      module,
      [
        { do: "wait", wait: 60_000 },
        { do: "throw", wait: 1_000 },
      ],
      {
        workers: 2,
        onProgress: (_, pid) => void pids.push(pid as number),
      },
    ),
    /this job cannot be done/,
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(pids.length, 2);
  assert.deepEqual(pids.filter(isAlive), []);
});

test("a worker that dies fails the whole with the way it ended, and does not hang", async () => {
  await assert.rejects(runJobs(module, [{ do: "die" }], { workers: 1 }), /ended by SIGKILL/);
  await assert.rejects(runJobs(module, [{ do: "exit" }], { workers: 1 }), /exit code 3[\s\S]*last words/);
});

test("no inputs, no outputs", async () => {
  assert.deepEqual(await runJobs(module, [], { workers: 2 }), []);
});
