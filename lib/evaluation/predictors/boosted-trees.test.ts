import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { expectClose } from "../../engine/finite-differences.js";
import { normals, seedKey, uniforms } from "../../engine/random.js";
import { projectFolder } from "../../settings.js";
import { classificationScores } from "../metrics/classification-scores.js";
import { type BoostedTreesConfig, boostedTrees, boostedTreesDefaults } from "./boosted-trees.js";
import { exactGrower } from "./trees/exact.js";
import { histogramGrower } from "./trees/histogram.js";
import { leafOf, type TreeNode } from "./trees/tree.js";

/** Made with XGBoost 1.7.4; the file says how. */
interface Golden {
  readonly cases: readonly (Pick<BoostedTreesConfig, "trees" | "maxDepth" | "learningRate"> & {
    readonly name: string;
    readonly trainRows: number;
    readonly columns: number;
    /** Row-major `[rows, columns]`. */
    readonly features: readonly number[];
    readonly labels: readonly number[];
    /** Row-major `[rows, classes − 1]`: of all classes but the first. */
    readonly exact: readonly number[];
    readonly histogram: readonly number[];
  })[];
}
const file = path.join(projectFolder, "lib/evaluation/predictors/boosted-trees.expected.json");
const { cases }: Golden = JSON.parse(readFileSync(file, "utf8"));

const key = seedKey(1);
const range = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);

for (const { name, trainRows, columns, features, labels, exact, histogram, ...settings } of cases)
  test(`${name}: probabilities of training and new rows are XGBoost's to 2e-7`, async () => {
    const values = Float32Array.from(features);
    const shape = [labels.length, columns, 1] as const;
    const split = { train: range(0, trainRows), test: range(0, labels.length) };
    for (const [splits, expected] of Object.entries({ exact, histogram })) {
      const config = { ...settings, splits } as BoostedTreesConfig;
      const { probabilities, classes } = await boostedTrees.fit(
        key,
        { values, shape },
        labels,
        split,
        config,
      );
      const own = probabilities.filter((_, i) => i % classes > 0);
      assert.equal(own.length, expected.length);
      const worst = own.reduce((most, p, i) => Math.max(most, Math.abs(p - expected[i])), 0);
      assert.ok(worst < 2e-7, `${splits}: ${worst}`);
    }
  });

/** Rows with many values per column, of which two decide the class. */
function drawn(rows: number, columns: number) {
  const values = Float32Array.from(normals(seedKey(2), rows * columns));
  const draws = uniforms(seedKey(3), rows);
  const labels = Int32Array.from(draws, (u, row) =>
    u < 0.1 ? Number(u < 0.05) : Number(values[row * columns] > 0 !== values[row * columns + 1] > 0),
  );
  return { features: { values, shape: [rows, columns, 1] as const }, labels };
}

test("many values: both modes find an exclusive-or on new rows; equal arguments give equal bits; progress is told", async () => {
  const { features, labels } = drawn(3000, 6);
  const split = { train: range(0, 2000), test: range(2000, 3000) };
  for (const splits of ["exact", "histogram"] as const) {
    const config = { trees: 30, maxDepth: 3, learningRate: 0.3, splits };
    const rounds: number[] = [];
    const told = await boostedTrees.fit(key, features, labels, split, config, (done) => rounds.push(done));
    const { accuracy } = classificationScores(told.labels, told.predicted);
    assert.ok(accuracy > 0.85, `${splits}: ${accuracy}`);
    assert.deepEqual(
      rounds,
      Array.from({ length: 30 }, (_, i) => i + 1),
    );
    assert.deepEqual(await boostedTrees.fit(key, features, labels, split, config), told);
  }
});

test("a histogram's tree is the exact one where bins hold single values, and its leaves are what their rows sum up to", () => {
  const rows = 900;
  const columns = 4;
  const values = Float32Array.from(uniforms(seedKey(4), rows * columns), (u) => Math.floor(40 * u) / 8);
  const first = Float32Array.from(normals(seedKey(5), rows));
  const second = Float32Array.from(uniforms(seedKey(6), rows));
  const growth = { maxDepth: 5, learningRate: 0.5 };
  const [exact, binned] = [exactGrower, histogramGrower].map((grower) =>
    grower(values, columns, range(0, rows))({ first, second }, growth),
  );
  const sums = new Map<number, [number, number]>();
  for (let row = 0; row < rows; row++) {
    const leaf = leafOf(binned, values, row * columns);
    assert.ok(Math.abs(leaf - leafOf(exact, values, row * columns)) < 1e-6, `row ${row}`);
    const [g, h] = sums.get(leaf) ?? [0, 0];
    sums.set(leaf, [g + first[row], h + second[row]]);
  }
  assert.ok(sums.size > 10);
  for (const [leaf, [g, h]] of sums) assert.ok(Math.abs(leaf + (0.5 * g) / (h + 1)) < 1e-5 && h >= 1);
});

