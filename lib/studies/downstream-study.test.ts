import "../node/world.js";
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { saveDownstream } from "./downstream-files.js";
import type { DownstreamRun } from "./downstream-study.js";
import { tinyStudy } from "./downstream-study.test-program.js";
import { runPlan } from "./run-plan.js";
import { mergeCells } from "./store.js";

const root = mkdtempSync(path.join(tmpdir(), "downstream-study-test-"));
after(() => rmSync(root, { recursive: true }));

/** A new folder for cells. */
function folder(name: string): string {
  const runs = path.join(root, name);
  mkdirSync(runs);
  return runs;
}

function start(shard: string, runs: string): { child: ChildProcess; ended: Promise<unknown> } {
  const program = fileURLToPath(new URL("./downstream-study.test-program.js", import.meta.url));
  const env = { ...process.env, VARJEPA_RUNS: runs };
  const child = spawn(process.execPath, [program, shard], { env, stdio: ["ignore", "inherit", "inherit"] });
  return { child, ended: new Promise((resolve) => child.on("close", (code) => resolve(code))) };
}

const cellsIn = (runs: string) => readdirSync(runs).filter((name) => name.startsWith("downstream-"));

const trainingsIn = (runs: string) => readdirSync(runs).filter((name) => name.startsWith("training-"));

/** When the cells of a folder were written. */
const times = (runs: string) =>
  Object.fromEntries(cellsIn(runs).map((name) => [name, statSync(path.join(runs, name)).mtimeMs]));

const untimed = (runs: readonly DownstreamRun[]) => runs.map(({ cpuSeconds: _, ...run }) => run);

test("shards in two processes, one killed and started again, merge into what one process makes", async () => {
  const [whole, one, two, merged] = ["whole", "one", "two", "merged"].map(folder);
  const second = start("2/2", two);
  const killed = start("1/2", one);
  while (cellsIn(one).length < 3) await setTimeout(5);
  killed.child.kill("SIGKILL");
  await killed.ended;
  const claims = readdirSync(one).filter(
    (name) => name.includes(`-${killed.child.pid}-`) && /claim/.test(name),
  );
  assert.ok(claims.length <= 1, `${claims} were under way`);
  const before = times(one);
  assert.equal(await start("1/2", one).ended, 0);
  assert.ok(Object.keys(before).length < 6, "it was killed before its end");
  assert.deepEqual({ ...times(one), ...before }, times(one), "no finished cell was made again");
  assert.equal(await second.ended, 0);
  const trainings = [one, two].map(trainingsIn);
  assert.deepEqual(
    trainings.map(({ length }) => length),
    [2, 2],
  );
  assert.equal(new Set(trainings.flat()).size, 4, "no encoder is trained by both");

  process.env.VARJEPA_RUNS = whole;
  const expected = (await runPlan(await tinyStudy())).study!;
  assert.equal(expected.runs.length, 8);
  assert.deepEqual(trainingsIn(whole), trainings.flat().sort());

  process.env.VARJEPA_RUNS = merged;
  mergeCells(one);
  const plan = await tinyStudy();
  const { study: part, left } = await runPlan(plan, { budgetSeconds: 0 });
  assert.equal(cellsIn(merged).length, cellsIn(one).length, "nothing is begun");
  assert.equal(left.length, cellsIn(two).length);
  assert.ok(left.every(({ seconds }) => seconds !== undefined));
  assert.equal(part?.provenance.missing, expected.provenance.missing + left.length);
  const ofOne = untimed(expected.runs).filter(({ input, seed }) => has(part!.runs, input, seed));
  assert.deepEqual(untimed(part!.runs), ofOne);
  const figures = folder("figures");
  saveDownstream(part!, figures);
  const { cells } = JSON.parse(readFileSync(path.join(figures, "table-2.json"), "utf8"));
  const inputs = new Set(cells.map(({ input }: DownstreamRun) => input));
  assert.deepEqual(inputs, new Set(part!.runs.map(({ input }) => input)));

  mergeCells(two);
  const { study } = await runPlan(plan, { onProgress: () => assert.fail("nothing is to be made") });
  assert.deepEqual(untimed(study!.runs), untimed(expected.runs));
  assert.equal(study!.provenance.missing, expected.provenance.missing);
});

function has(runs: readonly DownstreamRun[], input: string, seed: number): boolean {
  return runs.some((run) => run.input === input && run.seed === seed);
}
