/** A probe: a small classifier on frozen latents whose accuracy says how much of a label they hold. */

import { takeRows } from "../../data/rows.js";
import { oneHot } from "../../engine/ops/one-hot.js";
import { fold, type Key } from "../../engine/random.js";
import * as tf from "../../engine/tf.js";
import { applyMlp, initialMlp } from "../../layers/mlp.js";
import { packParameters, unpackParameters } from "../../layers/parameters.js";
import { constant } from "../../training/schedule.js";
import { train } from "../../training/train.js";
import { classificationScores } from "../metrics/classification-scores.js";
import { checkFeatures, classCount, flatColumns, labelsOf, type Predictor } from "./predictor.js";

/** How a probe is built and trained. */
export interface ProbeConfig {
  /** Width of the one hidden layer, or 0 for a linear probe. */
  readonly hidden: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
}

/** The paper's probe with the appendix's hidden width of 64, which row H of Table 1 needs (FAITHFULNESS.md). */
export const probeDefaults: ProbeConfig = {
  hidden: 64,
  epochs: 50,
  batchSize: 512,
  learningRate: 3e-3,
  weightDecay: 1e-4,
};

/** The probe of the pairs of views. */
export const mlpProbe: Predictor<ProbeConfig> = {
  name: "MLP probe",
  defaults: probeDefaults,
  async fit(key, features, labels, split, settings = probeDefaults, onProgress) {
    checkFeatures(features, labels, split);
    const { values, columns } = flatColumns(features);
    const classes = classCount(labels);
    const { hidden, epochs, batchSize, learningRate, weightDecay } = settings;
    const widths = hidden > 0 ? [columns, hidden, classes] : [columns, classes];
    const { parameters: weights } = await train({
      parameters: packParameters(initialMlp(fold(key, "weights"), "probe", widths)),
      rows: split.train.length,
      batchSize,
      epochs,
      learningRate: constant(learningRate),
      weightDecay,
      key: fold(key, "training"),
      onStep: onProgress && (({ step, steps }) => onProgress(step, steps)),
      terms: (parameters, batch) => {
        const rows = batch.rows.map((i) => split.train[i]);
        const logits = applyMlp(parameters, "probe", takeRows(values, columns, rows), "gelu");
        const targets = oneHot(tf.tensor1d(labelsOf(labels, rows), "int32"), classes);
        const logProbabilities = tf.logSoftmax(logits);
        const crossEntropy = tf.neg(tf.mean(tf.sum(tf.mul(logProbabilities, targets), 1)));
        return { crossEntropy: { weight: 1, value: crossEntropy as tf.Scalar, over: "rows" } };
      },
    });
    const { probabilities, predicted } = tf.tidy(() => {
      const parameters = unpackParameters(tf.tensor1d(weights.values), weights.layout);
      const logits = applyMlp(parameters, "probe", takeRows(values, columns, split.test), "gelu");
      return { probabilities: tf.softmax(logits), predicted: tf.argMax(logits, 1) };
    });
    const told = {
      probabilities: probabilities.dataSync<"float32">().slice(),
      predicted: Int32Array.from(predicted.dataSync()),
    };
    tf.dispose([probabilities, predicted]);
    const truth = labelsOf(labels, split.test);
    return { predictor: "MLP probe", settings, split, classes, labels: truth, ...told };
  },
};

/** Latents with their labels. */
export interface LabelledLatents {
  /** Row-major `[rows, d]`. */
  readonly latents: Float32Array;
  /** One whole number from 0 per row. */
  readonly labels: Uint8Array;
}

/**
 * Trains a probe on one set of latents and scores it on another.
 * @returns accuracy between 0 and 1 on `test`
 */
export async function probeAccuracy(
  key: Key,
  d: number,
  training: LabelledLatents,
  test: LabelledLatents,
  config: ProbeConfig = probeDefaults,
): Promise<number> {
  const count = training.labels.length;
  const rows = count + test.labels.length;
  const values = new Float32Array(rows * d);
  values.set(training.latents);
  values.set(test.latents, count * d);
  const all = Int32Array.from({ length: rows }, (_, row) => row);
  const split = { train: all.subarray(0, count), test: all.subarray(count) };
  const labels = [...training.labels, ...test.labels];
  const told = await mlpProbe.fit(key, { values, shape: [rows, 1, d] }, labels, split, config);
  return classificationScores(told.labels, told.predicted).accuracy;
}