test("a tree on codes is the one on an indicator of every code; a code that training lacks goes with the others", () => {
  const rows = 600;
  const levels = [5, 3];
  const draws = uniforms(seedKey(7), 3 * rows);
  // Code 4 of the first column is in none of the rows learnt from.
  const cells = Array.from({ length: rows }, (_, row) => [
    Math.floor(levels[0] * draws[3 * row]),
    Math.floor(levels[1] * draws[3 * row + 1]),
    Math.floor(30 * draws[3 * row + 2]),
  ]);
  const learning = Int32Array.from([...cells.keys()].filter((row) => cells[row][0] < 4));
  const codes = Float32Array.from(cells.flat());
  const indicators = Float32Array.from(
    cells.flatMap(([a, b, number]) => [
      ...Array.from({ length: levels[0] }, (_, k) => Number(a === k)),
      ...Array.from({ length: levels[1] }, (_, k) => Number(b === k)),
      number,
    ]),
  );
  const derivatives = {
    first: Float32Array.from(normals(seedKey(8), learning.length)),
    second: new Float32Array(learning.length).fill(1),
  };
  const growth = { maxDepth: 4, learningRate: 1 };
  const own = histogramGrower(codes, 3, learning, (column) => column < 2)(derivatives, growth);
  const other = histogramGrower(indicators, 9, learning)(derivatives, growth);
  const ordered = histogramGrower(codes, 3, learning)(derivatives, growth);
  const leaves = cells.map((_, row) => leafOf(own, codes, 3 * row));
  expectClose(
    leaves,
    cells.map((_, row) => leafOf(other, indicators, 9 * row)),
    { absolute: 1e-6 },
  );
  assert.ok(new Set(leaves).size > 8);
  assert.ok(leaves.some((leaf, row) => Math.abs(leaf - leafOf(ordered, codes, 3 * row)) > 0.01));
});

test("no column that separates anything leaves a tree of one leaf; more than 256 values are cut at quantiles", () => {
  const constant = new Float32Array(50).fill(3);
  const derivatives = { first: new Float32Array(50).fill(0.5), second: new Float32Array(50).fill(0.25) };
  for (const grower of [exactGrower, histogramGrower])
    assert.equal(
      grower(constant, 1, range(0, 50))(derivatives, { maxDepth: 3, learningRate: 1 }).split,
      undefined,
    );
  const rows = 2560;
  const values = Float32Array.from({ length: rows }, (_, i) => i);
  const first = Float32Array.from(values, (v) => (v < 1280 ? 1 : -1));
  const tree: TreeNode = histogramGrower(
    values,
    1,
    range(0, rows),
  )({ first, second: new Float32Array(rows).fill(1) }, { maxDepth: 1, learningRate: 1 });
  assert.equal(tree.split?.threshold, 1280);
  assert.ok(Math.abs(tree.split.above.value - 1280 / 1281) < 1e-6);
});

test("settings that make no sense are refused", async () => {
  const features = { values: Float32Array.of(0, 1, 2), shape: [3, 1, 1] as const };
  const split = { train: Int32Array.of(0, 1), test: Int32Array.of(2) };
  const refused = (changes: object, message: RegExp) =>
    assert.rejects(
      boostedTrees.fit(seedKey(1), features, [0, 1, 1], split, { ...boostedTreesDefaults, ...changes }),
      message,
    );
  await refused({ trees: 0 }, /trees is 0; use a whole number from 1/);
  await refused({ maxDepth: Number.NaN }, /maxDepth is NaN; use a whole number from 1 to 64/);
  await refused({ learningRate: Number.NaN }, /learningRate is NaN; use a number from/);
  await refused({ splits: "median" }, /splits is "median"; use "exact" or "histogram"/);
});
