import "../node/world.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Cell, cellKey, cellName } from "./cell.js";
import { computationVersions } from "./computations.js";
import { inShard, parseBudget, parseShard } from "./share.js";
import { planSimulationStudy, simulationPresets } from "./simulation-study.js";
import { askedOf } from "./tabular-run.js";

const cell: Cell = {
  study: "study",
  arm: "σ fixed, β₂ = 0.999",
  seed: 3,
  computations: ["var-t-jepa", "scores"],
  configuration: { rate: 1e-3, layers: { width: 8, heads: 2 }, weights: [1, 0.5] },
  data: "abc",
  engine: "wasm plain",
};
const versions = { ...computationVersions, "var-t-jepa": 1, scores: 1 };

test("a key is what it was, and a file is named by study, arm, seed and key", () => {
  // Whoever must change this forgets every finished cell of every study.
  assert.equal(cellKey(cell, versions), "72e0afeee4bcd716f9b32469108dd593cf8389a48b5ba5f5c72ef215487957de");
  assert.match(cellName(cell), /^study-fixed-0\.999-3-[0-9a-f]{12}$/);
});

test("labels, the order of fields and what is undefined do not change a key; all that is asked for does", () => {
  const { rate, weights } = cell.configuration as Record<string, unknown>;
  const same: Cell[] = [
    { ...cell, study: "other", arm: "renamed" },
    { ...cell, configuration: { weights, layers: { heads: 2, width: 8 }, none: undefined, rate } },
  ];
  for (const other of same) assert.equal(cellKey(other), cellKey(cell));
  const others: Cell[] = [
    { ...cell, seed: 4 },
    { ...cell, configuration: { ...cell.configuration, rate: 2e-3 } },
    { ...cell, configuration: { ...cell.configuration, weights: [0.5, 1] } },
    { ...cell, data: "abd" },
    { ...cell, engine: "wasm relaxed" },
    { ...cell, computations: ["t-jepa", "scores"] },
  ];
  const keys = others.map((other) => cellKey(other));
  keys.push(cellKey(cell, { ...versions, scores: 2 }));
  assert.equal(new Set([cellKey(cell, versions), ...keys]).size, keys.length + 1);
  assert.equal(cellKey(cell, { ...versions, "t-jepa": 2 }), cellKey(cell, versions), "another computation's");
  assert.throws(
    () => cellKey({ ...cell, configuration: { rate: 1 / 0 } }),
    /rate of a cell's .* is Infinity/,
  );
});

test("a simulation's runs are told apart by their objectives, whatever the study around them", async () => {
  const { quick } = simulationPresets;
  const { cells } = await planSimulationStudy({ ...quick, runs: 2 });
  assert.equal(new Set(cells.map((each) => cellKey(each))).size, 20);
  const few = await planSimulationStudy({ ...quick, preset: "standard", variants: ["H", "A"] });
  assert.deepEqual(
    few.cells.map((each) => cellKey(each)),
    [cells[14], cells[0]].map((each) => cellKey(each)),
  );
});

test("what is asked of a training is its settings, not their name, nor those of the other model", () => {
  const named = askedOf({ dataset: "sim", family: "t-jepa", preset: "quick", seed: 1 });
  assert.deepEqual(Object.keys(named).sort(), ["dataset", "probe", "recipe", "rows", "testHeldOut"]);
  assert.ok(!JSON.stringify(named).includes("var-t-jepa"));
});

test("shards share nothing and leave nothing out; what is not one is refused", () => {
  const cells = Array.from({ length: 11 }, (_, i) => ({ i, ...(i % 5 === 0 && { together: "fives" }) }));
  const shards = [1, 2, 3].map((index) => inShard(cells, { index, count: 3 }));
  assert.deepEqual(
    shards.flat().sort((a, b) => a.i - b.i),
    cells,
  );
  const fives = shards.map((shard) => shard.filter(({ together }) => together).map(({ i }) => i));
  assert.deepEqual(fives, [[0, 5, 10], [], []], "cells that belong together stay together");
  assert.deepEqual(parseShard("2/3"), { index: 2, count: 3 });
  for (const wrong of ["0/3", "4/3", "1", "1/0", "a/b"])
    assert.throws(() => parseShard(wrong), /shard is ".*"; write the part/);
});

test("a budget is hours, minutes and seconds", () => {
  assert.deepEqual(["3h", "90m", "1h30m", "45s"].map(parseBudget), [10_800, 5_400, 5_400, 45]);
  for (const wrong of ["", "3", "3 h", "h", "1.5h"]) assert.throws(() => parseBudget(wrong), /budget is/);
});
