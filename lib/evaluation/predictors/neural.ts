/** What the neural predictors have in common: training with early stopping, as in Appendix D.6.4 of the paper. */

import { checkChoice } from "../../checks.js";
import { softmaxCrossEntropy } from "../../engine/ops/cross-entropy.js";
import { dropout } from "../../engine/ops/dropout.js";
import { fold, type Key } from "../../engine/random.js";
import * as tf from "../../engine/tf.js";
import {
  type FlatParameters,
  type InitialParameter,
  type Parameters,
  packParameters,
  unpackParameters,
} from "../../layers/parameters.js";
import type { DropoutSource } from "../../layers/transformer.js";
import { constant } from "../../training/schedule.js";
import { train } from "../../training/train.js";
import {
  checkFeatures,
  classCount,
  type Features,
  flatColumns,
  labelsOf,
  type Predictor,
  predictionsOf,
} from "./predictor.js";
import { numbersScaling, scaledRows } from "./scaling.js";

/** How a neural predictor is trained. */
export interface NeuralTraining {
  /** At most so many. */
  readonly epochs: number;
  /** Epochs without a smaller loss on the validation rows after which training stops. */
  readonly patience: number;
  /** Which weights tell: those with the least loss on the validation rows, or those at the stop. The paper does not say. */
  readonly keep: "best" | "last";
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
}

/** The paper's training of all neural predictors. */
export const neuralTraining: NeuralTraining = {
  epochs: 50,
  patience: 16,
  keep: "best",
  batchSize: 128,
  learningRate: 1e-3,
  weightDecay: 1e-2,
};

/** What a network sees of features: something to size its parameters by, and the chosen rows. */
export interface NetworkInput<Size, Rows> {
  readonly size: Size;
  readonly take: (rows: Int32Array) => Rows;
}

/** A network from rows of features to classes. */
export interface Network<Settings extends NeuralTraining, Size = number, Rows = tf.Tensor2D> {
  readonly name: string;
  readonly defaults: Settings;
  /** @param train rows that columns are standardised over */
  input(features: Features, train: Int32Array): NetworkInput<Size, Rows>;
  /** Start values. */
  initial(key: Key, size: Size, classes: number, settings: Settings): Record<string, InitialParameter>;
  /**
   * @param source what dropout is drawn from; nothing is dropped without
   * @returns logits `[rows, classes]`
   */
  logits(parameters: Parameters, x: Rows, settings: Settings, source?: DropoutSource): tf.Tensor2D;
}

/** Dropout at a named place of a network whose rows are single rows. */
export function drop(x: tf.Tensor2D, rate: number, place: string, source?: DropoutSource): tf.Tensor2D {
  return source ? dropout(x, fold(source.key, place), rate, source.firstSequence) : x;
}

/**
 * All tokens side by side, `[rows, columns]`: numbers standardised over the training rows, categories as indicators, so that
 * a network's first affine map holds their embeddings.
 */
export function columnsInput(features: Features, train: Int32Array): NetworkInput<number, tf.Tensor2D> {
  const { values, columns, isIndicator } = flatColumns(features);
  const scaling = numbersScaling(values, columns, train, isIndicator);
  return { size: columns, take: (rows) => scaledRows(values, columns, rows, scaling) };
}

/** Rows of one pass without gradient. */
const ROWS_AT_ONCE = 1024;

/** A network as a predictor. */
export function neuralPredictor<Settings extends NeuralTraining, Size, Rows>(
  network: Network<Settings, Size, Rows>,
): Predictor<Settings> {
  const { name, defaults } = network;
  return {
    name,
    defaults,
    async fit(key, features, labels, split, settings = defaults, onProgress) {
      checkFeatures(features, labels, split);
      checkChoice("keep", settings.keep, ["best", "last"]);
      const { validation } = split;
      if (!validation?.length)
        throw new Error(`${name} needs validation rows to stop at; give split.validation`);
      const classes = classCount(labels);
      const { size, take } = network.input(features, split.train);
      const probabilitiesOf = (weights: FlatParameters, rows: Int32Array) => {
        const out = new Float32Array(rows.length * classes);
        for (let first = 0; first < rows.length; first += ROWS_AT_ONCE)
          tf.tidy(() => {
            const parameters = unpackParameters(tf.tensor1d(weights.values), weights.layout);
            const x = take(rows.subarray(first, first + ROWS_AT_ONCE));
            const logits = network.logits(parameters, x, settings);
            out.set(tf.softmax(logits).dataSync(), first * classes);
          });
        return out;
      };
      const truth = labelsOf(labels, validation);
      let best: FlatParameters | undefined;
      let least = Number.POSITIVE_INFINITY;
      let waited = 0;
      const { parameters: weights } = await train({
        parameters: packParameters(network.initial(fold(key, "weights"), size, classes, settings)),
        rows: split.train.length,
        batchSize: settings.batchSize,
        epochs: settings.epochs,
        learningRate: constant(settings.learningRate),
        weightDecay: settings.weightDecay,
        key: fold(key, "training"),
        onStep: onProgress && (({ step, steps }) => onProgress(step, steps)),
        terms: (parameters, batch) => {
          const rows = batch.rows.map((i) => split.train[i]);
          const source = { key: batch.key, firstSequence: batch.first };
          const logits = network.logits(parameters, take(rows), settings, source);
          const loss = softmaxCrossEntropy(logits, labelsOf(labels, rows));
          return { crossEntropy: { weight: 1, value: tf.mean<tf.Scalar>(loss), over: "rows" } };
        },
        onEpoch: (_, parameters) => {
          const loss = logLoss(truth, probabilitiesOf(parameters, validation), classes);
          if (loss < least) [best, least, waited] = [parameters, loss, 0];
          else waited++;
          return waited >= settings.patience ? "stop" : undefined;
        },
      });
      const kept = settings.keep === "best" ? (best ?? weights) : weights;
      const probabilities = probabilitiesOf(kept, split.test);
      return predictionsOf({ predictor: name, settings, split, classes, labels, probabilities });
    },
  };
}

/** Mean of −log p(label), in nats. */
function logLoss(labels: Int32Array, probabilities: Float32Array, classes: number): number {
  const smallest = 1e-12;
  const sum = labels.reduce(
    (total, label, row) => total - Math.log(Math.max(smallest, probabilities[row * classes + label])),
    0,
  );
  return sum / labels.length;
}
