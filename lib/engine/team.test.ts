import "../node/world.js";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import fc from "fast-check";
import { runTeam, solo } from "./team.js";
import type { Deed } from "./team.test-job.js";

const job = new URL("./team.test-job.js", import.meta.url);
type Result = { totals: Float32Array; same: boolean };

const work = (workers: number, length: number, deed: Deed = "work", told: unknown[] = []) =>
  runTeam<{ deed: Deed; length: number }, Result>(
    job,
    { deed, length },
    {
      workers,
      onReport: (report) => {
        told.push(report);
        return report;
      },
    },
  );

/** What `workers` members come to in the last round, at index i. */
const expected = (workers: number, i: number) => {
  let sum = 0;
  for (let member = 0; member < workers; member++) sum += Math.fround((i % 7) + (member + 1) / 22);
  return Math.fround(sum);
};

for (const [workers, length] of [
  [1, 5],
  [2, 1],
  [3, 2 ** 17 + 1],
])
  test(`${workers} members add up ${length} numbers, all the same, and each report is answered`, async () => {
    const told: unknown[] = [];
    const { totals, same } = await work(workers, length, "work", told);
    assert.equal(told.length, 20);
    assert.ok(same);
    assert.ok(totals.length === length && totals.every((total, i) => total === expected(workers, i)));
  });

test("the sum of a team of one is what went in", () => {
  fc.assert(
    fc.property(fc.float32Array(), (values) => {
      assert.deepEqual(solo.sum(values), values);
    }),
  );
});

for (const [deed, message] of [
  ["throw", /this share cannot be computed/],
  ["exit", /a worker thread ended with exit code 3/],
  ["die", /JSON/],
  ["reject", /nobody catches this/],
  ["return", /another worker thread ended while/],
] as const)
  test(`a member that does "${deed}" fails the whole with its own error and leaves nobody waiting`, {
    timeout: 60_000,
  }, async () => {
    await assert.rejects(work(2, 10, deed), message);
  });

test("a member that runs out of memory fails the whole", () => {
  const program = `
    await import(${JSON.stringify(new URL("../node/world.js", import.meta.url).href)});
    const { runTeam } = await import(${JSON.stringify(new URL("./team.js", import.meta.url).href)});
    await runTeam(new URL(${JSON.stringify(job.href)}), { deed: "fill", length: 3 }, { workers: 2, onReport: (r) => r })
      .catch((error) => console.log(error.code));
  `;
  const { stdout } = spawnSync(
    process.execPath,
    ["--max-old-space-size=128", "--input-type=module", "--eval", program],
    { encoding: "utf8", timeout: 60_000 },
  );
  assert.equal(stdout, "ERR_WORKER_OUT_OF_MEMORY\n");
});

test("an error in the answer to a report ends the team", async () => {
  const team = runTeam(
    job,
    { deed: "work", length: 3 },
    {
      workers: 2,
      onReport: () => {
        throw new Error("no room for this report");
      },
    },
  );
  await assert.rejects(team, /no room for this report/);
});

test("a module that cannot be loaded and a number of workers that makes no sense are told by name", async () => {
  const missing = new URL("./no-such-job.js", import.meta.url);
  await assert.rejects(runTeam(missing, {}, { workers: 1 }), /no-such-job/);
  await assert.rejects(work(0, 1), /workers is 0/);
  await assert.rejects(work(1000, 1), /workers is 1000; use a whole number from 1 to 256/);
});
