import { varTJepa } from "../families/var-t-jepa.js";
import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { generateFeatures, imputeNumeric } from "../families/generate-features.js";
import { loadParameters } from "../families/load-parameters.js";
import type { FlatParameters } from "../layers/parameters.js";
import { weighedTerms } from "../losses/term.js";
import { train } from "../training/train.js";
import { drawMasks } from "./modalities/tabular/masks.js";
import type { TableRows } from "./modalities/tabular/table.js";
import { fixedMasks } from "./tokens/masks.js";
import {
  initialVarTJepa,
  passVarTJepa,
  type VarTJepaConfig,
  type VarTJepaPass,
  varTJepaDefaults,
} from "./var-t-jepa.js";

before(startEngine);

const stack = { layers: 1, heads: 2, norm: "post", activation: "gelu", dropout: 0 } as const;
const config: VarTJepaConfig = {
  ...varTJepaDefaults,
  table: { numeric: 3, cardinalities: [3, 2] },
  masks: { contextMin: 0.2, contextMax: 0.6, targetMin: 0.2, targetMax: 0.6, targetViews: 4 },
  encoder: { ...stack, width: 16, ff: 32 },
  predictor: { ...stack, width: 32, ff: 32 },
  poolTokens: 2,
  targetSamples: 1,
};

/** One number u per row, and five columns that follow from it: u, −u and u² with noise, its third and its sign. */
function table(count: number): TableRows {
  const [u, noise] = [normals(seedKey(11), count), normals(seedKey(12), 3 * count)];
  const numeric = Float32Array.from({ length: 3 * count }, (_, i) => {
    const x = u[Math.floor(i / 3)];
    return [x, -x, x * x - 1][i % 3] + 0.1 * noise[i];
  });
  const categorical = Int32Array.from({ length: 2 * count }, (_, i) => {
    const x = u[Math.floor(i / 2)];
    return i % 2 === 0 ? (x < -0.43 ? 0 : x < 0.43 ? 1 : 2) : x > 0 ? 1 : 0;
  });
  return { rows: count, numeric, categorical };
}

/** A pass on two rows with features 0 and 3 as context and 1 and 4 as target. */
function pass(weights: FlatParameters, input: TableRows): VarTJepaPass {
  const parameters = loadParameters(weights);
  return passVarTJepa(parameters, config, input, fixedMasks(Array(input.rows).fill([0, 3]), [1, 4]), {
    key: seedKey(7),
    firstRow: 0,
  });
}

/** Weights away from the start, where the predictor does not see z. */
function someWeights(): FlatParameters {
  const parameters = initialVarTJepa(seedKey(1), config);
  const shake = normals(seedKey(2), parameters.values.length);
  return { ...parameters, values: parameters.values.map((value, i) => value + 0.1 * shake[i]) };
}

test("shapes of everything a pass computes", () => {
  const input = table(3);
  const k4 = { ...config, targetSamples: 2, clsTokens: 2 };
  const masks = drawMasks(seedKey(3), config.masks, 5, 3);
  const parameters = loadParameters(initialVarTJepa(seedKey(1), k4));
  const { contextSize, targetSize } = masks;
  const result = passVarTJepa(parameters, k4, input, masks, { key: seedKey(4), firstRow: 0 });
  for (const [tensor, count] of [
    [result.qSx.mean, 3 * (2 + contextSize)],
    [result.sx, 3 * (2 + contextSize)],
    [result.qZ.logVariance, 3],
    [result.z, 3],
    [result.qSw.mean, 15],
    [result.sw, 30],
    [result.qSy.mean, 12 * targetSize],
    [result.pSy.logVariance, 12 * targetSize],
  ] as const)
    assert.deepEqual(tensor.shape, [count, 16]);
  assert.equal(result.targetDecoded.numeric?.mean.shape[0], 2 * 3 * 3);
  assert.deepEqual(
    result.targetDecoded.categorical.map(({ logits }) => logits.shape),
    [
      [6, 3],
      [6, 2],
    ],
  );
  const decoded = result.contextDecoded;
  assert.equal(
    (decoded.numeric?.mean.shape[0] ?? 0) + decoded.categorical.reduce((n, c) => n + c.logits.shape[0], 0),
    3 * contextSize,
  );
});

test("s_x, z and the prediction see the context only; q(s_w) sees every feature", () => {
  const parameters = someWeights();
  const input = table(2);
  const before = pass(parameters, input);
  const read = (p: VarTJepaPass) =>
    [p.qSx.mean, p.qZ.mean, p.pSy.mean, p.pSy.logVariance, p.qSw.mean].map((t) => [...t.dataSync()]);
  const hidden = { ...input, numeric: input.numeric.slice(), categorical: input.categorical.slice() };
  hidden.numeric[1] += 1; // feature 1, a target
  hidden.numeric[5] += 1; // feature 2, neither
  hidden.categorical[3] = 1 - hidden.categorical[3]; // feature 4, a target
  const [sx, z, p, pVariance, sw] = read(pass(parameters, hidden));
  const [sx0, z0, p0, pVariance0, sw0] = read(before);
  assert.deepEqual([sx, z, p, pVariance], [sx0, z0, p0, pVariance0]);
  for (let row = 0; row < 2; row++)
    for (let j = 0; j < 5; j++) {
      const at = (row * 5 + j) * 16;
      assert.notDeepEqual(sw.slice(at, at + 16), sw0.slice(at, at + 16));
    }

  const seen = { ...input, numeric: input.numeric.slice() };
  seen.numeric[0] += 1; // feature 0 of the first row, in its context
  const changed = read(pass(parameters, seen));
  changed.forEach((values, i) => {
    const half = values.length / 2;
    const was = read(before)[i];
    assert.notDeepEqual(values.slice(0, half), was.slice(0, half));
    expectClose(values.slice(half), was.slice(half));
  });
});

