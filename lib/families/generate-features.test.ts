import "../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../engine/backend.js";
import { expectClose } from "../engine/finite-differences.js";
import { fold, normals, seedKey } from "../engine/random.js";
import type { FlatParameters } from "../layers/parameters.js";
import { decode, decodeMarginal } from "../models/modalities/tabular/decoders.js";
import { selectRows, type TableRows } from "../models/modalities/tabular/table.js";
import type { Cells } from "../models/tokens/modality.js";
import { initialVarTJepa, type VarTJepaConfig, varTJepaDefaults } from "../models/var-t-jepa.js";
import {
  type GeneratedTable,
  generateFeatures,
  heldOutLogLikelihood,
  imputeCategory,
  imputeNumeric,
} from "./generate-features.js";
import { loadParameters } from "./load-parameters.js";

before(startEngine);

const stack = { layers: 1, heads: 1, norm: "post", activation: "gelu", dropout: 0 } as const;
const config: VarTJepaConfig = {
  ...varTJepaDefaults,
  table: { numeric: 2, cardinalities: [3, 2] },
  masks: { contextMin: 0.3, contextMax: 0.4, targetMin: 0.3, targetMax: 0.4, targetViews: 2 },
  encoder: { ...stack, width: 4, ff: 4 },
  predictor: { ...stack, width: 4, ff: 2 },
  initialLogSigma: Math.log(0.5),
};
const weights = initialVarTJepa(seedKey(1), config);
const input: TableRows = {
  rows: 3,
  numeric: normals(seedKey(2), 6),
  categorical: Int32Array.of(0, 1, 2, 0, 1, 1),
};

/** The same context for every row. */
const contexts = (given: readonly number[], rows = 3) => Array<readonly number[]>(rows).fill(given);

function parameterOf({ values, layout }: FlatParameters, name: string): Float32Array {
  const { offset, shape } = layout.find((slot) => slot.name === name)!;
  return values.subarray(offset, offset + shape.reduce((a, b) => a * b, 1));
}

test("numbers: y | s_x, z is the Gaussian that integrating s_y out gives, to the formula and to many draws", () => {
  const [mean, logVariance] = [normals(seedKey(6), 8), normals(seedKey(7), 8)];
  const cells: Cells = { row: Int32Array.of(0, 1), feature: Int32Array.of(1, 0) };
  const parameters = loadParameters(weights);
  const q = { mean: tf.tensor2d(mean, [2, 4]), logVariance: tf.tensor2d(logVariance, [2, 4]) };
  const noNoise = () => assert.fail("numbers need no draws");
  const { numeric } = decodeMarginal(
    parameters,
    "targetDecoder",
    config.table,
    q,
    cells,
    parameters["targetDecoder.logSigma"] as tf.Scalar,
    noNoise,
    3,
  );
  const [a, b] = [
    parameterOf(weights, "targetDecoder.numeric"),
    parameterOf(weights, "targetDecoder.numericBias"),
  ];
  const [means, variances] = [numeric!.mean.dataSync(), numeric!.variance.dataSync()];
  const draws = 40_000;
  for (const [i, feature] of cells.feature.entries()) {
    const head = a.subarray(4 * feature, 4 * feature + 4);
    const expected = head.reduce((sum, v, k) => sum + v * mean[4 * i + k], b[feature]);
    const variance = head.reduce((sum, v, k) => sum + v * v * Math.exp(logVariance[4 * i + k]), 0.25);
    expectClose([means[i], variances[i]], [expected, variance]);

    // log of the mean likelihood over draws of s_y, as the definition says.
    const noise = normals(fold(seedKey(8), i), 4 * draws);
    const y = expected + 1.3 * Math.sqrt(variance);
    let likelihood = 0;
    for (let draw = 0; draw < draws; draw++) {
      let center = b[feature];
      for (let k = 0; k < 4; k++)
        center += head[k] * (mean[4 * i + k] + Math.exp(logVariance[4 * i + k] / 2) * noise[4 * draw + k]);
      likelihood += Math.exp(-0.5 * ((y - center) / 0.5) ** 2) / (0.5 * Math.sqrt(2 * Math.PI)) / draws;
    }
    const exact = -0.5 * 1.3 ** 2 - 0.5 * Math.log(2 * Math.PI * variance);
    assert.ok(Math.abs(Math.log(likelihood) - exact) < 0.01, `${Math.log(likelihood)} ≠ ${exact}`);
  }
  tf.dispose([parameters, q.mean, q.logVariance, numeric!.mean, numeric!.variance]);
});

