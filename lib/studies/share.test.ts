import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { after, test } from "node:test";
import type { Cell } from "./cell.js";
import { costsIn, inShard } from "./share.js";
import { type FinishedCell, writeCell } from "./store.js";

const runs = mkdtempSync(`${tmpdir()}/share-test-`);
after(() => rmSync(runs, { recursive: true }));

const cell = (seed: number, more: Partial<Cell> = {}): Cell => ({
  ...{ study: "downstream-AD", arm: "raw mlp", seed, computations: ["mlp", "downstream scores"] },
  ...{ configuration: { rows: 10 }, engine: "wasm", ...more },
});

/** Keeps a cell that took so long. */
function keep(of: Cell, seconds: number): FinishedCell {
  const time = new Date().toISOString();
  return writeCell(of, {}, { engine: "none", startedAt: time, finishedAt: time, seconds }, runs);
}

test("a cell costs what the dearest of its kind did, whatever others found on disk already", () => {
  const other = { configuration: { rows: 1_000 } };
  assert.equal(costsIn(runs).estimate(cell(1)), undefined);
  keep(cell(1, other), 900);
  assert.equal(costsIn(runs).estimate(cell(1)), 900, "the like, as nothing else is known");
  keep(cell(1), 30);
  // Its predictions were there: only the scores were made.
  keep(cell(2), 0.02);
  const costs = costsIn(runs);
  assert.deepEqual([costs.estimate(cell(3)), costs.estimate(cell(3, other))], [30, 900]);
  assert.equal(costs.estimate(cell(1, { study: "downstream-CO", data: "other" })), undefined);
  assert.equal(costs.estimate(cell(1, { configuration: {}, engine: "cpu" })), undefined);

  const trees = cell(1, { computations: ["boostedTrees", "downstream scores"] });
  costs.add({ ...keep(trees, 60), computations: { boostedTrees: 0, "downstream scores": 0 } });
  costs.add(keep({ ...trees, seed: 2 }, 0.02));
  assert.equal(costs.estimate({ ...trees, seed: 3 }), 60, "an older version tells what a newer one costs");
  costs.add({ ...keep(cell(9), 1), computations: { "no longer known": 1 } });
});

test("of cells that alternate between two kinds, no shard of two gets one kind only", () => {
  const cells = Array.from({ length: 8 }, (_, i) => ({ i, together: `${i}`, kind: i % 2 }));
  const kinds = [1, 2].map((index) => inShard(cells, { index, count: 2 }).map(({ kind }) => kind));
  assert.deepEqual(kinds, [
    [0, 1, 0, 1],
    [1, 0, 1, 0],
  ]);
});