test("q(s_yk) is q(s_w) at the features of mask k, and the log variances stay inside their bound", () => {
  const { qSw, qSy } = pass(someWeights(), table(2));
  const [w, y] = [qSw.mean.dataSync(), qSy.mean.dataSync()];
  for (const [at, feature] of [
    [0, 1],
    [1, 4],
    [2, 5 + 1],
    [3, 5 + 4],
  ])
    assert.deepEqual(y.slice(at * 16, (at + 1) * 16), w.slice(feature * 16, (feature + 1) * 16));
  const bounded = { ...config, logVarianceBound: 0.01 };
  const tight = tf.tidy(() =>
    passVarTJepa(loadParameters(someWeights()), bounded, table(2), fixedMasks([[0], [0]], [1]), {
      key: seedKey(7),
      firstRow: 0,
    }).qSw.logVariance.dataSync(),
  );
  assert.ok(tight.every((v) => Math.abs(v) <= 0.01));
});

test("a fixed σ has no parameter and keeps its value", () => {
  const fixed: VarTJepaConfig = { ...config, sigma: "fixed", initialLogSigma: 0.5 };
  const weights = initialVarTJepa(seedKey(1), fixed);
  assert.ok(!weights.layout.some(({ name }) => name.endsWith("logSigma")));
  const parameters = loadParameters(weights);
  const { logSigmaX } = passVarTJepa(parameters, fixed, table(1), fixedMasks([[0]], [1]), {
    key: seedKey(1),
    firstRow: 0,
  });
  assert.equal(logSigmaX.dataSync()[0], 0.5);
});

test("64 rows are learned by heart: likelihoods rise, and the prediction carries what the context says", async () => {
  const input = table(64);
  const weights = { rec: 1, gen: 1, klSx: 1e-3, klZ: 1e-3, klSy: 0.1 };
  const { parameters: trained, history } = await train({
    parameters: initialVarTJepa(seedKey(1), config),
    rows: input.rows,
    batchSize: input.rows,
    epochs: 240,
    learningRate: (step) => 5e-3 * Math.min(1, (step + 1) / 20),
    weightDecay: 1e-5,
    key: seedKey(3),
    terms: (parameters, batch) => {
      const pass = varTJepa.pass(parameters, config, input, batch, {});
      const source = { key: batch.key, sigregForm: "var-jepa" } as const;
      return weighedTerms(varTJepa.terms, weights, {}, pass, config, source);
    },
  });
  const [first, last] = [history[0].terms, history[history.length - 1].terms];
  assert.ok(last.rec < first.rec - 1, `rec ${first.rec} → ${last.rec}`);
  assert.ok(last.gen < first.gen - 1, `gen ${first.gen} → ${last.gen}`);

  // Column 1 is −u: given column 0 alone, the predictor must know it far better than its mean does.
  const generated = generateFeatures(trained, config, input, Array(64).fill([0]), [1], 32, seedKey(5));
  const [entry] = generated.hidden;
  assert.equal(entry.kind, "numeric");
  if (entry.kind !== "numeric") return;
  const { mean } = imputeNumeric(generated, entry);
  const truth = Float64Array.from({ length: 64 }, (_, i) => input.numeric[3 * i + 1]);
  const average = truth.reduce((sum, v) => sum + v, 0) / 64;
  const squares = (from: (i: number) => number) => truth.reduce((sum, v, i) => sum + (v - from(i)) ** 2, 0);
  const explained = 1 - squares((i) => mean[i]) / squares(() => average);
  assert.ok(explained > 0.5, `explains ${explained} of the variance`);
});

test("tokenScale multiplies the start values of tokenizer and CLS tokens, and no other", () => {
  const [plain, scaled] = [config, { ...config, tokenScale: 8 }].map((each) =>
    initialVarTJepa(seedKey(1), each),
  );
  for (const { name, offset, shape } of plain.layout) {
    const factor = name.startsWith("tokenizer.") ? 8 : 1;
    for (let i = offset; i < offset + shape.reduce((a, b) => a * b, 1); i++)
      assert.equal(scaled.values[i], factor * plain.values[i], name);
  }
});

test("σ for every token: one parameter each, all at the start value", () => {
  const { layout, values } = initialVarTJepa(seedKey(1), {
    ...config,
    sigma: "per token",
    initialLogSigma: -2,
  });
  const { shape, offset } = layout.find(({ name }) => name === "targetDecoder.logSigma")!;
  assert.deepEqual(shape, [5]);
  assert.deepEqual([...values.subarray(offset, offset + 5)], Array(5).fill(-2));
});

test("a configuration that cannot be built is refused by name", () => {
  assert.throws(() => initialVarTJepa(seedKey(1), { ...config, tokenScale: 0 }), /tokenScale is 0/);
  assert.throws(() => initialVarTJepa(seedKey(1), { ...config, poolTokens: 0 }), /poolTokens is 0/);
  assert.throws(
    () => initialVarTJepa(seedKey(1), { ...config, logVarianceBound: 0 }),
    /logVarianceBound is 0/,
  );
  assert.throws(
    () => initialVarTJepa(seedKey(1), { ...config, table: { numeric: 1, cardinalities: [] } }),
    /it has 1 features/,
  );
});
