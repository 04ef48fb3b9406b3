/** A probe: a small classifier on frozen latents whose accuracy says how much of a label they hold. */

import { takeRows } from "../data/rows.js";
import { fold, type Key } from "../engine/random.js";
import * as tf from "../engine/tf.js";
import { applyMlp, initialMlp } from "../layers/mlp.js";
import { packWeights, unpackWeights } from "../layers/weights.js";
import { constant } from "../training/schedule.js";
import { train } from "../training/train.js";

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
  const classes = 1 + Math.max(...training.labels, ...test.labels);
  const widths = config.hidden > 0 ? [d, config.hidden, classes] : [d, classes];
  const { weights } = await train({
    weights: packWeights(initialMlp(fold(key, "weights"), "probe", widths)),
    rows: training.labels.length,
    batchSize: config.batchSize,
    epochs: config.epochs,
    learningRate: constant(config.learningRate),
    weightDecay: config.weightDecay,
    key: fold(key, "training"),
    terms: (parameters, { rows }) => {
      const logits = applyMlp(parameters, "probe", takeRows(training.latents, d, rows), "gelu");
      const targets = oneHot(training.labels, rows, classes);
      const logProbabilities = tf.logSoftmax(logits);
      const crossEntropy = tf.neg(tf.mean(tf.sum(tf.mul(logProbabilities, targets), 1)));
      return { crossEntropy: { weight: 1, value: crossEntropy as tf.Scalar, over: "rows" } };
    },
  });
  return tf.tidy(() => {
    const parameters = unpackWeights(tf.tensor1d(weights.values), weights.layout);
    const logits = applyMlp(parameters, "probe", tf.tensor2d(test.latents, [test.labels.length, d]), "gelu");
    const predicted = tf.argMax(logits, 1).dataSync();
    return (
      test.labels.reduce((hits, label, i) => hits + Number(predicted[i] === label), 0) / test.labels.length
    );
  });
}

function oneHot(labels: Uint8Array, rows: Int32Array, classes: number): tf.Tensor2D {
  const out = new Float32Array(rows.length * classes);
  rows.forEach((row, i) => {
    out[i * classes + labels[row]] = 1;
  });
  return tf.tensor2d(out, [rows.length, classes]);
}