test("numbers: a σ for every token is that of the cell's feature", () => {
  const cells: Cells = { row: Int32Array.of(0, 1), feature: Int32Array.of(1, 0) };
  const parameters = loadParameters(weights);
  const sure = { mean: tf.zeros<tf.Rank.R2>([2, 4]), logVariance: tf.fill<tf.Rank.R2>([2, 4], -40) };
  const logSigma = tf.tensor1d([-1, 0.5, 3, 3]);
  const noNoise = () => assert.fail("numbers need no draws");
  const { numeric } = decodeMarginal(
    parameters,
    "targetDecoder",
    config.table,
    sure,
    cells,
    logSigma,
    noNoise,
    1,
  );
  expectClose(numeric!.variance.dataSync(), [Math.exp(1), Math.exp(-2)]);
});

test("categories: the mean of the softmax over the draws, in logarithms that never become −∞", () => {
  const cells: Cells = { row: Int32Array.of(0, 1), feature: Int32Array.of(2, 2) };
  const parameters = loadParameters(weights);
  const [mean, spread, noise] = [0, 1, 2].map((i) => tf.tensor2d(normals(fold(seedKey(9), i), 8), [2, 4]));
  const q = { mean, logVariance: spread };
  const draw = (i: number) => tf.mul<tf.Tensor2D>(noise, i === 0 ? 1 : -2);
  const said = decodeMarginal(
    parameters,
    "targetDecoder",
    config.table,
    q,
    cells,
    parameters["targetDecoder.logSigma"] as tf.Scalar,
    draw,
    2,
  );
  const each = [0, 1].map((i) => {
    const s = tf.add<tf.Tensor2D>(mean, tf.mul(tf.exp(tf.div(spread, 2)), draw(i)));
    return tf.softmax(decode(parameters, "targetDecoder", config.table, s, cells).categorical[0].logits);
  });
  const expected = tf.log(tf.mul(tf.add(each[0], each[1]), 0.5)).dataSync();
  expectClose(said.categorical[0].logProbabilities.dataSync(), expected);

  const far = { mean: tf.fill<tf.Rank.R2>([2, 4], 4000), logVariance: spread };
  const [{ logProbabilities }] = decodeMarginal(
    parameters,
    "targetDecoder",
    config.table,
    far,
    cells,
    parameters["targetDecoder.logSigma"] as tf.Scalar,
    draw,
    2,
  ).categorical;
  const logs = [...logProbabilities.dataSync()];
  assert.ok(Math.min(...logs) < -200 && logs.every(Number.isFinite), `${logs}`);
});

test("generation draws from the given features alone and says what it says per sample", () => {
  const [samples, key] = [5, seedKey(3)];
  const generated = generateFeatures(weights, config, input, contexts([1, 3]), [2, 0], samples, key);
  assert.deepEqual(
    generated.hidden.map(({ kind, feature }) => [kind, feature]),
    [
      ["categorical", 2],
      ["numeric", 0],
    ],
  );
  const [category, number] = generated.hidden;
  assert.ok(category.kind === "categorical" && number.kind === "numeric");
  assert.ok(number.deviation.every((deviation) => deviation > 0.5));
  assert.equal(new Set(number.mean).size, samples * 3);
  for (let i = 0; i < samples * 3; i++)
    expectClose(
      [category.logProbabilities.subarray(3 * i, 3 * i + 3).reduce((sum, log) => sum + Math.exp(log), 0)],
      [1],
    );

  const other = { ...input, numeric: input.numeric.slice(), categorical: input.categorical.slice() };
  other.numeric[0] = 9; // hidden
  other.categorical[0] = 2; // hidden
  const again = () => generateFeatures(weights, config, other, contexts([1, 3]), [2, 0], samples, key);
  assert.deepEqual(again(), generated);
  other.numeric[1] += 1; // given
  assert.notDeepEqual(again(), generated);
});

test("each row has its own context", () => {
  const key = seedKey(3);
  const means = (given: readonly (readonly number[])[]) => {
    const [entry] = generateFeatures(weights, config, input, given, [0], 2, key).hidden;
    assert.ok(entry.kind === "numeric");
    return [0, 1, 2].map((row) => [entry.mean[row], entry.mean[3 + row]]);
  };
  const [ones, threes] = [means(contexts([1])), means(contexts([3]))];
  assert.deepEqual(means([[1], [3], [1]]), [ones[0], threes[1], ones[2]]);
});

