import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { projectFolder } from "../lib/settings.js";

const root = mkdtempSync(path.join(tmpdir(), "cluster-test-"));
after(() => rmSync(root, { recursive: true }));

/** Programs that stand in for Slurm's and for Node.js: each writes a line with its name and arguments. */
const said = path.join(root, "said.txt");
const stands = {
  sbatch: `echo "sbatch $*" >> ${said}; echo "7$(wc -l < ${said});cluster"`,
  scontrol: `echo "scontrol $*" >> ${said}`,
  node: `echo "$VARJEPA_RUNS $VARJEPA_FIGURES $VARJEPA_WORKERS: $*" >> ${said}; [ -z "$HOLD" ] || exec sleep 20`,
};
for (const [name, script] of Object.entries(stands)) {
  writeFileSync(path.join(root, name), `#!/bin/sh\n${script}\n`);
  chmodSync(path.join(root, name), 0o755);
}

/** Starts a program in the project's folder. */
function start(words: readonly string[], env: Record<string, string> = {}) {
  rmSync(said, { force: true });
  const child = spawn("bash", words, {
    cwd: projectFolder,
    env: { PATH: `${root}:${process.env.PATH}`, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  return { child, ended: new Promise((resolve) => child.on("close", resolve)) };
}

/** Runs it to its end, which is to be a good one, and returns what the stand-ins wrote. */
async function lines(words: readonly string[], env?: Record<string, string>): Promise<string[]> {
  assert.equal(await start(words, env).ended, 0);
  return readFileSync(said, "utf8").replaceAll(root, "ROOT").trim().split("\n");
}

const slurm = "environment/cluster/slurm.sh";
const task = {
  ...{ SLURM_JOB_ID: "79", SLURM_ARRAY_JOB_ID: "77", SLURM_ARRAY_TASK_ID: "2", SLURM_CPUS_PER_TASK: "4" },
};
const studies = "dist/environment/studies.js run downstream-paper sensitivity-paper";

test("Slurm: an array of shards and a job after it that merges are submitted with the user's options", async () => {
  const [array, merge, ...none] = await lines([slurm, "--account=me"], { FOLDER: path.join(root, "cells") });
  const job = path.join(projectFolder, slurm);
  const common = `sbatch --parsable --chdir=${projectFolder} --account=me`;
  assert.equal(
    array,
    `${common} --array=1-35%35 --output=ROOT/cells/logs/shard-%a.txt ${job} shard 35 ROOT/cells`,
  );
  assert.equal(
    merge,
    `${common} --dependency=afterany:71 --output=ROOT/cells/logs/merge.txt ${job} merge ROOT/cells`,
  );
  assert.deepEqual(none, []);
});

test("Slurm: a task makes its shard in its own folder, where locks of an earlier sitting are removed", async () => {
  const shard = path.join(root, "cells", "shard-2");
  mkdirSync(path.join(shard, "training-1"), { recursive: true });
  const [lock, other, cell] = [".var-jepa-1a-2-3-claim-4", "training-1/.var-jepa-1a-2-3-lock", "cell.json"];
  for (const file of [lock, other, cell]) writeFileSync(path.join(shard, file), "");
  assert.deepEqual(await lines([slurm, "shard", "3", path.join(root, "cells")], task), [
    `ROOT/cells/shard-2  4: ${studies} --shard 2/3`,
  ]);
  assert.deepEqual(
    [lock, other, cell].map((file) => existsSync(path.join(shard, file))),
    [false, false, true],
  );
});

test("Slurm: shortly before its time is over a task is stopped and queued again", async () => {
  const { child, ended } = start([slurm, "shard", "3", path.join(root, "cells")], { ...task, HOLD: "1" });
  while (!existsSync(said)) await setTimeout(5);
  const began = performance.now();
  child.kill("SIGUSR1");
  assert.equal(await ended, 0);
  assert.ok(performance.now() - began < 10_000, "it was not waited for");
  assert.match(readFileSync(said, "utf8"), /\nscontrol requeue 77_2\n$/);
});

test("Kubernetes: the pod of index 0 makes the first shard", async () => {
  const file = readFileSync(path.join(projectFolder, "environment/cluster/kubernetes.yaml"), "utf8");
  const [, command] = /- (exec .*) \/runs$/m.exec(file)!;
  const env = { JOB_COMPLETION_INDEX: "0", SHARDS: "3", VARJEPA_WORKERS: "2" };
  assert.deepEqual(await lines(["-c", `${command} ${root}/pods`], env), [
    `ROOT/pods/shard-1  2: ${studies} --shard 1/3`,
  ]);
});

test("parts are merged, and tables written without computing", async () => {
  const cells = path.join(root, "parts");
  for (const shard of ["shard-1", "shard-10"]) mkdirSync(path.join(cells, shard), { recursive: true });
  const where = "ROOT/parts/merged ROOT/parts/figures";
  const merge = `dist/environment/studies.js merge ROOT/parts/shard-1 ROOT/parts/shard-10`;
  assert.deepEqual(await lines([slurm, "merge", cells], task), [
    `${where} 4: ${merge}`,
    `${where} 4: ${studies} --budget 0s`,
  ]);
});
