import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { normals, seedKey } from "../engine/random.js";
import { varTJepa } from "../families/var-t-jepa.js";
import { type Parameters, unpackParameters } from "../layers/parameters.js";
import { drawMasks } from "../models/modalities/tabular/masks.js";
import type { TableRows } from "../models/modalities/tabular/table.js";
import { noiseFrom } from "../models/tokens/pass.js";
import {
  initialVarTJepa,
  passVarTJepa,
  type VarTJepaConfig,
  type VarTJepaPass,
  varTJepaDefaults,
} from "../models/var-t-jepa.js";
import { risenWeights, termValues, weighedTerms } from "./term.js";

before(startEngine);

const stack = { layers: 2, heads: 2, norm: "post", activation: "gelu", dropout: 0 } as const;
const configured: VarTJepaConfig = {
  ...varTJepaDefaults,
  table: { numeric: 3, cardinalities: [3, 2] },
  masks: { contextMin: 0.4, contextMax: 0.4, targetMin: 0.4, targetMax: 0.4, targetViews: 3 },
  encoder: { ...stack, width: 8, ff: 12 },
  predictor: { ...stack, width: 4, ff: 6, layers: 1 },
  clsTokens: 2,
  poolTokens: 2,
  targetSamples: 2,
  initialLogSigma: -0.3,
};
const { terms } = varTJepa;
const names = ["rec", "gen", "klSx", "klZ", "klSy", "predictive"];
const [features, d, count] = [5, 8, 5];
const input: TableRows = {
  rows: count,
  numeric: normals(seedKey(1), 15),
  categorical: Int32Array.of(0, 1, 2, 0, 1, 1, 2, 1, 0, 0),
};
const masks = drawMasks(seedKey(2), configured.masks, features, count);

function setting(sigma: VarTJepaConfig["sigma"] = "learned") {
  const config = { ...configured, sigma };
  const parameters = initialVarTJepa(seedKey(3), config);
  // Away from the start, where the predictor's projections of z are 0.
  const shake = normals(seedKey(4), parameters.values.length);
  const values = parameters.values.map((value, i) => value + 0.1 * shake[i]);
  const pass = (theta: tf.Tensor1D): VarTJepaPass =>
    passVarTJepa(unpackParameters(theta, parameters.layout), config, input, masks, {
      key: seedKey(5),
      firstRow: 0,
    });
  const valuesAt = (theta: tf.Tensor1D) => termValues(terms, pass(theta), config);
  return { config, values, layout: parameters.layout, pass, valuesAt };
}

/** −log p(w_j | s) with the head of feature j, in double precision from the parameters themselves. */
function negativeLogLikelihood(
  parameters: Parameters,
  path: "contextDecoder" | "targetDecoder",
  row: number,
  feature: number,
  s: ArrayLike<number>,
): number {
  const read = (name: string) => parameters[`${path}.${name}`].dataSync();
  if (feature < 3) {
    const [weight, bias] = [read("numeric"), read("numericBias")];
    const logSigma = logSigmaOf(read("logSigma"), feature);
    let mean = bias[feature];
    for (let i = 0; i < d; i++) mean += s[i] * weight[feature * d + i];
    const error = (input.numeric[row * 3 + feature] - mean) / Math.exp(logSigma);
    return 0.5 * error ** 2 + logSigma + 0.5 * Math.log(2 * Math.PI);
  }
  const c = feature - 3;
  const [weight, bias] = [read(`category.${c}.weight`), read(`category.${c}.bias`)];
  const logits = Array.from(bias, (b, k) => {
    let logit = b;
    for (let i = 0; i < d; i++) logit += s[i] * weight[i * bias.length + k];
    return logit;
  });
  const total = logits.reduce((sum, v) => sum + Math.exp(v), 0);
  return Math.log(total) - logits[input.categorical[row * 2 + c]];
}