test("more samples begin with the same ones; a row's draws do not depend on the rows before the cut", () => {
  const key = seedKey(4);
  const mean = (rows: TableRows, samples: number) => {
    const given = contexts([1], rows.rows);
    const [entry] = generateFeatures(weights, config, rows, given, [0], samples, key).hidden;
    assert.ok(entry.kind === "numeric");
    return entry.mean;
  };
  const [two, four] = [mean(input, 2), mean(input, 4)];
  expectClose(four.subarray(0, 6), two);
  const head = mean(selectRows(config.table, input, [0, 1]), 1);
  expectClose(head, two.subarray(0, 2), { absolute: 1e-5 });
  const many = { rows: 6000, numeric: new Float32Array(12_000), categorical: new Int32Array(12_000) };
  const spread = mean(many, 1);
  assert.ok(spread.every((v) => v !== 0) && new Set(spread).size > 5900);
});

test("imputation and held-out likelihood are those of the mixture over samples", () => {
  const logs = (...probabilities: number[]) => Float32Array.from(probabilities, Math.log);
  const generated: GeneratedTable = {
    samples: 2,
    rows: 3,
    hidden: [
      {
        kind: "numeric",
        feature: 0,
        mean: Float32Array.of(1, 2, 3, 3, 2, -3),
        deviation: Float32Array.of(0.5, 0.5, 0.5, 2, 0.5, 0.5),
      },
      {
        kind: "categorical",
        feature: 3,
        categories: 3,
        logProbabilities: logs(0.1, 0.7, 0.2, 1, 0, 0, 0.5, 0.5, 0, 0.3, 0.7, 0, 1, 0, 0, 0.1, 0.1, 0.8),
      },
    ],
  };
  const [number, category] = generated.hidden;
  assert.ok(category.kind === "categorical" && number.kind === "numeric");
  const imputed = imputeNumeric(generated, number);
  expectClose(imputed.mean, [2, 2, 0]);
  expectClose(imputed.deviation, [Math.sqrt(1 + (0.25 + 4) / 2), 0.5, Math.sqrt(9 + 0.25)]);
  expectClose(imputeCategory(generated, category), [0.2, 0.7, 0.1, 1, 0, 0, 0.3, 0.3, 0.4]);
  // Given that it is one of the first two: the ratio of the means, not the mean of ratios.
  expectClose(imputeCategory(generated, category, 2), [2 / 9, 7 / 9, 1, 0, 0.5, 0.5]);

  const density = (x: number, mean: number, deviation: number) =>
    Math.exp(-0.5 * ((x - mean) / deviation) ** 2) / (deviation * Math.sqrt(2 * Math.PI));
  const likelihood = heldOutLogLikelihood(generated, number, [2, 40, 1]);
  expectClose(
    [likelihood[0], likelihood[2]],
    [
      Math.log((density(2, 1, 0.5) + density(2, 3, 2)) / 2),
      Math.log((density(1, 3, 0.5) + density(1, -3, 0.5)) / 2),
    ],
  );
  // So far out that the density itself is 0 in double precision: both samples say 2.
  expectClose([likelihood[1]], [-0.5 * (38 / 0.5) ** 2 - Math.log(0.5) - 0.5 * Math.log(2 * Math.PI)]);
  expectClose(heldOutLogLikelihood(generated, number, [2, 0, 0], { use: 1 }).subarray(0, 1), [
    Math.log(density(2, 1, 0.5)),
  ]);
  expectClose(heldOutLogLikelihood(generated, category, [1, 0, 1]), [Math.log(0.7), 0, Math.log(0.3)]);
  expectClose(heldOutLogLikelihood(generated, category, [1, 0, 1], { known: 2 }), [
    Math.log(7 / 9),
    0,
    Math.log(0.5),
  ]);
});

test("features that overlap, repeat or do not exist are refused; no tensor stays behind", () => {
  const key = seedKey(5);
  const before = tf.memory().numTensors;
  const generate = (given: readonly (readonly number[])[], hidden: number[], samples = 1) =>
    generateFeatures(weights, config, input, given, hidden, samples, key);
  generate(contexts([1]), [0, 2], 2);
  assert.equal(tf.memory().numTensors, before);
  assert.throws(() => generate(contexts([1]), [1]), /feature 1 is named twice/);
  assert.throws(() => generate([[1], [0], [1]], [0]), /feature 0 is named twice/);
  assert.throws(
    () =>
      generate(
        [
          [1, 1],
          [1, 2],
          [1, 2],
        ],
        [0],
      ),
    /feature 1 is named twice/,
  );
  assert.throws(() => generate(contexts([1]), [4]), /feature 4 does not exist/);
  assert.throws(() => generate(contexts([]), [1]), /given is empty/);
  assert.throws(() => generate([[0], [0, 2], [0]], [1]), /given has contexts of 1 and of 2 features/);
  assert.throws(() => generate([[0]], [1]), /given has 1 contexts; 3 rows need one each/);
  assert.throws(() => generate(contexts([0]), []), /hidden is empty/);
  assert.throws(() => generate(contexts([0]), [1], 0), /samples is 0/);
});
