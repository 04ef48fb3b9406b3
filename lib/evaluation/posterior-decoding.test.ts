import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { rowPosteriors } from "../models/var-t-jepa/embed.js";
import { varTJepaDefaults } from "../models/var-t-jepa/published.js";
import { initialVarTJepa } from "../models/var-t-jepa/var-t-jepa.js";
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
const weights = initialVarTJepa(seedKey(1), config);
const table = (rows: number) => ({
  rows,
  numeric: normals(seedKey(2), 2 * rows),
  categorical: Int32Array.from({ length: rows }, (_, i) => i % 3),
});

test("decoded means average to the decoder's value at the posterior mean; probabilities add up to 1", () => {
  const input = table(2);
  const samples = 4000;
  const [{ hidden, first, rows }] = [
    ...decodePosteriors(weights, config, input, [2, 1], samples, seedKey(3)),
  ];
  assert.deepEqual([first, rows], [0, 2]);
  const [category, number] = hidden;
  assert.ok(category.kind === "categorical" && number.kind === "numeric");
  assert.deepEqual([category.feature, category.categories, number.feature], [2, 3, 1]);
  expectClose([number.sigma], [0.5]);

  const [{ mean }] = [...rowPosteriors(weights, config, input)];
  const parameter = (name: string) => {
    const { offset, shape } = weights.layout.find((slot) => slot.name === name)!;
    return weights.values.subarray(offset, offset + shape.reduce((a, b) => a * b, 1));
  };
  const [weight, bias] = [parameter("targetDecoder.numeric"), parameter("targetDecoder.numericBias")];
  for (const row of [0, 1]) {
    const latent = mean.subarray((row * 3 + 1) * 4, (row * 3 + 2) * 4);
    const expected = latent.reduce((sum, v, i) => sum + v * weight[4 + i], bias[1]);
    let average = 0;
    for (let s = 0; s < samples; s++) average += number.mean[s * 2 + row] / samples;
    assert.ok(Math.abs(average - expected) < 0.05, `${average} ≠ ${expected}`);
  }
  for (let i = 0; i < samples * 2; i += 97)
    expectClose([category.probabilities.subarray(3 * i, 3 * i + 3).reduce((sum, p) => sum + p, 0)], [1]);
});

test("rows come in pieces that cover all of them; nothing stays behind, even when reading stops early", () => {
  const before = tf.memory().numTensors;
  const pieces = [...decodePosteriors(weights, config, table(4000), [0], 2, seedKey(3))];
  assert.ok(pieces.length > 1);
  assert.equal(
    pieces.reduce((next, { first, rows }) => (first === next ? next + rows : Number.NaN), 0),
    4000,
  );
  for (const _ of decodePosteriors(weights, config, table(4000), [0], 2, seedKey(3))) break;
  assert.equal(tf.memory().numTensors, before);
});
