import "../../node/world.js";
/** A second modality, made outside of `lib`'s own: rows of continuous vectors, such as the patches of an image. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { isotropicLogProb, rsample } from "../../distributions/diagonal-gaussian.js";
import { startEngine, tf } from "../../engine/backend.js";
import { fold, type Key, normals, seedKey } from "../../engine/random.js";
import { loadParameters } from "../../families/load-parameters.js";
import { applyDense, initialDense } from "../../layers/mlp.js";
import { packParameters } from "../../layers/parameters.js";
import { repeatRows } from "../../layers/sequence.js";
import { tokenElboTerms } from "../../losses/elbo.js";
import { weighedTerms } from "../../losses/term.js";
import { train } from "../../training/train.js";
import type { TokenModelConfig } from "../tokens/config.js";
import { fixedMasks, fullMasks } from "../tokens/masks.js";
import type { Cells, Modality } from "../tokens/modality.js";
import { initialTokenModel, noiseFrom, noNoise, passTokens } from "../tokens/pass.js";
import { range, sinusoidalPositions } from "../tokens/positions.js";
import { varTJepaDefaults } from "../var-t-jepa.js";

before(startEngine);

const [patches, size] = [4, 3];

/** Rows of four patches of three numbers each, `[rows, patches, size]`. */
interface Patches {
  readonly rows: number;
  readonly values: Float32Array;
}
interface DecodedPatches {
  readonly cells: Cells;
  readonly mean: tf.Tensor2D;
}

/** Linear patch embedding, a mask over two patches side by side, Gaussian decoders. */
const patchModality: Modality<Patches, DecodedPatches> = {
  tokens: patches,
  initialTokenizer: (key, width) => initialDense(key, "patch", size, width),
  tokenize: (parameters, { rows, values }, firstPosition) => {
    const embedded = applyDense(parameters, "patch", tf.tensor2d(values, [rows * patches, size]));
    const positions = sinusoidalPositions(range(firstPosition, patches), embedded.shape[1]);
    return tf.add(embedded, tf.tile(positions, [rows, 1]));
  },
  drawMasks: (_key, rows, firstRow = 0) =>
    fixedMasks(
      Array.from({ length: rows }, (_, i) => ((firstRow + i) % 2 === 0 ? [0, 1] : [1, 0])),
      [2, 3],
    ),
  initialDecoder: (key, path, width) => initialDense(key, path, width, size),
  decode: (parameters, path, s, cells) => ({ cells, mean: applyDense(parameters, path, s) }),
  negativeLogLikelihood: ({ cells: { row, feature }, mean }, { values }, logSigma) => {
    const wanted = Float32Array.from({ length: row.length * size }, (_, i) => {
      const cell = Math.floor(i / size);
      return values[(row[cell] * patches + feature[cell]) * size + (i % size)];
    });
    const log = isotropicLogProb(mean, logSigma as tf.Scalar, tf.tensor2d(wanted, [row.length, size]));
    return tf.neg(tf.mean<tf.Scalar>(log));
  },
  negativeLogMarginal: (parameters, path, q, cells, input, logSigma, noise) => {
    const { decode, negativeLogLikelihood } = patchModality;
    return negativeLogLikelihood(
      decode(parameters, path, noise ? rsample(q, noise) : q.mean, cells),
      input,
      logSigma,
    );
  },
  select: ({ values }, indices) => ({
    rows: indices.length,
    values: Float32Array.from(
      Array.from(indices, (row) => [
        ...values.subarray(row * patches * size, (row + 1) * patches * size),
      ]).flat(),
    ),
  }),
  check: ({ rows, values }) => assert.equal(values.length, rows * patches * size),
};

const stack = { layers: 1, heads: 2, ff: 24, norm: "post", activation: "gelu", dropout: 0 } as const;
const config: TokenModelConfig = {
  ...varTJepaDefaults,
  encoder: { ...stack, width: 12 },
  predictor: { ...stack, width: 8 },
  poolTokens: 2,
  targetSamples: 1,
};

/** Patches that all follow from the first: what the context says, the targets can be told from. */
function data(rows: number): Patches {
  const first = normals(seedKey(1), rows * size);
  const values = Float32Array.from({ length: rows * patches * size }, (_, i) => {
    const [row, patch, c] = [Math.floor(i / (patches * size)), Math.floor(i / size) % patches, i % size];
    return (patch % 2 === 0 ? 1 : -1) * first[row * size + c];
  });
  return { rows, values };
}

const start = (key: Key) => packParameters(initialTokenModel(key, config, patchModality));

test("patches train through the same pass: the likelihoods rise and the prediction nears the target's posterior", async () => {
  const input = data(32);
  patchModality.check(input);
  const weights = { rec: 1, gen: 1, klSx: 1e-3, klZ: 1e-3, klSy: 1 };
  const { history } = await train({
    parameters: start(seedKey(2)),
    rows: input.rows,
    batchSize: input.rows,
    epochs: 60,
    learningRate: () => 5e-3,
    weightDecay: 0,
    key: seedKey(3),
    terms: (parameters, { rows, first, key }) => {
      const model = { parameters, config, modality: patchModality };
      const masks = patchModality.drawMasks(fold(key, "masks"), rows.length, first);
      const noise = noiseFrom(key, rows.length, config.encoder.width, first);
      const pass = passTokens(model, patchModality.select(input, rows), masks, noise);
      return weighedTerms(tokenElboTerms, weights, {}, pass, config, { key, sigregForm: "var-jepa" });
    },
  });
  const [before, after] = [history[0].terms, history[history.length - 1].terms];
  for (const term of ["rec", "gen", "klSy"] as const)
    assert.ok(after[term] < before[term] - 1, `${term} ${before[term]} → ${after[term]}`);
});

test("an entry of the pass is what its equation says whichever is read first, and given entries are taken as they are", () => {
  const input = data(3);
  const parameters = loadParameters(start(seedKey(2)));
  const model = { parameters, config, modality: patchModality };
  const masks = fullMasks(patches, 3);
  const noise = noiseFrom(seedKey(5), 3, config.encoder.width);
  const inOrder = { ...passTokens(model, input, masks, noise) };
  const backwards = passTokens(model, input, masks, noise);
  for (const name of ["qSw", "qSy", "pSy", "qZ", "qSx"] as const)
    assert.deepEqual(backwards[name].mean.dataSync(), inOrder[name].mean.dataSync(), name);
  const tensors = tf.memory().numTensors;
  assert.equal(passTokens(model, input, masks, noise).masks, masks);
  assert.equal(tf.memory().numTensors, tensors, "nothing is computed before it is read");
  const still = passTokens(model, input, masks, noNoise);
  assert.equal(still.sx, still.qSx.mean);
  const z = repeatRows(tf.ones([1, config.encoder.width]), 3);
  const given = passTokens(model, input, masks, noNoise, { z });
  assert.equal(given.z, z);
  assert.notDeepEqual(given.qSw.mean.dataSync(), still.qSw.mean.dataSync());
});