/** −log ∫ p(y_j | s) N(s; μ, Σ) ds of a number, whose head is affine in s. */
function negativeLogMarginal(
  parameters: Parameters,
  row: number,
  feature: number,
  mu: ArrayLike<number>,
  logVariance: ArrayLike<number>,
): number {
  const read = (name: string) => parameters[`targetDecoder.${name}`].dataSync();
  const weight = read("numeric").subarray(feature * d, (feature + 1) * d);
  let [mean, variance] = [read("numericBias")[feature], Math.exp(2 * logSigmaOf(read("logSigma"), feature))];
  for (let i = 0; i < d; i++) {
    mean += weight[i] * mu[i];
    variance += weight[i] ** 2 * Math.exp(logVariance[i]);
  }
  return 0.5 * ((input.numeric[row * 3 + feature] - mean) ** 2 / variance + Math.log(2 * Math.PI * variance));
}

/** log σ of a feature: one for all, or one for each. */
function logSigmaOf(logSigma: ArrayLike<number>, feature: number): number {
  return logSigma.length === 1 ? logSigma[0] : logSigma[feature];
}

for (const sigma of ["learned", "per token"] as const)
  test(`each term is its definition on the pass's own samples and posteriors, σ ${sigma}`, () => {
    const { config, values, layout, pass: run } = setting(sigma);
    const theta = tf.tensor1d(values);
    const parameters = unpackParameters(theta, layout);
    const pass = run(theta);
    const found = termValues(terms, pass, config);
    const mean = (numbers: number[]) => numbers.reduce((sum, v) => sum + v, 0) / numbers.length;
    const range = (n: number) => Array.from({ length: n }, (_, i) => i);
    const entry = (tensor: tf.Tensor, row: number) => tensor.dataSync().subarray(row * d, (row + 1) * d);
    const klEntry = (
      mq: ArrayLike<number>,
      vq: ArrayLike<number>,
      mp: ArrayLike<number>,
      vp: ArrayLike<number>,
    ) =>
      range(d).reduce(
        (sum, i) =>
          sum + 0.5 * (Math.exp(vq[i] - vp[i]) + (mq[i] - mp[i]) ** 2 / Math.exp(vp[i]) - 1 + vp[i] - vq[i]),
        0,
      );
    const zeros = new Float32Array(d);
    const { contextSize, targetSize, targetViews } = masks;
    const tokens = config.clsTokens + contextSize;

    const contextToken = (row: number, i: number) => row * tokens + config.clsTokens + i;
    const context = range(count).flatMap((row) => range(contextSize).map((i) => [row, i]));
    const rec = context.map(([row, i]) =>
      negativeLogLikelihood(
        parameters,
        "contextDecoder",
        row,
        masks.context[row * contextSize + i],
        entry(pass.sx, contextToken(row, i)),
      ),
    );
    const klSx = context.map(([row, i]) => {
      const at = contextToken(row, i);
      return klEntry(entry(pass.qSx.mean, at), entry(pass.qSx.logVariance, at), zeros, zeros);
    });
    const gen = range(2 * count * features).map((at) =>
      negativeLogLikelihood(
        parameters,
        "targetDecoder",
        Math.floor(at / features) % count,
        at % features,
        entry(pass.sw, at),
      ),
    );
    const klZ = range(count).map((row) =>
      klEntry(entry(pass.qZ.mean, row), entry(pass.qZ.logVariance, row), zeros, zeros),
    );
    const klSy = range(count * targetViews * targetSize).map((at) => {
      const feature = masks.targets[at];
      const row = Math.floor(at / (targetViews * targetSize));
      const q = row * features + feature;
      return klEntry(
        entry(pass.qSw.mean, q),
        entry(pass.qSw.logVariance, q),
        entry(pass.pSy.mean, at),
        entry(pass.pSy.logVariance, at),
      );
    });
    const noise = noiseFrom(seedKey(5), count, d)("s_y", targetViews * targetSize)!;
    const predictive = range(count * targetViews * targetSize).map((at) => {
      const feature = masks.targets[at];
      const row = Math.floor(at / (targetViews * targetSize));
      const [mu, logVariance, epsilon] = [pass.pSy.mean, pass.pSy.logVariance, noise].map((t) =>
        entry(t, at),
      );
      if (feature < 3) return negativeLogMarginal(parameters, row, feature, mu, logVariance);
      const s = Array.from(mu, (m, i) => m + Math.exp(logVariance[i] / 2) * epsilon[i]);
      return negativeLogLikelihood(parameters, "targetDecoder", row, feature, s);
    });
    expectClose(
      names.map((name) => found[name].dataSync()[0]),
      [rec, gen, klSx, klZ, klSy, predictive].map(mean),
      { absolute: 1e-5 },
    );
  });

