/** What the trainings of Var-T-JEPA and T-JEPA have in common. */
import { fold, type Key, seedKey } from "../engine/random.js";
import { world } from "../engine/world.js";
import type { Weights } from "../layers/weights.js";
import type { TableRows } from "../models/modalities/tabular/table.js";
import { type LearningRate, learningRateSchedule, stepsPerEpoch } from "./schedule.js";
import type { TrainingTask } from "./task.js";

/** How a model of tables is optimised, as plain data. */
export interface TabularTraining extends LearningRate {
  readonly epochs: number;
  readonly batchSize: number;
  readonly weightDecay: number;
  /** Decay of AdamW's second moment; 0.999 when left out. */
  readonly beta2?: number;
  /** A gradient with a larger norm is scaled down to this norm. */
  readonly clipNorm: number;
}

/** All that a task is built from: plain data that can be sent to a thread. */
export interface TabularTaskInput<Config, Training extends TabularTraining> {
  /** Source of start weights, order, masks, noise and dropout. */
  readonly seed: number;
  /** Encoded rows, without labels. */
  readonly data: TableRows;
  readonly config: Config;
  readonly training: Training;
  /** File that keeps the run after every epoch and from which it goes on. */
  readonly checkpoint?: string;
}

/**
 * A task but for its terms. AdamW with warm-up and cosine; the checkpoint, if there is one, knows the configuration
 * and the sum of the data.
 * @throws when the seed, the learning rate or the warm-up makes no sense.
 */
export function tabularTask<Config, Training extends TabularTraining>(
  kind: string,
  { seed, data, config, training, checkpoint }: TabularTaskInput<Config, Training>,
  initial: (key: Key, config: Config) => Weights,
): Omit<TrainingTask, "terms"> {
  const { batchSize, epochs, weightDecay, beta2, clipNorm } = training;
  if (!(training.learningRate > 0))
    throw new Error(`learningRate is ${training.learningRate}; use a number above 0`);
  const key = seedKey(seed);
  return {
    weights: initial(fold(key, "weights"), config),
    rows: data.rows,
    batchSize,
    epochs,
    weightDecay,
    beta2,
    clipNorm,
    learningRate: learningRateSchedule(training, epochs, stepsPerEpoch(data.rows, batchSize)),
    key: fold(key, "training"),
    checkpoint:
      checkpoint === undefined
        ? undefined
        : { file: checkpoint, configuration: { kind, seed, data: rowsSha256(data), config, training } },
  };
}

/** SHA-256 of encoded rows. */
export function rowsSha256({ rows, numeric, categorical }: TableRows): string {
  return world().sha256([`${rows}`, numeric, categorical]);
}
