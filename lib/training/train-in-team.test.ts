import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { runTeam } from "../engine/team.js";
import { type EpochReport, TrainingDiverged, train } from "./train.js";
import { trainInTeam } from "./train-in-team.js";
import { type SmallTask, task, timeless } from "./train-in-team.test-task.js";

before(startEngine);

const module = new URL("./train-in-team.test-task.js", import.meta.url);
const inTeam = (workers: number, input: SmallTask) => trainInTeam(module, input, { workers });

test("one worker gives the same bits as training without a team", async () => {
  assert.deepEqual(timeless(await inTeam(1, { seed: 1 })), timeless(await train(task({ seed: 1 }))));
});

test("two workers: the losses of one within rounding, and the same bits every time", async () => {
  const one = await train(task({ seed: 1 }));
  const two = await inTeam(2, { seed: 1 });
  assert.equal(two.log.values.length, 12 * 7);
  assert.deepEqual(two.log.columns, one.log.columns);
  expectClose(two.log.values, one.log.values, { absolute: 1e-5, relative: 1e-4 });
  assert.deepEqual(timeless(await inTeam(2, { seed: 1 })), timeless(two));
});

test("every member ends with the same parameters, bit for bit, even one that some batches have no row for", async () => {
  const small: SmallTask = { seed: 3, rows: 9, changes: { batchSize: 4 } };
  const all = await runTeam<SmallTask, Float32Array>(module, small, { workers: 3 });
  const { values } = (await train(task(small))).parameters;
  const [first, ...others] = [0, 1, 2].map((i) => all.subarray(i * values.length, (i + 1) * values.length));
  for (const other of others) assert.deepEqual(other, first);
  expectClose(first, values, { absolute: 1e-4, relative: 1e-3 });
});

test("epochs and steps are told to the caller, who may stop; so may the task", async () => {
  const epochs: EpochReport[] = [];
  let steps = 0;
  const { history, parameters } = await trainInTeam(
    module,
    { seed: 1 },
    {
      workers: 2,
      onStep: ({ step, steps: all }) => {
        assert.equal(step, ++steps);
        assert.equal(all, 12);
      },
      onEpoch: async (report, { values }) => {
        epochs.push(report);
        assert.equal(values.length, weightCount);
        return report.epoch === 2 ? "stop" : undefined;
      },
    },
  );
  assert.deepEqual(history, epochs);
  assert.equal(epochs.length, 2);
  assert.equal(steps, 6);
  assert.equal(parameters.values.length, weightCount);
  assert.equal((await inTeam(1, { seed: 1, stopAfter: 3 })).history.length, 3);
  assert.equal((await train(task({ seed: 1, stopAfter: 1 }))).history.length, 1);
});
const weightCount = task({ seed: 1 }).parameters.values.length;

test("a member that fails or diverges fails the training with its own error", async () => {
  await assert.rejects(inTeam(2, { seed: 1, deed: "throw" }), /this pass cannot be computed/);
  await assert.rejects(inTeam(2, { seed: 1, deed: "NaN" }), (error: unknown) => {
    assert.ok(error instanceof TrainingDiverged);
    assert.equal(error.term, "gen");
    assert.equal(error.step, 3);
    assert.equal(error.lastGood.values.length, weightCount);
    assert.ok(error.lastGood.values.every(Number.isFinite));
    return true;
  });
});

test("a term over the whole batch is refused as soon as it has a weight", async () => {
  await assert.rejects(
    inTeam(2, { seed: 1, batchTermAt: [4] }),
    /spread compares all 16 rows of a batch but would see 8; use one worker/,
  );
});