test("the gradient of every term is its slope along random directions of the weights", () => {
  const { values, valuesAt } = setting("per token");
  const theta = tf.tensor1d(values);
  const step = 1e-2;
  for (const name of names) {
    const gradient = tf.grad((t: tf.Tensor) => valuesAt(t as tf.Tensor1D)[name])(theta);
    const scale = Math.sqrt(tf.sum(tf.square(gradient)).dataSync()[0]);
    for (const seed of [6, 7]) {
      const direction = tf.tensor1d(normals(seedKey(seed), values.length));
      const along = tf.sum(tf.mul(gradient, direction)).dataSync()[0];
      const at = (h: number) => valuesAt(tf.add(theta, tf.mul(direction, h)))[name].dataSync()[0];
      // Five-point formula: error O(step⁴), so single precision is what remains.
      const slope = (8 * (at(step / 2) - at(-step / 2)) - (at(step) - at(-step))) / (6 * step);
      assert.ok(Math.abs(along - slope) < 4e-3 * scale + 1e-4, `${name}: gradient ${along}, slope ${slope}`);
    }
  }
});

test("the parts of a batch cut in two average to the terms of the whole", () => {
  const { config, values, layout, valuesAt } = setting();
  const theta = tf.tensor1d(values);
  const whole = valuesAt(theta);
  const part = (from: number, to: number) =>
    termValues(
      terms,
      passVarTJepa(
        unpackParameters(theta, layout),
        config,
        {
          rows: to - from,
          numeric: input.numeric.subarray(3 * from, 3 * to),
          categorical: input.categorical.subarray(2 * from, 2 * to),
        },
        drawMasks(seedKey(2), config.masks, features, to - from, from),
        { key: seedKey(5), firstRow: from },
      ),
      config,
    );
  const [head, tail] = [part(0, 2), part(2, 5)];
  for (const name of names)
    expectClose(
      [(2 * head[name].dataSync()[0] + 3 * tail[name].dataSync()[0]) / 5],
      [whole[name].dataSync()[0]],
      { absolute: 1e-4 },
    );
});

test("terms are those with a weight, in the family's order, each as far as its weight has risen", () => {
  const terms = Object.fromEntries(
    ["rec", "gen", "klSx", "klSy"].map((name) => [
      name,
      { over: "rows", value: () => tf.scalar(0) } as const,
    ]),
  );
  const weightsOf = (risen: Record<string, number>) =>
    Object.entries(
      weighedTerms(terms, { klSx: 0.2, rec: 0.1, klSy: 0 }, risen, undefined, undefined, {
        key: seedKey(1),
        sigregForm: "var-jepa",
      }),
    ).map(([name, { weight }]) => [name, weight]);
  assert.deepEqual(weightsOf({}), [
    ["rec", 0.1],
    ["klSx", 0.2],
    ["klSy", 0],
  ]);
  assert.deepEqual(weightsOf({ klSx: 0.5, klSy: 1 }), [
    ["rec", 0.1],
    ["klSx", 0.1],
    ["klSy", 0],
  ]);
  const epochs = { klSx: 2, klZ: 4, klSy: 0 };
  assert.deepEqual(risenWeights(0, 10, epochs), { klSx: 0, klZ: 0, klSy: 1 });
  assert.deepEqual(risenWeights(10, 10, epochs), { klSx: 0.5, klZ: 0.25, klSy: 1 });
  assert.deepEqual(risenWeights(100, 10, epochs), { klSx: 1, klZ: 1, klSy: 1 });
});
