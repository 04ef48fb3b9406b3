import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, mock, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type PlanOptions, runPlan, stateOf } from "./run-plan.js";
import { waitingStudy } from "./run-plan.test-program.js";
import { cellFolder, claimCell, finishedCells, mergeCells, packCells, readCell, writeCell } from "./store.js";

const root = mkdtempSync(path.join(tmpdir(), "run-plan-test-"));
after(() => rmSync(root, { recursive: true }));

/** New folders for cells, which becomes that of this process, and for marks. */
function folders(name: string): { runs: string; marks: string } {
  const [runs, marks] = ["runs", "marks"].map((kind) => path.join(root, name, kind));
  for (const folder of [runs, marks]) mkdirSync(folder, { recursive: true });
  process.env.VARJEPA_RUNS = runs;
  return { runs, marks };
}

/** Numbers of the cells that were made, as often as they were. */
const made = (marks: string) => readdirSync(marks).map((mark) => Number.parseInt(mark, 10));

const inOrder = (numbers: number[]) => [...numbers].sort((a, b) => a - b);

function start(cells: number, milliseconds: number, { runs, marks }: { runs: string; marks: string }) {
  const program = fileURLToPath(new URL("./run-plan.test-program.js", import.meta.url));
  const child = spawn(process.execPath, [program, `${cells}`, `${milliseconds}`, marks], {
    env: { ...process.env, VARJEPA_RUNS: runs },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  const ended = new Promise<string>((resolve) => child.on("close", () => resolve(said.trim())));
  return { child, ended };
}

test("two processes on one folder make every cell once; killed with SIGKILL, what it held is made by another", async () => {
  const where = folders("two");
  const [first, second] = [start(8, 150, where), start(8, 150, where)];
  while (readdirSync(where.runs).filter((name) => name.endsWith(".json")).length < 3) await setTimeout(10);
  first.child.kill("SIGKILL");
  const squares = [0, 1, 4, 9, 16, 25, 36, 49];
  assert.equal(await second.ended, JSON.stringify(squares));
  const counts = made(where.marks).length;
  // The worker of the one that was killed may have come to its end after it.
  assert.ok(counts === 8 || counts === 9, `${counts} cells made`);
  assert.equal(finishedCells(where.runs).length, 8);
  // Killed after a cell was written and before its claim was given back, it leaves the claim of a cell that nobody makes again.
  const claims = readdirSync(where.runs).filter((name) => name.includes("claim"));
  assert.ok(claims.length <= 1 && claims.every((name) => name.includes(`-${first.child.pid}-`)), `${claims}`);

  const calls: number[] = [];
  const { study } = await runPlan(waitingStudy(8, 150, where.marks, "renamed"), {
    onProgress: (done) => calls.push(done),
  });
  assert.deepEqual(study, squares, "another label finds the same cells");
  assert.deepEqual(calls, [], "nothing is made again");
  assert.ok(made(where.marks).length <= 9);
});

test("a process stays with cells that belong together while there are others to begin", async () => {
  const { marks } = folders("together");
  const plan = waitingStudy(8, 150, marks);
  const cells = plan.cells.map((cell, i) => ({ ...cell, together: i < 4 ? "first" : "second" }));
  await runPlan({ ...plan, workers: 2, cells });
  const by = new Map(readdirSync(marks).map((mark) => mark.split("-").map(Number) as [number, number]));
  assert.equal(by.size, 8);
  assert.equal(by.get(0), by.get(1));
  assert.equal(by.get(4), by.get(5));
  assert.notEqual(by.get(0), by.get(4));
});

test("cells that go with one that another program makes come last", async () => {
  const { runs, marks } = folders("elsewhere");
  const plan = waitingStudy(6, 5, marks);
  const cells = plan.cells.map((cell, i) => ({ ...cell, together: i < 3 ? "first" : "second" }));
  const claim = claimCell(cells[0], runs)!;
  const order: number[] = [];
  await runPlan(
    { ...plan, cells },
    {
      onProgress: () => {
        for (const number of made(marks)) if (!order.includes(number)) order.push(number);
        if (order.length === 5) claim.release();
      },
    },
  );
  assert.deepEqual(order.slice(0, 5), [3, 4, 5, 1, 2]);
  assert.deepEqual(inOrder(made(marks)), [0, 1, 2, 3, 4, 5]);
});

test("what another process makes is waited for, not made twice", async () => {
  const { runs, marks } = folders("waits");
  const plan = waitingStudy(2, 1, marks);
  const claim = claimCell(plan.cells[0])!;
  assert.equal(claimCell(plan.cells[0]), undefined);
  const running = runPlan(plan);
  while (!readCell(plan.cells[1])) await setTimeout(5);
  assert.equal(readCell(plan.cells[0]), undefined);
  const time = new Date().toISOString();
  const making = { engine: "none", startedAt: time, finishedAt: time, seconds: 0.001 };
  writeCell(plan.cells[0], { square: 7, seconds: 0.001 }, making, runs);
  claim.release();
  assert.deepEqual((await running).study, [7, 1]);
  assert.deepEqual(made(marks), [1]);
});

test("shards in folders of their own, merged, are the whole", async () => {
  const one = folders("shard-1");
  const plan = (marks: string) => waitingStudy(5, 1, marks);
  const labels: string[] = [];
  const part: PlanOptions = {
    shard: { index: 1, count: 2 },
    onProgress: (done, total, label) => labels.push(`${done}/${total} ${label}`),
  };
  const inParts = { ...plan(one.marks), assemblePart: (found: readonly unknown[]) => [found.length] };
  const outcome = await runPlan(inParts, part);
  assert.deepEqual([outcome.study, outcome.left], [undefined, []]);
  assert.deepEqual(inOrder(made(one.marks)), [0, 3, 4]);
  assert.deepEqual((await runPlan(inParts, { budgetSeconds: 0 })).study, [5]);
  assert.equal(labels[0], "0.5/3 0 done, 1 running, 2 left: waiting 0");
  assert.equal(labels.at(-1), "3/3 3 done, 0 running, 0 left: waiting 4");
  const two = folders("shard-2");
  await runPlan(plan(two.marks), { shard: { index: 2, count: 2 } });
  assert.deepEqual(inOrder(made(two.marks)), [1, 2]);

  const training = { study: "training", arm: "T", seed: 1, computations: [], configuration: {} } as const;
  const folder = cellFolder(training, two.runs);
  mkdirSync(path.join(folder, "selected"));
  writeFileSync(path.join(folder, "selected", "model.json"), "{}");
  writeFileSync(path.join(folder, "epochs.json"), "[1]");
  const { runs, marks } = folders("merged");
  assert.deepEqual(mergeCells(one.runs), { copied: 3, known: 0 });
  assert.deepEqual(mergeCells(two.runs), { copied: 2, known: 0 }, "a training that is not finished stays");
  const time = new Date().toISOString();
  writeCell(training, { a: 1 }, { engine: "none", startedAt: time, finishedAt: time, seconds: 1 }, two.runs);
  assert.deepEqual(mergeCells(two.runs), { copied: 1, known: 2 });
  assert.deepEqual(readCell(training, runs)?.result, { a: 1 });
  const [copy] = readdirSync(runs).filter((name) => name.startsWith("training"));
  assert.deepEqual((readdirSync(path.join(runs, copy), { recursive: true }) as string[]).sort(), [
    ...["cell.json", "epochs.json", "selected", path.join("selected", "model.json")],
  ]);
  assert.deepEqual((await runPlan(plan(marks))).study, [0, 1, 4, 9, 16]);
  assert.deepEqual(made(marks), []);
  assert.throws(
    () => mergeCells(path.join(root, "nowhere")),
    /there is no .*nowhere; name a folder or a file/,
  );
  assert.throws(
    () => mergeCells(path.join(folder, "cell.json")),
    /line 1 of .*cell\.json is not a finished cell \(.*JSON.*\); name a folder of cells or a file that studies pack wrote/,
  );
});

test("packed into a file, cells go on elsewhere; packed again, none is lost, and none that is not asked for stays", async () => {
  const one = folders("pack-1");
  const plan = waitingStudy(5, 1, one.marks);
  await runPlan(plan, { shard: { index: 1, count: 2 } });
  const file = path.join(root, "cells", "waiting.jsonl");
  assert.equal(packCells([...plan.cells, ...plan.cells], file).held, 3);
  const { runs, marks } = folders("pack-2");
  assert.deepEqual(mergeCells(file), { copied: 3, known: 0 });
  assert.deepEqual(mergeCells(file), { copied: 0, known: 3 });
  const other = waitingStudy(5, 1, marks);
  assert.deepEqual(readCell(other.cells[3]), readCell(plan.cells[3], one.runs));
  assert.deepEqual(readdirSync(runs).filter((name) => readdirSync(one.runs).includes(name)).length, 3);
  assert.deepEqual((await runPlan(other)).study, [0, 1, 4, 9, 16]);
  assert.deepEqual(inOrder(made(marks)), [1, 2]);
  assert.equal(packCells(plan.cells, file, one.runs).held, 3, "those of another folder are still there");
  assert.equal(packCells(other.cells, file).held, 5);
  assert.equal(packCells(other.cells, file, one.runs).held, 5, "what the file held is kept");
  const whole = readFileSync(file, "utf8");
  assert.deepEqual(packCells(other.cells.slice(0, 4), file), { held: 4, dropped: 1 });
  writeFileSync(file, whole.slice(0, -10));
  assert.throws(() => mergeCells(file), /line 5 of .*waiting\.jsonl is not a finished cell/);
  assert.throws(() => packCells(other.cells, file), /line 5 of .*waiting\.jsonl/);
  assert.equal(
    readFileSync(file, "utf8"),
    whole.slice(0, -10),
    "a file that is no such file is left as it is",
  );
});

test("a file that is not a whole cell is said and made again", async () => {
  const { runs, marks } = folders("broken");
  const plan = waitingStudy(3, 1, marks);
  await runPlan(plan);
  const files = readdirSync(runs).sort();
  const whole = readFileSync(path.join(runs, files[1]), "utf8");
  writeFileSync(path.join(runs, files[0]), whole.slice(0, 100));
  writeFileSync(path.join(runs, files[2]), whole);
  const said = mock.method(console, "error", () => {});
  const { study } = await runPlan(plan);
  said.mock.restore();
  const lines = said.mock.calls.map(({ arguments: [line] }) => String(line)).sort();
  assert.equal(lines.length, 2);
  assert.match(
    lines[0],
    /fake-waiting-0-[0-9a-f]{12}\.json is not a finished cell \(.*JSON.*\); it is made again/,
  );
  assert.match(lines[1], /fake-waiting-2-.*\(it is the result of something else\)/);
  assert.deepEqual(
    [study, inOrder(made(marks))],
    [
      [0, 1, 4],
      [0, 0, 1, 2, 2],
    ],
  );
});

test("within a budget no cell is begun that would not be finished, and what is left is said", async () => {
  const { marks } = folders("budget");
  const plan = waitingStudy(3, 100, marks);
  const first = await runPlan(plan, { shard: { index: 1, count: 3 }, budgetSeconds: 60 });
  assert.deepEqual([first.left, made(marks)], [[], [0]], "nothing is known yet, so it is tried");
  const none = await runPlan(plan, { budgetSeconds: 0.05 });
  assert.equal(none.study, undefined);
  assert.deepEqual(
    none.left.map(({ name, seconds }) => [name.slice(0, -13), seconds]),
    [
      ["fake-waiting-1", 0.1],
      ["fake-waiting-2", 0.1],
    ],
  );
  assert.deepEqual(made(marks), [0]);
  const [waiting, like, unlike] = plan.cells;
  const staged = [
    { ...waiting, stage: "first" },
    ...[like, like].map((cell) => ({ ...cell, stage: "second" })),
    { ...unlike, computations: ["linear"], stage: "second" },
  ];
  const nothing = { study: "fake", done: 0, left: 0, seconds: 0, unknown: 0 };
  const second = { ...nothing, stage: "second", left: 2, seconds: 0.1, unknown: 1 };
  assert.deepEqual(stateOf(staged), [{ ...nothing, stage: "first", done: 1 }, second]);
  assert.deepEqual(stateOf(staged, { index: 3, count: 3 }), [{ ...second, left: 1, seconds: 0 }]);
  assert.deepEqual((await runPlan(plan, { budgetSeconds: 60 })).study, [0, 1, 4]);
});
