import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { normals, seedKey } from "../engine/random.js";
import type { Weights } from "../layers/weights.js";
import { annealed, varTJepaTerms, weightedTabularElbo } from "../losses/tabular-elbo.js";
import type { VarTJepaConfig } from "../models/var-t-jepa/config.js";
import { varTJepaDefaults } from "../models/var-t-jepa/published.js";
import { selectRows, type TableRows } from "../models/var-t-jepa/table.js";
import { initialVarTJepa } from "../models/var-t-jepa/var-t-jepa.js";
import { train } from "../training/train.js";
import { contextUse } from "./context-use.js";
import { imputationScores, largestContext } from "./imputation.js";

before(startEngine);

const stack = { layers: 1, heads: 2, norm: "post", activation: "gelu", dropout: 0 } as const;
const config: VarTJepaConfig = {
  ...varTJepaDefaults,
  table: { numeric: 2, cardinalities: [3, 2] },
  masks: { contextMin: 0.2, contextMax: 0.6, targetMin: 0.2, targetMax: 0.6, targetViews: 4 },
  encoder: { ...stack, width: 16, ff: 32 },
  predictor: { ...stack, width: 32, ff: 32 },
  poolTokens: 2,
  targetSamples: 1,
};
const names = ["u", "minus u", "third", "sign"];

/** One number u per row, and columns that follow from it. */
function table(seed: number, rows: number): TableRows {
  const u = normals(seedKey(seed), rows);
  const numeric = Float32Array.from({ length: 2 * rows }, (_, i) => (i % 2 === 0 ? 1 : -1) * u[i >> 1]);
  const categorical = Int32Array.from({ length: 2 * rows }, (_, i) => {
    const x = u[i >> 1];
    return i % 2 === 0 ? (x < -0.43 ? 0 : x < 0.43 ? 1 : 2) : Number(x > 0);
  });
  return { rows, numeric, categorical };
}

async function learnedByHeart(input: TableRows): Promise<Weights> {
  const weights = { alphaRec: 1, alphaGen: 1, alphaKlSx: 1e-3, alphaKlZ: 1e-3, alphaKlSy: 0.1 };
  const { weights: trained } = await train({
    weights: initialVarTJepa(seedKey(1), config),
    rows: input.rows,
    batchSize: input.rows,
    epochs: 240,
    learningRate: (step) => 5e-3 * Math.min(1, (step + 1) / 20),
    weightDecay: 1e-5,
    key: seedKey(3),
    terms: (parameters, batch) => {
      const chosen = selectRows(config.table, input, batch.rows);
      const source = { key: batch.key, firstRow: batch.first };
      return weightedTabularElbo(varTJepaTerms(parameters, config, chosen, source), weights, annealed);
    },
  });
  return trained;
}

test("a model that knows its 64 rows beats the marginal on every column, and its ceiling lies above", async () => {
  const input = table(11, 64);
  const weights = await learnedByHeart(input);
  const before = tf.memory().numTensors;
  const result = await imputationScores(weights, config, input, input, names, seedKey(5));
  assert.equal(tf.memory().numTensors, before);
  assert.deepEqual(
    result.columns.map(({ column, kind }) => [column, kind]),
    [
      ["u", "numeric"],
      ["minus u", "numeric"],
      ["third", "categorical"],
      ["sign", "categorical"],
    ],
  );
  assert.deepEqual([result.rows, result.samples, result.aboveMarginal], [64, 16, 4]);
  for (const { column, model, marginal, linear, ceiling, visible, gain, gainError } of result.columns) {
    const said = JSON.stringify({ column, model, marginal, linear, ceiling });
    assert.ok(ceiling.logLikelihood >= model.logLikelihood && ceiling.score >= model.score, said);
    assert.ok(linear.logLikelihood > marginal.logLikelihood && linear.score > marginal.score, said);
    assert.ok(model.score > marginal.score, said);
    assert.ok(Math.abs(gain - (model.logLikelihood - marginal.logLikelihood)) < 1e-9);
    assert.ok(gainError > 0);
    assert.equal(visible.length, 2);
    for (const set of visible) {
      assert.equal(set.length, 2);
      assert.ok(!set.includes(column) && new Set(set).size === 2);
    }
  }
  assert.equal(result.columns[0].marginal.score, 0);

  const use = contextUse(weights, config, input, seedKey(6));
  assert.equal(tf.memory().numTensors, before);
  assert.ok(use.shuffledKl > use.kl + 1, `its predictor needs the context: ${JSON.stringify(use)}`);
  const blind = { ...weights, values: weights.values.slice() };
  for (const { name, offset, shape } of weights.layout)
    if (/^predictor\.(fromSx|contextFromZ|maskFromZ)\.weight$/.test(name))
      blind.values.fill(0, offset, offset + shape[0] * shape[1]);
  const without = contextUse(blind, config, input, seedKey(6));
  assert.equal(without.kl, without.shuffledKl, "a predictor that sees nothing says the same of every row");
  assert.throws(() => contextUse(weights, config, table(1, 1), seedKey(6)), /input has 1 rows/);
});

test("an untrained model's prediction is worth no more than the marginal; equal keys, equal results", async () => {
  const [training, heldOut] = [table(11, 200), table(12, 100)];
  const weights = initialVarTJepa(seedKey(1), config);
  const settings = { visible: 1, sets: 1, samples: 4, features: [3, 0] };
  const scores = () => imputationScores(weights, config, training, heldOut, names, seedKey(5), settings);
  const result = await scores();
  assert.deepEqual(
    result.columns.map(({ feature }) => feature),
    [3, 0],
  );
  assert.equal(result.clearlyAboveMarginal, 0);
  assert.deepEqual(await scores(), result);
});

test("the largest context is that of training, but leaves a column to hide", () => {
  assert.equal(largestContext(config), 2);
  assert.equal(largestContext({ ...config, masks: { ...config.masks, contextMax: 1 } }), 3);
  assert.equal(largestContext({ ...config, masks: { ...config.masks, contextMax: 0.1 } }), 1);
});

test("what makes no sense is refused", async () => {
  const input = table(11, 20);
  const weights = initialVarTJepa(seedKey(1), config);
  const scores = (settings: object, used = names) =>
    imputationScores(weights, config, input, input, used, seedKey(5), { sets: 1, samples: 1, ...settings });
  await assert.rejects(scores({ visible: 4 }), /visible is 4; use a whole number from 1 to 3/);
  await assert.rejects(scores({ sets: 0 }), /sets is 0/);
  await assert.rejects(scores({}, ["u"]), /names has 1 entries; the table has 4/);
  await assert.rejects(scores({ samples: 0 }), /samples is 0/);
});
