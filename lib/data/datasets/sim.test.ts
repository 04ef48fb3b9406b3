import assert from "node:assert/strict";
import { test } from "node:test";
import { seedKey } from "../../engine/random.js";
import { categoricalColumns, classCounts, numericColumns } from "../tables/table.js";
import { simTableDefaults, simulateTable } from "./sim.js";

const table = simulateTable(seedKey(1), simTableDefaults);
const numbers = numericColumns(table).map(({ values }) => values);
const classes = table.labels!.codes;
const scores = table.ambiguity!;
const { rows } = table;

test("10,000 rows of 28 numbers and 4 categories in three classes of about equal size, u uniform", () => {
  assert.deepEqual([rows, numbers.length, categoricalColumns(table).length], [10_000, 28, 4]);
  for (const count of classCounts(table.labels!)) assert.ok(Math.abs(count / rows - 1 / 3) < 0.02);
  for (const quantile of [0.25, 0.5, 0.75]) {
    const below = scores.filter((u) => u < quantile).length / rows;
    assert.ok(Math.abs(below - quantile) < 0.02);
  }
});

test("the same key gives the same table, another key another", () => {
  const small = { ...simTableDefaults, rows: 30 };
  assert.deepEqual(simulateTable(seedKey(1), small), simulateTable(seedKey(1), small));
  assert.notDeepEqual(simulateTable(seedKey(1), small), simulateTable(seedKey(2), small));
});

test("rows without ambiguity lie around their prototype with standard deviation 1", () => {
  const clear = [...scores.keys()].filter((row) => scores[row] < 0.15);
  for (const values of numbers) {
    let variance = 0;
    for (const c of [0, 1, 2]) {
      const of = clear.filter((row) => classes[row] === c).map((row) => values[row]);
      const mean = of.reduce((sum, v) => sum + v, 0) / of.length;
      variance += of.reduce((sum, v) => sum + (v - mean) ** 2, 0) / clear.length;
    }
    assert.ok(Math.abs(variance - 1) < 0.2, `variance ${variance}`);
  }
});

test("categories are quarters of a numeric column, flipped the more often the more ambiguous the row", () => {
  for (const { categories, codes } of categoricalColumns(table)) {
    assert.deepEqual(categories, ["bin 1", "bin 2", "bin 3", "bin 4"]);
    const agreement = numbers.map((values) => {
      const sorted = values.slice().sort();
      const bin = (v: number) => [0.25, 0.5, 0.75].filter((q) => v >= sorted[q * rows]).length;
      const flips = (part: (u: number) => boolean) => {
        const chosen = [...scores.keys()].filter((row) => part(scores[row]));
        return chosen.filter((row) => bin(values[row]) !== codes[row]).length / chosen.length;
      };
      return { clear: flips((u) => u < 0.2), unclear: flips((u) => u > 0.9) };
    });
    const { clear, unclear } = agreement.find((flips) => flips.clear < 0.05)!;
    assert.ok(clear < 0.02, `${clear} of clear rows flipped`);
    assert.ok(Math.abs(unclear - 0.5 * 0.95 ** 2) < 0.06, `${unclear} of unclear rows flipped`);
  }
});

test("logistic regression is nearly always right in the clear half, and mostly wrong in the top decile", () => {
  const train = 7_000;
  const weights = logisticRegression(train);
  const accuracy = (part: (u: number) => boolean) => {
    const chosen = [...scores.keys()].filter((row) => row >= train && part(scores[row]));
    return chosen.filter((row) => predict(weights, row) === classes[row]).length / chosen.length;
  };
  const all = accuracy(() => true);
  assert.ok(Math.abs(all - 0.845) < 0.03, `${all} overall`);
  const clear = accuracy((u) => u < 0.5);
  assert.ok(clear > 0.98, `${clear} in the clear half`);
  const unclear = accuracy((u) => u > 0.9);
  assert.ok(unclear > 0.17 && unclear < 0.37, `${unclear} in the top decile`);
});

/** Logits of one row: per class 28 weights and a bias. */
function logits(weights: readonly Float64Array[], row: number): number[] {
  return weights.map((w) => numbers.reduce((sum, values, j) => sum + w[j] * values[row], w[28]));
}

function predict(weights: readonly Float64Array[], row: number): number {
  const z = logits(weights, row);
  return z.indexOf(Math.max(...z));
}

/** Gradient descent with momentum on the cross-entropy of the first `train` rows. */
function logisticRegression(train: number): Float64Array[] {
  const weights = [0, 1, 2].map(() => new Float64Array(29));
  const speed = [0, 1, 2].map(() => new Float64Array(29));
  for (let step = 0; step < 60; step++) {
    const gradient = [0, 1, 2].map(() => new Float64Array(29));
    for (let row = 0; row < train; row++) {
      const z = logits(weights, row).map(Math.exp);
      const total = z[0] + z[1] + z[2];
      for (const c of [0, 1, 2]) {
        const error = z[c] / total - (classes[row] === c ? 1 : 0);
        for (let j = 0; j < 28; j++) gradient[c][j] += error * numbers[j][row];
        gradient[c][28] += error;
      }
    }
    for (const c of [0, 1, 2])
      for (let j = 0; j < 29; j++) {
        speed[c][j] = 0.9 * speed[c][j] - (0.1 * gradient[c][j]) / train;
        weights[c][j] += speed[c][j];
      }
  }
  return weights;
}
