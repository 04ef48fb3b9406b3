import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { rowPosteriors } from "../families/embed-table.js";
import { initialVarTJepa, varTJepaDefaults } from "../models/var-t-jepa.js";
import { decodePosteriors } from "./posterior-decoding.js";

before(startEngine);

const stack = { width: 4, layers: 1, heads: 1, ff: 4, norm: "pre", activation: "gelu", dropout: 0 } as const;
const config = {
  ...varTJepaDefaults,
  table: { numeric: 2, cardinalities: [3] },
  masks: { contextMin: 0.3, contextMax: 0.4, targetMin: 0.3, targetMax: 0.4, targetViews: 2 },
  encoder: stack,
  predictor: stack,
  initialLogSigma: Math.log(0.5),
};
const parameters = initialVarTJepa(seedKey(1), config);
const table = (rows: number) => ({
  rows,
  numeric: normals(seedKey(2), 2 * rows),
  categorical: Int32Array.from({ length: rows }, (_, i) => i % 3),
});

test("a number is told as its posterior says, exactly; probabilities add up to 1", () => {
  const input = table(2);
  const { hidden, samples, rows } = decodePosteriors(parameters, config, input, [2, 1], seedKey(3));
  assert.deepEqual([samples, rows], [1, 2]);
  const [category, number] = hidden;
  assert.ok(category.kind === "categorical" && number.kind === "numeric");
  assert.deepEqual([category.feature, category.categories, number.feature], [2, 3, 1]);

  const [{ mean, deviation }] = [...rowPosteriors(parameters, config, input)];
  const parameter = (name: string) => {
    const { offset, shape } = parameters.layout.find((slot) => slot.name === name)!;
    return parameters.values.subarray(offset, offset + shape.reduce((a, b) => a * b, 1));
  };
  const [weight, bias] = [parameter("targetDecoder.numeric"), parameter("targetDecoder.numericBias")];
  for (const row of [0, 1]) {
    const [center, spread] = [mean, deviation].map((all) =>
      all.subarray((row * 3 + 1) * 4, (row * 3 + 2) * 4),
    );
    const expected = center.reduce((sum, v, i) => sum + v * weight[4 + i], bias[1]);
    const variance = spread.reduce((sum, v, i) => sum + (v * weight[4 + i]) ** 2, 0.25);
    expectClose([number.mean[row], number.deviation[row]], [expected, Math.sqrt(variance)]);
    const logs = category.logProbabilities.subarray(3 * row, 3 * row + 3);
    expectClose([logs.reduce((sum, log) => sum + Math.exp(log), 0)], [1]);
  }
});

test("every row is decoded, however many there are; nothing stays behind", () => {
  const before = tf.memory().numTensors;
  const [number] = decodePosteriors(parameters, config, table(4000), [0], seedKey(3)).hidden;
  assert.ok(number.kind === "numeric" && number.deviation.every((deviation) => deviation > 0.5));
  assert.equal(tf.memory().numTensors, before);
});
