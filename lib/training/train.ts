/** The one training loop: minibatches, weighted terms, AdamW, and a stop that names the term that went wrong. */
import * as tf from "@tensorflow/tfjs";
import { type AdamWState, adamwDefaults, adamwStart, adamwUpdate } from "../engine/adamw.js";
import { fold, type Key, permutation } from "../engine/random.js";
import { type Parameters, unpackWeights, type Weights, weightDecayMask } from "../layers/weights.js";
import type { Schedule } from "./schedule.js";

/** One part of the objective: `weight · value` is minimised, `value` is logged. */
export interface Term {
  readonly weight: number;
  /** A scalar tensor. */
  readonly value: tf.Scalar;
}

/** What one optimisation needs to know, all of it plain data but the functions. */
export interface TrainingTask {
  readonly weights: Weights;
  /** Rows of the data; each epoch visits them all in a new random order. */
  readonly rows: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly learningRate: Schedule;
  readonly weightDecay: number;
  /** Source of shuffling and of every step's own key. */
  readonly key: Key;
  /** The named terms of one minibatch. A term with weight 0 is logged but not differentiated. */
  readonly terms: (parameters: Parameters, batch: Batch) => Record<string, Term>;
  /** Called after every epoch with the weights as they then are. */
  readonly onEpoch?: (report: EpochReport, weights: Weights) => void | Promise<void>;
}

/** One minibatch: which rows, and the key for all randomness of this step. */
export interface Batch {
  readonly rows: Int32Array;
  readonly key: Key;
  /** Steps made before this one, over all epochs. */
  readonly step: number;
}

/** Averages over the steps of one epoch. */
export interface EpochReport {
  /** Counted from 1. */
  readonly epoch: number;
  readonly terms: Readonly<Record<string, number>>;
  readonly gradientNorm: number;
  readonly seconds: number;
}

/** Training met a value that is not finite. Holds the last weights that were. */
export class TrainingDiverged extends Error {
  constructor(
    readonly term: string,
    readonly value: number,
    readonly epoch: number,
    readonly step: number,
    readonly lastGood: Weights,
  ) {
    super(
      `${term} became ${value} at step ${step} (epoch ${epoch}); training stopped, lastGood holds the weights before it`,
    );
    this.name = "TrainingDiverged";
  }
}

/**
 * Trains to the end of the last epoch.
 * @returns the trained weights and one report per epoch.
 * @throws TrainingDiverged when a term or the gradient is NaN or infinite; Error for a size that makes no sense.
 */
export async function train(task: TrainingTask): Promise<{ weights: Weights; history: EpochReport[] }> {
  checkTask(task);
  const { layout } = task.weights;
  const decayMask = tf.tensor1d(weightDecayMask(task.weights));
  let state = adamwStart(tf.tensor1d(task.weights.values));
  const history: EpochReport[] = [];
  const snapshot = (): Weights => ({ values: state.theta.dataSync<"float32">().slice(), layout });
  try {
    for (let epoch = 1; epoch <= task.epochs; epoch++) {
      const began = performance.now();
      const epochKey = fold(task.key, epoch);
      const sums: Record<string, number> = {};
      const batches = minibatches(fold(epochKey, "order"), task.rows, task.batchSize);
      for (const [i, rows] of batches.entries()) {
        const step = (epoch - 1) * batches.length + i;
        const batch = { rows, key: fold(epochKey, i), step };
        const { gradient, logged } = differentiate(state.theta, task, batch);
        const bad = Object.entries(logged).find(([, value]) => !Number.isFinite(value));
        if (bad) {
          gradient.dispose();
          throw new TrainingDiverged(bad[0], bad[1], epoch, step, snapshot());
        }
        for (const [name, value] of Object.entries(logged))
          sums[name] = (sums[name] ?? 0) + value / batches.length;
        state = replaceState(state, () =>
          adamwUpdate(state, gradient, decayMask, task.learningRate(step), {
            ...adamwDefaults,
            weightDecay: task.weightDecay,
          }),
        );
        gradient.dispose();
        await breathe();
      }
      const { [GRADIENT_NORM]: gradientNorm, ...terms } = sums;
      const report = { epoch, terms, gradientNorm, seconds: (performance.now() - began) / 1000 };
      history.push(report);
      await task.onEpoch?.(report, snapshot());
    }
    return { weights: snapshot(), history };
  } finally {
    tf.dispose([state.theta, state.firstMoment, state.secondMoment, decayMask]);
  }
}

const GRADIENT_NORM = "gradient norm";

/** Objective gradient `[parameters]` (to be disposed of by the caller) and every logged number of one minibatch. */
function differentiate(
  theta: tf.Tensor1D,
  task: TrainingTask,
  batch: Batch,
): { gradient: tf.Tensor1D; logged: Record<string, number> } {
  let logged: Record<string, number> = {};
  const gradient = tf.tidy(() => {
    const parameters = unpackWeights(theta, task.weights.layout);
    const names = task.weights.layout.map(({ name }) => name);
    let values: Record<string, tf.Scalar> = {};
    const objective = (): tf.Scalar => {
      const terms = task.terms(parameters, batch);
      values = Object.fromEntries(Object.entries(terms).map(([name, { value }]) => [name, tf.keep(value)]));
      const active = Object.values(terms).filter(({ weight }) => weight !== 0);
      return active
        .map(({ weight, value }) => tf.mul<tf.Scalar>(value, weight))
        .reduce((a, b) => tf.add(a, b));
    };
    // Parameters that no active term reaches have no gradient; they stay where they are.
    const { grads } = tf.engine().gradients(
      objective,
      names.map((name) => parameters[name]),
      undefined,
      true,
    );
    const flat = tf.concat1d(
      names.map((name, i) => tf.reshape(grads[i] ?? tf.zerosLike(parameters[name]), [-1]) as tf.Tensor1D),
    );
    const norm = tf.sqrt(tf.sum(tf.square(flat)));
    const numbers = tf.stack([...Object.values(values), norm]).dataSync();
    logged = Object.fromEntries([...Object.keys(values), GRADIENT_NORM].map((name, i) => [name, numbers[i]]));
    tf.dispose(values);
    return flat;
  });
  return { gradient, logged };
}

function replaceState(old: AdamWState, update: () => AdamWState): AdamWState {
  const fresh = tf.tidy(() => update() as AdamWState & tf.TensorContainerObject);
  tf.dispose([old.theta, old.firstMoment, old.secondMoment]);
  return fresh;
}

/** All rows in random order, cut into batches; the last one may be smaller. */
function minibatches(key: Key, rows: number, batchSize: number): Int32Array[] {
  const order = permutation(key, rows);
  return Array.from({ length: Math.ceil(rows / batchSize) }, (_, i) =>
    order.slice(i * batchSize, (i + 1) * batchSize),
  );
}

/** Lets timers, signals and messages through between steps. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function checkTask({ rows, batchSize, epochs, weightDecay }: TrainingTask): void {
  for (const [field, value] of Object.entries({ rows, batchSize, epochs }))
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`${field} is ${value}; use a whole number of at least 1`);
  if (!(weightDecay >= 0)) throw new Error(`weightDecay is ${weightDecay}; use a number of at least 0`);
}
