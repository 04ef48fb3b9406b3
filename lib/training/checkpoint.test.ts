import "../node/world.js";
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { runProgram } from "./killable.test-run.js";
import { readParameters, writeParameters, writeTensorFile } from "./parameters-file.js";
import { train } from "./train.js";
import { trainInTeam } from "./train-in-team.js";
import { type SmallTask, task, timeless } from "./train-in-team.test-task.js";

before(startEngine);

const folder = mkdtempSync(path.join(tmpdir(), "checkpoint-test-"));
after(() => rmSync(folder, { recursive: true }));

const program = new URL("./checkpoint.test-program.js", import.meta.url);

const runHere = (file: string, workers: number, holdAt?: number) =>
  runProgram(program, [file, `${workers}`], holdAt);

test("a run killed twice in the middle of an epoch goes on to the same bits as one that was left alone", async () => {
  const file = path.join(folder, "new", "solo.safetensors");
  assert.equal((await runHere(file, 0, 2)).at(-1), "step 2");
  assert.ok(!existsSync(file), "no epoch was over");
  assert.equal((await runHere(file, 0, 8)).at(0), "step 1");
  const lines = await runHere(file, 0);
  assert.equal(lines[0], "step 7", "two epochs of three steps were kept");
  assert.deepEqual(JSON.parse(lines.at(-1) as string), timeless(await train(task({ seed: 4 }))));
  assert.deepEqual(readdirSync(path.dirname(file)), ["solo.safetensors"]);
  assert.deepEqual(await runHere(file, 0), lines.slice(-1), "a finished run is only read");
});

test("so does a run of a team", async () => {
  const file = path.join(folder, "team.safetensors");
  await runHere(file, 2, 5);
  const lines = await runHere(file, 2);
  assert.equal(lines[0], "step 4");
  const module = new URL("./train-in-team.test-task.js", import.meta.url);
  const whole = await trainInTeam<SmallTask>(module, { seed: 4 }, { workers: 2 });
  assert.deepEqual(JSON.parse(lines.at(-1) as string), timeless(whole));
});

const kept = (file: string, configuration: unknown, changes: SmallTask["changes"] = {}, stopAfter?: number) =>
  train(task({ seed: 4, stopAfter, changes: { checkpoint: { file, configuration }, ...changes } }));

test("a run that was stopped stays stopped; its checkpoint's weights can be read like any others", async () => {
  const file = path.join(folder, "stopped.safetensors");
  const tensors = tf.memory().numTensors;
  const { parameters, history } = await kept(file, { data: "small" }, {}, 2);
  assert.equal(history.length, 2);
  assert.equal((await kept(file, { data: "small" })).history.length, 2);
  assert.deepEqual(await readParameters(file), { parameters, configuration: { data: "small" } });
  assert.equal(tf.memory().numTensors, tensors);
});

test("a checkpoint of another run is refused, with the name of what differs", async () => {
  const file = path.join(folder, "other.safetensors");
  await kept(file, { data: "small" }, {}, 1);
  const attempt = (configuration: unknown, changes?: SmallTask["changes"]) =>
    kept(file, configuration, changes);
  await assert.rejects(
    attempt({ data: "large" }),
    /other\.safetensors holds a run made with configuration {"data":"small"}, this one has {"data":"large"}; set it back, or name another file/,
  );
  await assert.rejects(
    attempt({ data: "small" }, { batchSize: 8 }),
    /made with batchSize 16, this one has 8/,
  );
  await assert.rejects(
    attempt({ data: "small" }, { clipNorm: 1 }),
    /made with clipNorm none, this one has 1/,
  );
  await assert.rejects(attempt({ data: "small" }, { key: { k0: 1, k1: 2 } }), /made with key/);
  const other = { ...task({ seed: 5 }), key: task({ seed: 4 }).key, onEpoch: undefined };
  await assert.rejects(
    train({ ...other, checkpoint: { file, configuration: { data: "small" } } }),
    /made with startWeights/,
  );
});

test("a file of weights alone and a damaged file are refused", async () => {
  const file = path.join(folder, "weights.safetensors");
  const { parameters } = task({ seed: 4 });
  await writeParameters(file, parameters, undefined);
  await assert.rejects(kept(file, null), /weights\.safetensors holds weights but no run to continue/);
  writeFileSync(file, "nothing of the kind");
  await assert.rejects(kept(file, null), /weights\.safetensors is not a safetensors file that can be read/);
  await writeTensorFile(file, { tensors: [], metadata: { madeWith: "{", run: "{}" } });
  await assert.rejects(kept(file, null), /weights\.safetensors is damaged \(.*\); delete it to start anew/);
});
