/** What an encoder learns that is told the class: a control for encoders that are not. */
import { takeRows } from "../data/rows.js";
import { softmaxCrossEntropy } from "../engine/ops/cross-entropy.js";
import { fold, type Key } from "../engine/random.js";
import * as tf from "../engine/tf.js";
import { applyDense, applyMlp, initialDense, initialMlp } from "../layers/mlp.js";
import { packParameters, unpackParameters } from "../layers/parameters.js";
import type { VarJepaConfig } from "../models/var-jepa.js";
import type { TrainingSettings } from "../training/fit-task.js";
import { constant } from "../training/schedule.js";
import { train } from "../training/train.js";
import { classCount, labelsOf } from "./predictors/predictor.js";

/** Of the model, the sizes of an encoder. */
export type EncoderSizes = Pick<VarJepaConfig, "d" | "hidden" | "hiddenLayers" | "activation">;

/**
 * Trains an encoder of the model's sizes together with a linear classifier on its d outputs, by cross-entropy.
 * @param values row-major `[rows, columns]`
 * @param labels one whole number from 0 per row
 * @returns from rows `[rows, columns]` to features `[rows, d]`
 */
export async function supervisedFeatures(
  key: Key,
  values: Float32Array,
  labels: ArrayLike<number>,
  { d, hidden, hiddenLayers, activation }: EncoderSizes,
  { epochs, batchSize, learningRate, weightDecay }: TrainingSettings,
): Promise<(rows: Float32Array) => Float32Array> {
  const rows = labels.length;
  const columns = values.length / rows;
  const classes = classCount(labels);
  const start = fold(key, "weights");
  const { parameters: weights } = await train({
    parameters: packParameters({
      ...initialMlp(start, "encoder", [columns, ...Array<number>(hiddenLayers).fill(hidden), d]),
      ...initialDense(start, "classifier", d, classes),
    }),
    ...{ rows, epochs, batchSize, weightDecay, learningRate: constant(learningRate) },
    key: fold(key, "training"),
    terms: (parameters, batch) => {
      const encoded = applyMlp(parameters, "encoder", takeRows(values, columns, batch.rows), activation);
      const logits = applyDense(parameters, "classifier", encoded);
      const loss = softmaxCrossEntropy(logits, labelsOf(labels, batch.rows));
      return { crossEntropy: { weight: 1, value: tf.mean<tf.Scalar>(loss), over: "rows" } };
    },
  });
  return (given) =>
    tf.tidy(() => {
      const parameters = unpackParameters(tf.tensor1d(weights.values), weights.layout);
      const x = tf.tensor2d(given, [given.length / columns, columns]);
      return applyMlp(parameters, "encoder", x, activation).dataSync<"float32">().slice();
    });
}
