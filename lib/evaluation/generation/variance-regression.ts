/** Regression of y on x with a variance that is learned too: what tells of noise without any latent variable. */

import { takeRows } from "../../data/rows.js";
import { type DiagonalGaussian, logProb } from "../../distributions/diagonal-gaussian.js";
import { fold, type Key, normalRows } from "../../engine/random.js";
import * as tf from "../../engine/tf.js";
import type { Pairs } from "../../families/var-jepa.js";
import { applyGaussianHead, initialGaussianHead } from "../../layers/gaussian-head.js";
import { applyMlp, initialMlp } from "../../layers/mlp.js";
import { type Parameters, packParameters, unpackParameters } from "../../layers/parameters.js";
import type { VarJepaConfig } from "../../models/var-jepa.js";
import type { TrainingSettings } from "../../training/fit-task.js";
import { constant } from "../../training/schedule.js";
import { train } from "../../training/train.js";
import type { ConditionalDensity } from "./conditional-density.js";

/** Of a model, the sizes of one network. */
type NetworkSizes = Pick<VarJepaConfig, "hidden" | "hiddenLayers" | "activation" | "logVarianceBound">;

/**
 * p(y|x) = N(μ(x), diag σ²(x)), mean and log variance two heads of one network of the model's sizes, by maximum likelihood (Nix &
 * Weigend 1994).
 * @throws when the training diverges.
 */
export async function fitVarianceRegression(
  key: Key,
  pairs: Pairs,
  { hidden, hiddenLayers, activation, logVarianceBound }: NetworkSizes,
  { epochs, batchSize, learningRate, weightDecay }: TrainingSettings,
): Promise<ConditionalDensity> {
  const [dx, dy] = [pairs.x.length / pairs.rows, pairs.y.length / pairs.rows];
  const predict = (parameters: Parameters, x: tf.Tensor2D): DiagonalGaussian => {
    const h = applyMlp(parameters, "regression", x, activation, true);
    return applyGaussianHead(parameters, "regression", h, logVarianceBound);
  };
  const start = fold(key, "weights");
  const { parameters: weights } = await train({
    parameters: packParameters({
      ...initialMlp(start, "regression", [dx, ...Array<number>(hiddenLayers).fill(hidden)]),
      ...initialGaussianHead(start, "regression", hidden, dy),
    }),
    ...{ rows: pairs.rows, epochs, batchSize, weightDecay, learningRate: constant(learningRate) },
    key: fold(key, "training"),
    terms: (parameters, batch) => {
      const [x, y] = [takeRows(pairs.x, dx, batch.rows), takeRows(pairs.y, dy, batch.rows)];
      const value = tf.neg(tf.mean<tf.Scalar>(logProb(predict(parameters, x), y)));
      return { likelihood: { weight: 1, value, over: "rows" } };
    },
  });
  const predicted = (values: Float32Array): DiagonalGaussian =>
    predict(
      unpackParameters(tf.tensor1d(weights.values), weights.layout),
      tf.tensor2d(values, [values.length / dx, dx]),
    );
  return {
    logLikelihood: ({ rows, x, y }) =>
      Float64Array.from(
        tf.tidy(() =>
          logProb(predicted(x), tf.tensor2d(y, [rows, dy]))
            .dataSync<"float32">()
            .slice(),
        ),
      ),
    draw: (drawKey, { rows, x }, draws, first = 0) => {
      const [mean, logVariance] = tf.tidy(() => {
        const own = predicted(x);
        return [own.mean, own.logVariance].map((tensor) => tensor.dataSync<"float32">().slice());
      });
      const out = new Float32Array(rows * draws * dy);
      for (let draw = 0; draw < draws; draw++)
        normalRows(fold(drawKey, draw), rows, dy, first).forEach((e, at) => {
          const [row, j] = [Math.floor(at / dy), at % dy];
          out[(row * draws + draw) * dy + j] = mean[at] + Math.exp(logVariance[at] / 2) * e;
        });
      return out;
    },
  };
}
