import "../../node/world.js";
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { startEngine, tf } from "../../engine/backend.js";
import { expectClose } from "../../engine/finite-differences.js";
import { normals, seedKey } from "../../engine/random.js";
import { sizeOf } from "../../engine/shape.js";
import { loadParameters } from "../../families/load-parameters.js";
import type { FlatParameters } from "../../layers/parameters.js";
import { initialVarJepa, type VarJepaConfig } from "../../models/var-jepa.js";
import { mean } from "../../moments.js";
import { affineRow } from "./affine-density.js";
import { constantLogVariance, withAffineNetwork } from "./affine-network.js";
import { latentNetworks } from "./latent-networks.js";
import {
  drawLinearGaussian,
  exactConditional,
  linearGaussianParameters,
  simulateLinearGaussian,
  withExactPosteriors,
} from "./linear-gaussian.js";
import { refitLinearPredictor, refitPredictorNetwork } from "./refit-predictor.js";
import { varJepaDensity } from "./var-jepa-density.js";

before(startEngine);

/**
 * A model whose posterior samples tell its predictor: x says s_x almost exactly, and z is nothing to s_y. (Elsewhere
 * they need not: q(s_x|x) and q(z|s_x) see no y, so that s_x, z and y are no joint sample of the model.)
 */
const drawn = drawLinearGaussian(seedKey(1), { dx: 3, dy: 4, d: 2, dz: 1 });
const model = withExactPosteriors({
  ...drawn,
  pX: { ...drawn.pX, deviation: drawn.pX.deviation.map(() => 0.02) },
  pSy: { ...drawn.pSy, matrix: drawn.pSy.matrix.map((v, i) => (i < 4 ? 2 * v : 0)) },
});
/** The same as a coupled VAE has it, whose predictor is nothing but its prior. */
const vae = linearGaussianParameters({
  ...model,
  pSy: { matrix: new Float64Array(6), bias: new Float64Array(2), deviation: new Float64Array(2).fill(1) },
});
const train = simulateLinearGaussian(seedKey(2), model, 3000);
const heldOut = simulateLinearGaussian(seedKey(3), model, 200);
const truth = mean(exactConditional(model).logLikelihood(heldOut));
const likelihood = (parameters: FlatParameters) => {
  const settings = { samples: 64, proposal: "posterior" } as const;
  return mean(varJepaDensity(parameters, vae.config, seedKey(4), settings).logLikelihood(heldOut));
};

test("a linear refit gives the VAE the predictor that the world has, and leaves the rest as it is", () => {
  const refitted = refitLinearPredictor(vae.parameters, vae.config, train, seedKey(5), 2);
  const before = likelihood(vae.parameters);
  const after = likelihood(refitted);
  assert.ok(before < truth - 0.5, `${before}, ${truth}`);
  assert.ok(Math.abs(after - truth) < 0.05, `${after}, ${truth}`);
  for (const { name, offset, shape } of refitted.layout)
    if (!name.startsWith("predictor."))
      assert.deepEqual(
        refitted.values.subarray(offset, offset + sizeOf(shape)),
        vae.parameters.values.subarray(offset, offset + sizeOf(shape)),
      );
});

test("a refitted network comes close, and leaves no tensors", async () => {
  const before = tf.memory().numTensors;
  const settings = { epochs: 12, batchSize: 64, learningRate: 1e-2, weightDecay: 0 };
  const refitted = await refitPredictorNetwork(vae.parameters, vae.config, train, seedKey(6), settings);
  assert.equal(tf.memory().numTensors, before);
  const after = likelihood(refitted);
  assert.ok(Math.abs(after - truth) < 0.15, `${after}, ${truth}`);
});

test("an affine map is carried by several GELU layers too; by tanh or narrow ones it is not", () => {
  const config = { ...vae.config, hiddenLayers: 3, activation: "gelu" } as const;
  const map = { matrix: Float64Array.of(1, -2, 0.5, 3, 0, 1), bias: Float64Array.of(0.1, -0.2) };
  const parameters = withAffineNetwork(initialVarJepa(seedKey(7), config), config, "predictor", {
    "predictor.mean": map,
    "predictor.logVariance": constantLogVariance([-1, 2], 3, config.logVarianceBound),
  });
  const given = normals(seedKey(8), 30);
  const tensors = loadParameters(parameters);
  const { mean, logVariance } = latentNetworks(tensors, config).pSy(
    tf.slice(tf.tensor2d(given, [10, 3]), [0, 0], [10, 2]),
    tf.slice(tf.tensor2d(given, [10, 3]), [0, 2], [10, 1]),
  );
  const expected = Array.from({ length: 10 }, (_, row) => [...affineRow(map, given, row)]).flat();
  expectClose(mean.dataSync(), expected, { absolute: 1e-4 });
  expectClose(logVariance.dataSync().slice(0, 2), [-1, 2]);
  const refit = (changes: Partial<VarJepaConfig>) =>
    refitLinearPredictor(
      initialVarJepa(seedKey(7), { ...config, ...changes }),
      { ...config, ...changes },
      train,
      seedKey(9),
      1,
    );
  assert.throws(() => refit({ activation: "tanh" }), /activation is "tanh"; use "gelu" or "relu"/);
  assert.throws(() => refit({ hidden: 4 }), /hidden is 4; an affine map of 3 inputs needs/);
});
