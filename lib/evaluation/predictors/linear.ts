/**
 * Linear probes of wide embeddings: softmax regression on standardised columns, tokens side by side. Rows are gathered and standardised
 * batch by batch, so nothing of the size of the embedding is ever copied.
 */

import { softmaxCrossEntropy } from "../../engine/ops/cross-entropy.js";
import { fold, type Key } from "../../engine/random.js";
import * as tf from "../../engine/tf.js";
import { applyDense, initialDense } from "../../layers/mlp.js";
import { type FlatParameters, packParameters, unpackParameters } from "../../layers/parameters.js";
import { constant, stepsPerEpoch } from "../../training/schedule.js";
import { train } from "../../training/train.js";
import {
  checkFeatures,
  classCount,
  flatColumns,
  labelsOf,
  type Predictor,
  predictionsOf,
} from "./predictor.js";
import { fitScaling, type Scaling, scaledRows } from "./scaling.js";

/** How a linear probe is trained. */
export interface LinearProbeConfig {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
}

/** The probe during training, as the paper sets it for Var-T-JEPA. */
export const paperProbe: LinearProbeConfig = {
  epochs: 50,
  batchSize: 128,
  learningRate: 1e-3,
  weightDecay: 2e-5,
};

/** The probe of Figure 3; the paper names no weight decay for it. */
export const figure3Probe: LinearProbeConfig = {
  epochs: 20,
  batchSize: 8192,
  learningRate: 1e-2,
  weightDecay: 0,
};

/**
 * `paperProbe` for use during training: batches eight times as large, a learning rate three times as large (√8), and
 * ten epochs instead of fifty.
 */
export const onlineProbe: LinearProbeConfig = {
  epochs: 10,
  batchSize: 1024,
  learningRate: 3e-3,
  weightDecay: 2e-5,
};

/** Steps from which on `paperProbe` has left its start weights behind. */
const ENOUGH_STEPS = 1500;

/** Steps that take the larger learning rate of `figure3Probe` as far and further. */
const FEWEST_STEPS = 500;

/**
 * The probe for a table of so many rows: `paperProbe`, or, of fewer than some 4,000 rows, larger and more steps. On few rows the
 * paper's says more of its start weights than of the features (six columns, one of which decides the class: half of 120 rows
 * are told wrong after its 50 steps, 1 in 40 after these).
 */
export function probeOfRows(rows: number): LinearProbeConfig {
  const steps = stepsPerEpoch(rows, paperProbe.batchSize);
  if (paperProbe.epochs * steps >= ENOUGH_STEPS) return paperProbe;
  const epochs = Math.max(paperProbe.epochs, Math.ceil(FEWEST_STEPS / steps));
  return { ...paperProbe, learningRate: figure3Probe.learningRate, epochs };
}

/** Features of the rows of a table, and the class of each. */
export interface LabelledFeatures {
  /** Row-major `[rows, columns]`. */
  readonly values: Float32Array;
  readonly columns: number;
  /** A whole number from 0 per row. */
  readonly labels: ArrayLike<number>;
}

/** A trained softmax regression. */
export interface SoftmaxRegression {
  readonly parameters: FlatParameters;
  readonly scaling: Scaling;
  readonly columns: number;
  readonly classes: number;
}

/** A linear probe; its probabilities are those of a softmax regression. */
export const linear: Predictor<LinearProbeConfig> = {
  name: "linear",
  defaults: paperProbe,
  async fit(key, features, labels, split, settings = paperProbe, onProgress) {
    checkFeatures(features, labels, split);
    const { values, columns } = flatColumns(features);
    const classes = classCount(labels);
    const scaling = fitScaling(values, columns, split.train);
    const labelled = { values, columns, labels };
    const regression = await fitSoftmaxRegression(
      key,
      labelled,
      classes,
      split.train,
      settings,
      scaling,
      onProgress,
    );
    const probabilities = classProbabilities(regression, values, split.test);
    return predictionsOf({ predictor: "linear", settings, split, classes, labels, probabilities });
  },
};

/** Softmax regression of `labels` on scaled columns, over the given rows. */
export async function fitSoftmaxRegression(
  key: Key,
  { values, columns, labels }: LabelledFeatures,
  classes: number,
  rows: Int32Array,
  config: LinearProbeConfig,
  scaling: Scaling = asTheyAre(columns),
  onProgress?: (done: number, total: number) => void,
): Promise<SoftmaxRegression> {
  const { parameters: weights } = await train({
    parameters: packParameters(initialDense(fold(key, "weights"), "probe", columns, classes)),
    rows: rows.length,
    batchSize: config.batchSize,
    epochs: config.epochs,
    learningRate: constant(config.learningRate),
    weightDecay: config.weightDecay,
    key: fold(key, "training"),
    onStep: onProgress && (({ step, steps }) => onProgress(step, steps)),
    terms: (parameters, batch) => {
      const chosen = batch.rows.map((i) => rows[i]);
      const logits = applyDense(parameters, "probe", scaledRows(values, columns, chosen, scaling));
      const loss = softmaxCrossEntropy(logits, labelsOf(labels, chosen));
      return { crossEntropy: { weight: 1, value: tf.mean<tf.Scalar>(loss), over: "rows" } };
    },
  });
  return { parameters: weights, scaling, columns, classes };
}

/** Numbers that one pass takes in at once: 64 MiB. */
const NUMBERS_AT_ONCE = 2 ** 24;

/**
 * Probabilities of the classes for the given rows, a bounded number of rows at a time.
 * @param values row-major `[n, columns]`
 * @returns row-major `[rows, classes]`
 */
export function classProbabilities(
  { parameters: weights, scaling, columns, classes }: SoftmaxRegression,
  values: Float32Array,
  rows: Int32Array,
): Float32Array {
  const out = new Float32Array(rows.length * classes);
  const size = Math.max(1, Math.floor(NUMBERS_AT_ONCE / columns));
  for (let first = 0; first < rows.length; first += size)
    tf.tidy(() => {
      const parameters = unpackParameters(tf.tensor1d(weights.values), weights.layout);
      const x = scaledRows(values, columns, rows.subarray(first, first + size), scaling);
      out.set(tf.softmax(applyDense(parameters, "probe", x)).dataSync(), first * classes);
    });
  return out;
}

function asTheyAre(columns: number): Scaling {
  return { mean: new Float64Array(columns), factor: new Float64Array(columns).fill(1) };
}
