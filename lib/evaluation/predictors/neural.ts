/** What the neural predictors have in common: training with early stopping, as in Appendix D.6.4 of the paper. */
import { softmaxCrossEntropy } from "../../engine/ops/cross-entropy.js";
import { dropout } from "../../engine/ops/dropout.js";
import { fold, type Key } from "../../engine/random.js";
import * as tf from "../../engine/tf.js";
import {
  type InitialParameter,
  type Parameters,
  packWeights,
  unpackWeights,
  type Weights,
} from "../../layers/weights.js";
import { constant } from "../../training/schedule.js";
import { train } from "../../training/train.js";
import { mostProbable } from "../metrics/most-probable.js";
import { checkFeatures, classCount, flatColumns, labelsOf, type Predictor } from "./predictor.js";
import { fitScaling, scaledRows } from "./scaling.js";

/** How a neural predictor is trained. */
export interface NeuralTraining {
  /** At most so many; the weights with the least loss on the validation rows are kept. */
  readonly epochs: number;
  /** Epochs without a smaller loss on the validation rows after which training stops. */
  readonly patience: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
}

/** The paper's training of all neural predictors. */
export const neuralTraining: NeuralTraining = {
  epochs: 50,
  patience: 16,
  batchSize: 128,
  learningRate: 1e-3,
  weightDecay: 1e-2,
};

/** Drops numbers at a named place of a network while it trains; says the same numbers back otherwise. */
export type Drop = (x: tf.Tensor2D, place: string, rate: number) => tf.Tensor2D;

/** A network from columns to classes. */
export interface Network<Settings extends NeuralTraining> {
  readonly name: string;
  readonly defaults: Settings;
  /** Start values. */
  initial(key: Key, columns: number, classes: number, settings: Settings): Record<string, InitialParameter>;
  /**
   * @param x `[rows, columns]`
   * @returns logits `[rows, classes]`
   */
  logits(parameters: Parameters, x: tf.Tensor2D, settings: Settings, drop: Drop): tf.Tensor2D;
}

/** Rows of one pass without gradient. */
const ROWS_AT_ONCE = 1024;

/**
 * A network as a predictor. It sees all tokens side by side, numbers standardised over the training rows, categories as
 * indicators, so that its first affine map holds their embeddings.
 */
export function neuralPredictor<Settings extends NeuralTraining>(
  network: Network<Settings>,
): Predictor<Settings> {
  const { name, defaults } = network;
  return {
    name,
    defaults,
    async fit(key, features, labels, split, settings = defaults, onProgress) {
      checkFeatures(features, labels, split);
      const { validation } = split;
      if (!validation?.length)
        throw new Error(`${name} needs validation rows to stop at; give split.validation`);
      const classes = classCount(labels);
      const { values, columns, isIndicator } = flatColumns(features);
      const fitted = fitScaling(values, columns, split.train);
      const scaling = {
        mean: fitted.mean.map((mean, j) => (isIndicator(j) ? 0 : mean)),
        factor: fitted.factor.map((factor, j) => (isIndicator(j) ? 1 : factor)),
      };
      const take = (rows: Int32Array) => scaledRows(values, columns, rows, scaling);
      const probabilitiesOf = (weights: Weights, rows: Int32Array) => {
        const out = new Float32Array(rows.length * classes);
        for (let first = 0; first < rows.length; first += ROWS_AT_ONCE)
          tf.tidy(() => {
            const parameters = unpackWeights(tf.tensor1d(weights.values), weights.layout);
            const x = take(rows.subarray(first, first + ROWS_AT_ONCE));
            const logits = network.logits(parameters, x, settings, (h) => h);
            out.set(tf.softmax(logits).dataSync(), first * classes);
          });
        return out;
      };
      const truth = labelsOf(labels, validation);
      let best: Weights | undefined;
      let least = Number.POSITIVE_INFINITY;
      let waited = 0;
      const { weights } = await train({
        weights: packWeights(network.initial(fold(key, "weights"), columns, classes, settings)),
        rows: split.train.length,
        batchSize: settings.batchSize,
        epochs: settings.epochs,
        learningRate: constant(settings.learningRate),
        weightDecay: settings.weightDecay,
        key: fold(key, "training"),
        onStep: onProgress && (({ step, steps }) => onProgress(step, steps)),
        terms: (parameters, batch) => {
          const rows = batch.rows.map((i) => split.train[i]);
          const drop: Drop = (x, place, rate) => dropout(x, fold(batch.key, place), rate, batch.first);
          const logits = network.logits(parameters, take(rows), settings, drop);
          const loss = softmaxCrossEntropy(logits, labelsOf(labels, rows));
          return { crossEntropy: { weight: 1, value: tf.mean<tf.Scalar>(loss), over: "rows" } };
        },
        onEpoch: (_, weights) => {
          const loss = logLoss(truth, probabilitiesOf(weights, validation), classes);
          if (loss < least) [best, least, waited] = [weights, loss, 0];
          else waited++;
          return waited >= settings.patience ? "stop" : undefined;
        },
      });
      const probabilities = probabilitiesOf(best ?? weights, split.test);
      return {
        predictor: name,
        settings,
        split,
        classes,
        labels: labelsOf(labels, split.test),
        predicted: mostProbable(probabilities, classes),
        probabilities,
      };
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
