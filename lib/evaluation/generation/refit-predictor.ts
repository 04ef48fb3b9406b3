/**
 * A predictor fitted after the rest of a model, all else being left as it is: what a coupled VAE, trained without one, needs
 * before it can generate y from x. What it learns from are posterior samples s_x ~ q(s_x|x), z ~ q(z|s_x),
 * s_y ~ q(s_y|s_x,z,y) of training pairs.
 */
import { checkWhole } from "../../checks.js";
import { takeRows } from "../../data/rows.js";
import { logProb } from "../../distributions/diagonal-gaussian.js";
import { fold, type Key, seedKey } from "../../engine/random.js";
import { sizeOf } from "../../engine/shape.js";
import * as tf from "../../engine/tf.js";
import { loadParameters } from "../../families/load-parameters.js";
import type { Pairs } from "../../families/var-jepa.js";
import { type FlatParameters, packParameters } from "../../layers/parameters.js";
import { initialVarJepa, latentNoise, passVarJepa, type VarJepaConfig } from "../../models/var-jepa.js";
import type { TrainingSettings } from "../../training/fit-task.js";
import { constant } from "../../training/schedule.js";
import { train } from "../../training/train.js";
import { embedViews } from "../embed.js";
import { constantLogVariance, withAffineNetwork } from "./affine-network.js";
import { ridgeRegression } from "./gaussian-baselines.js";
import { latentNetworks } from "./latent-networks.js";

/**
 * A model whose prior of s_y is N(0, I) with a predictor in its place, at start weights, for one of the two fits below.
 * @throws when it has a predictor already.
 */
export function withPredictor(
  { values, layout }: FlatParameters,
  config: VarJepaConfig,
): { readonly parameters: FlatParameters; readonly config: VarJepaConfig } {
  const { prior = "predictor", ...own } = config;
  if (prior === "predictor") throw new Error('prior is "predictor", so there is one; refit it as it is');
  const parameters = initialVarJepa(seedKey(0), own);
  for (const { name, offset, shape } of layout) {
    const place = parameters.layout.find((slot) => slot.name === name)!.offset;
    parameters.values.set(values.subarray(offset, offset + sizeOf(shape)), place);
  }
  return { parameters, config: own };
}

/**
 * The linear-Gaussian predictor p(s_y|s_x,z) = N([s_x, z] M + b, diag τ²) of largest likelihood, by least squares in
 * double precision.
 * @param samples posterior samples of every pair
 * @returns parameters of the same model, whose predictor network is that affine map
 * @throws when the activation is tanh, the hidden layers have fewer than 2 (d + dz) units, or pairs are too few.
 */
export function refitLinearPredictor(
  weights: FlatParameters,
  config: VarJepaConfig,
  pairs: Pairs,
  key: Key,
  samples = 4,
): FlatParameters {
  checkWhole("samples", samples, 1, 10_000);
  const { d, dz, logVarianceBound } = config;
  const rows = pairs.rows * samples;
  const given = new Float32Array(rows * (d + dz));
  const told = new Float32Array(rows * d);
  for (let sample = 0; sample < samples; sample++) {
    const { sx, z, sy } = embedViews(
      weights,
      config,
      { ...pairs, labels: new Uint8Array(0) },
      fold(key, sample),
    );
    told.set(sy, sample * sy.length);
    for (let row = 0; row < pairs.rows; row++) {
      const at = (sample * pairs.rows + row) * (d + dz);
      given.set(sx.subarray(row * d, (row + 1) * d), at);
      given.set(z.subarray(row * dz, (row + 1) * dz), at + d);
    }
  }
  // A penalty that only keeps latents which never move from making the fit ambiguous.
  const fitted = ridgeRegression({ rows, x: given, y: told }, 1e-9);
  if (!fitted) throw new Error(`there are ${pairs.rows} pairs; a predictor of ${d + dz} inputs needs more`);
  const variances = Array.from({ length: d }, (_, j) => fitted.covariance[j * d + j]);
  return withAffineNetwork(weights, config, "predictor", {
    "predictor.mean": fitted.map,
    "predictor.logVariance": constantLogVariance(variances.map(Math.log), d + dz, logVarianceBound),
  });
}

/** How a network is fitted beside a model: its predictor anew, or a regression. */
export type NetworkTraining = Pick<TrainingSettings, "epochs" | "batchSize" | "learningRate" | "weightDecay">;

/**
 * The predictor network of the model's own form, started anew and trained to the largest E log p(s_y|s_x,z) on new
 * posterior samples at every step, everything else frozen.
 * @returns parameters of the same model with that predictor
 * @throws when the training diverges, or the pairs do not fit the model.
 */
export async function refitPredictorNetwork(
  weights: FlatParameters,
  config: VarJepaConfig,
  { rows, x, y }: Pairs,
  key: Key,
  { epochs, batchSize, learningRate, weightDecay }: NetworkTraining,
): Promise<FlatParameters> {
  const fresh = initialVarJepa(fold(key, "weights"), config);
  const own = fresh.layout.filter(({ name }) => name.startsWith("predictor."));
  const start = packParameters(
    Object.fromEntries(
      own.map(({ name, shape, offset }) => [
        name,
        { shape, values: fresh.values.slice(offset, offset + sizeOf(shape)) },
      ]),
    ),
  );
  const frozen = loadParameters(weights);
  try {
    const { parameters } = await train({
      parameters: start,
      rows,
      batchSize,
      epochs,
      learningRate: constant(learningRate),
      weightDecay,
      key: fold(key, "training"),
      terms: (parameters, batch) => {
        const pairs = [takeRows(x, config.dx, batch.rows), takeRows(y, config.dy, batch.rows)] as const;
        const noise = latentNoise(batch.key, batch.rows.length, config, batch.first);
        const { sx, z, sy } = passVarJepa(frozen, config, ...pairs, noise);
        const pSy = latentNetworks(parameters, config).pSy(sx, z);
        const value = tf.neg(tf.mean<tf.Scalar>(logProb(pSy, sy)));
        return { prediction: { weight: 1, value, over: "rows" } };
      },
    });
    const values = weights.values.slice();
    for (const { name, offset, shape } of parameters.layout) {
      const place = weights.layout.find((slot) => slot.name === name)!.offset;
      values.set(parameters.values.subarray(offset, offset + sizeOf(shape)), place);
    }
    return { values, layout: weights.layout };
  } finally {
    tf.dispose(frozen);
  }
}
