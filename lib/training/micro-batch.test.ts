import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import fc from "fast-check";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { largestFitting } from "./micro-batch.js";
import { type StepLog, train } from "./train.js";
import { type SmallTask, task } from "./train-in-team.test-task.js";

before(startEngine);

test("the size is all rows or the largest power of two that fits", () => {
  const bytes = (fixed: number, perRow: number, rows: number) => fixed + perRow * rows;
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 10_000_000 }),
      fc.integer({ min: 0, max: 10_000_000 }),
      fc.integer({ min: 5, max: 5_000 }),
      fc.integer({ min: 1, max: 4_000 }),
      (fixed, perRow, rows, budgetMb) => {
        const size = largestFitting(bytes(fixed, perRow, 2), bytes(fixed, perRow, 4), rows, budgetMb);
        const fits = (count: number) => bytes(fixed, perRow, count) <= budgetMb * 2 ** 20 * (1 + 1e-9);
        if (size === rows) assert.ok(perRow === 0 || fits(rows));
        else {
          assert.ok(Number.isInteger(Math.log2(size)));
          assert.ok(size === 1 || fits(size));
          assert.ok(!fits(2 * size) || 2 * size > rows);
        }
      },
    ),
  );
});

/** Trains the small task and returns each epoch's micro-batch, the log, and the memory after every step. */
async function watch(input: SmallTask): Promise<{ sizes: number[]; log: StepLog; memory: string[] }> {
  const memory: string[] = [];
  const before = tf.memory().numTensors;
  const { history, log } = await train({
    ...task(input),
    onStep: () => {
      const { numTensors, numBytes } = tf.memory();
      memory.push(`${numTensors} tensors of ${numBytes} bytes`);
    },
  });
  assert.equal(tf.memory().numTensors, before, "training leaves no tensor behind");
  return { sizes: history.map(({ microBatch }) => microBatch), log, memory };
}

test("a small budget cuts, with the same losses within rounding and no growth from step to step", async () => {
  const whole = await watch({ seed: 1 });
  const cut = await watch({ seed: 1, changes: { memoryBudgetMb: 0.02 } });
  const fixed = await watch({ seed: 1, changes: { microBatch: 3 } });
  assert.deepEqual(whole.sizes, [16, 16, 16, 16]);
  assert.ok(cut.sizes[0] < 16, `${cut.sizes}`);
  assert.equal(new Set(cut.sizes).size, 1);
  assert.deepEqual(fixed.sizes, [3, 3, 3, 3]);
  for (const { log, memory } of [cut, fixed]) {
    expectClose(log.values, whole.log.values, { absolute: 1e-5, relative: 1e-4 });
    assert.equal(memory.length, 12);
    assert.equal(new Set(memory).size, 1, memory.join("\n"));
  }
});

test("at its worst moment a cut step takes about the budget, besides the flat vectors", async () => {
  const { state } = tf.engine();
  const before = state.numBytes;
  let now = before;
  let most = before;
  Object.defineProperty(state, "numBytes", {
    configurable: true,
    get: () => now,
    set: (bytes: number) => {
      now = bytes;
      most = Math.max(most, bytes);
    },
  });
  try {
    const input = { seed: 1, rows: 300, changes: { memoryBudgetMb: 0.4, batchSize: 300, epochs: 8 } };
    const { history, parameters } = await train(task(input));
    const flatVectors = 10 * parameters.values.byteLength;
    assert.ok(history[0].microBatch < 300);
    assert.ok(most - before < 0.4 * 2 ** 20 + flatVectors, `${most - before} bytes`);
    assert.ok(most - before > 0.2 * 2 ** 20, `${most - before} bytes`);
    assert.equal(now, before);
  } finally {
    Object.defineProperty(state, "numBytes", { configurable: true, writable: true, value: now });
  }
});

test("a batch with a weighted term over the whole of it is not cut, from the start if it ends with one, else from where it has one", async () => {
  const small = { seed: 1, changes: { memoryBudgetMb: 0.02 } };
  assert.deepEqual((await watch({ ...small, batchTermAt: [11] })).sizes, [16, 16, 16, 16]);
  const [first, ...others] = (await watch({ ...small, batchTermAt: [4] })).sizes;
  assert.ok(first < 16);
  assert.deepEqual(others, [16, 16, 16]);
  await assert.rejects(
    train(task({ seed: 1, batchTermAt: [0], changes: { microBatch: 8 } })),
    /spread compares all 16 rows of a batch but would see 8/,
  );
});

test("sizes that make no sense are refused by name", async () => {
  const attempt = (changes: SmallTask["changes"]) => train(task({ seed: 1, changes }));
  await assert.rejects(attempt({ microBatch: 0 }), /microBatch is 0; use a whole number/);
  await assert.rejects(attempt({ memoryBudgetMb: -1 }), /memoryBudgetMb is -1/);
  await assert.rejects(attempt({ clipNorm: 0 }), /clipNorm is 0/);
});
