import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { selectRows, type TableRows } from "../models/modalities/tabular/table.js";
import { initialVarTJepa, type VarTJepaConfig, varTJepaDefaults } from "../models/var-t-jepa.js";
import { embedTable, ninetiethPercentile, rowPosteriors } from "./embed-table.js";

before(startEngine);

const stack = { layers: 1, heads: 1, norm: "pre", activation: "relu", dropout: 0.5 } as const;
const config: VarTJepaConfig = {
  ...varTJepaDefaults,
  table: { numeric: 2, cardinalities: [3] },
  masks: { contextMin: 0.3, contextMax: 0.4, targetMin: 0.3, targetMax: 0.4, targetViews: 2 },
  encoder: { ...stack, width: 4, ff: 4 },
  predictor: { ...stack, width: 2, ff: 2 },
};
const parameters = initialVarTJepa(seedKey(1), config);
const columns = 3 * 4;

function table(count: number): TableRows {
  const numeric = normals(seedKey(2), 2 * count);
  return { rows: count, numeric, categorical: Int32Array.from({ length: count }, (_, i) => i % 3) };
}

test("an embedding is the same whatever rows stand beside it and however often it is computed", () => {
  const input = table(4000); // 4000 rows of 9 tokens are worked off in several pieces
  const { values, uncertainty } = embedTable(parameters, config, input);
  assert.equal(values.length, 4000 * columns);
  assert.ok([...rowPosteriors(parameters, config, input)].length > 1);
  for (const row of [0, 1819, 1820, 3999]) {
    const alone = embedTable(parameters, config, selectRows(config.table, input, [row]));
    expectClose(values.subarray(row * columns, (row + 1) * columns), alone.values, { absolute: 1e-5 });
    for (const of of ["mean", "p90"] as const)
      expectClose([uncertainty[of][row]], alone.uncertainty[of], { absolute: 1e-5 });
  }
});

test("every feature of a row, the last one too, moves its embedding and none but its own", () => {
  const input = table(2);
  const { values } = embedTable(parameters, config, input);
  const raised = (column: number) => input.numeric.map((v, i) => (i === column ? v + 1 : v));
  for (const change of [
    { numeric: raised(0) },
    { numeric: raised(1) },
    { categorical: Int32Array.of(2, 1) },
  ]) {
    const moved = embedTable(parameters, config, { ...input, ...change }).values;
    assert.notDeepEqual(moved.subarray(0, columns), values.subarray(0, columns));
    expectClose(moved.subarray(columns), values.subarray(columns), { absolute: 1e-6 });
  }
});

test("uncertainties are the mean and the 90th percentile of the standard deviations of q(s_w)", () => {
  const input = table(3);
  const [{ deviation }] = [...rowPosteriors(parameters, config, input)];
  const first = deviation.subarray(0, columns);
  assert.ok(first.every((v) => v > 0));
  const { mean, p90 } = embedTable(parameters, config, input).uncertainty;
  assert.deepEqual([mean.length, p90.length], [3, 3]);
  expectClose(
    [mean[0], p90[0]],
    [first.reduce((sum, v) => sum + v, 0) / columns, ninetiethPercentile(first)],
  );
  // Eleven numbers 0 … 10: nine tenths of the way lies exactly on the tenth; of four, between the last two.
  assert.equal(ninetiethPercentile(Float32Array.from({ length: 11 }, (_, i) => 10 - i)), 9);
  expectClose([ninetiethPercentile(Float32Array.of(4, 1, 3, 2))], [3.7]);
});

test("nothing stays behind in the engine's memory, even when reading stops early", () => {
  const before = tf.memory().numTensors;
  embedTable(parameters, config, table(3));
  for (const _ of rowPosteriors(parameters, config, table(4000))) break;
  assert.equal(tf.memory().numTensors, before);
});

test("rows that do not fit are refused by field, row and column", () => {
  const input = table(3);
  assert.throws(
    () => embedTable(parameters, config, { ...input, rows: 4 }),
    /numeric holds 6 values; 4 rows/,
  );
  assert.throws(
    () => embedTable(parameters, config, { ...input, categorical: Int32Array.of(0, 3, 1) }),
    /categorical holds 3 at row 1, column 0, which has 3 categories/,
  );
  assert.throws(
    () => embedTable(parameters, config, { ...input, numeric: Float32Array.of(0, 1, 2, Number.NaN, 0, 0) }),
    /numeric holds NaN at row 1, column 1/,
  );
});
