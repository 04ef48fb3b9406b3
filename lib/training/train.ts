/** The one training loop: batches in random order, weighted terms, AdamW, and a stop that names the term that went wrong. */
import * as tf from "@tensorflow/tfjs";
import { type AdamWState, adamwDefaults, adamwStart, adamwUpdate, movingAverage } from "../engine/adamw.js";
import { fold, type Key, permutation } from "../engine/random.js";
import { solo, type Team } from "../engine/team.js";
import { type Parameters, unpackWeights, type Weights, weightDecayMask } from "../layers/weights.js";
import { type Batch, BatchCut, type Gradient, shareGradient, shareOf, type Term } from "./gradient.js";
import { fittingMicroBatch } from "./micro-batch.js";
import { type Schedule, stepsPerEpoch } from "./schedule.js";

/** What one optimisation needs to know, all of it plain data but the functions. */
export interface TrainingTask {
  readonly weights: Weights;
  /** Rows of the data; each epoch visits them all in a new random order. */
  readonly rows: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly learningRate: Schedule;
  readonly weightDecay: number;
  /** Scales a gradient whose norm is larger down to this norm; left out, none is scaled. */
  readonly clipNorm?: number;
  /** Rows of one pass; a larger share of a batch is worked off in several. `auto` (default) keeps to the budget. */
  readonly microBatch?: number | "auto";
  /** MiB that the tensors of one pass may take under `auto`, per worker; 512 by default. */
  readonly memoryBudgetMb?: number;
  /** Source of shuffling and of every step's own key. */
  readonly key: Key;
  /**
   * Decay of a moving average of the parameters, which starts as a copy of them and follows every update: a target
   * encoder. Left out, there is none.
   */
  readonly averageDecay?: Schedule;
  /**
   * The named terms of a pass, the same names at every step. A term with weight 0 is logged but not differentiated.
   * `average` holds the moving average of the parameters, nothing without `averageDecay`.
   */
  readonly terms: (parameters: Parameters, batch: Batch, average: Parameters) => Record<string, Term>;
  /** Called after every step. In a team, only by member 0. */
  readonly onStep?: (report: StepReport) => void;
  /** Called after every epoch with the weights as they then are; `"stop"` ends training. In a team, only by member 0. */
  readonly onEpoch?: OnEpoch;
}

/** See `TrainingTask.onEpoch`. */
export type OnEpoch = (
  report: EpochReport,
  weights: Weights,
  /** The moving average, if the task has one. */
  average?: Weights,
) => void | "stop" | undefined | Promise<void> | Promise<"stop" | undefined>;

/** Where training stands. */
export interface StepReport {
  /** Steps made, of how many in all. */
  readonly step: number;
  readonly steps: number;
  /** Counted from 1. */
  readonly epoch: number;
  readonly epochs: number;
}

/** Averages over the steps of one epoch. */
export interface EpochReport {
  /** Counted from 1. */
  readonly epoch: number;
  readonly terms: Readonly<Record<string, number>>;
  /** Before clipping. */
  readonly gradientNorm: number;
  /** Rows of one pass at the end of the epoch. */
  readonly microBatch: number;
  readonly seconds: number;
}

/** What every step measured. */
export interface StepLog {
  /** The terms, then "gradient norm" (before clipping) and "learning rate". */
  readonly columns: readonly string[];
  /** Row-major `[steps, columns]`. */
  readonly values: Float32Array;
}

/** What training gives. */
export interface Trained {
  readonly weights: Weights;
  /** The moving average, if the task has one. */
  readonly average?: Weights;
  /** One report per epoch. */
  readonly history: readonly EpochReport[];
  readonly log: StepLog;
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

const GRADIENT_NORM = "gradient norm";
const LEARNING_RATE = "learning rate";

/** A run under way: all that changes from step to step. */
interface Run {
  adam: AdamWState;
  average: tf.Tensor1D | undefined;
  epoch: number;
  /** Undefined until the first step has chosen it. */
  microBatch: number | undefined;
  columns: readonly string[];
  readonly log: number[];
  readonly history: EpochReport[];
}

/**
 * Trains to the end of the last epoch, or until `onEpoch` says `"stop"`.
 * @param team whose member this is: each member calls `train` with an equal task, computes its share of every
 * batch and makes the same updates, so that all return the same
 * @throws TrainingDiverged when a term or the gradient is NaN or infinite; BatchCut when a term over the batch
 * meets a part of one; Error for a size that makes no sense.
 */
export async function train(task: TrainingTask, team: Team = solo): Promise<Trained> {
  checkTask(task);
  const decayMask = tf.tensor1d(weightDecayMask(task.weights));
  const run: Run = {
    adam: adamwStart(tf.tensor1d(task.weights.values)),
    average: task.averageDecay && tf.tensor1d(task.weights.values),
    epoch: 0,
    microBatch: typeof task.microBatch === "number" ? task.microBatch : undefined,
    columns: [],
    log: [],
    history: [],
  };
  try {
    let stopped = false;
    while (run.epoch < task.epochs && !stopped) {
      run.epoch++;
      const report = await trainEpoch(task, team, run, decayMask);
      run.history.push(report);
      stopped = await agree(team, () => task.onEpoch?.(report, weightsOf(task, run), averageOf(task, run)));
    }
    const log = { columns: run.columns, values: Float32Array.from(run.log) };
    return { weights: weightsOf(task, run), average: averageOf(task, run), history: run.history, log };
  } finally {
    tf.dispose([run.adam.theta, run.adam.firstMoment, run.adam.secondMoment, decayMask]);
    run.average?.dispose();
  }
}

async function trainEpoch(
  task: TrainingTask,
  team: Team,
  run: Run,
  decayMask: tf.Tensor1D,
): Promise<EpochReport> {
  const began = performance.now();
  const key = fold(task.key, run.epoch);
  const batches = minibatches(fold(key, "order"), task.rows, task.batchSize);
  const sums: Record<string, number> = {};
  for (const [i, rows] of batches.entries()) {
    const step = (run.epoch - 1) * batches.length + i;
    const batch: Batch = { rows, first: 0, size: rows.length, key: fold(key, i), step };
    const measured = trainStep(task, team, run, decayMask, batch);
    for (const [name, value] of Object.entries(measured))
      sums[name] = (sums[name] ?? 0) + value / batches.length;
    record(run, { ...measured, [LEARNING_RATE]: task.learningRate(step) });
    if (team.index === 0)
      task.onStep?.({
        step: step + 1,
        steps: batches.length * task.epochs,
        epoch: run.epoch,
        epochs: task.epochs,
      });
    await breathe();
  }
  const { [GRADIENT_NORM]: gradientNorm, ...terms } = sums;
  const seconds = (performance.now() - began) / 1000;
  return { epoch: run.epoch, terms, gradientNorm, microBatch: run.microBatch as number, seconds };
}

/** One update of the parameters. Returns the terms of the batch and its gradient norm. */
function trainStep(
  task: TrainingTask,
  team: Team,
  run: Run,
  decayMask: tf.Tensor1D,
  batch: Batch,
): Record<string, number> {
  const { flat, terms } = teamGradient(task, team, run, batch);
  const norm = tf.tidy(() => tf.sqrt(tf.sum(tf.square(flat))).dataSync()[0]);
  const measured = { ...terms, [GRADIENT_NORM]: norm };
  const bad = Object.entries(measured).find(([, value]) => !Number.isFinite(value));
  if (bad) {
    flat.dispose();
    throw new TrainingDiverged(bad[0], bad[1], run.epoch, batch.step, weightsOf(task, run));
  }
  const config = { ...adamwDefaults, weightDecay: task.weightDecay };
  const gradient = clip(flat, norm, task.clipNorm);
  run.adam = replaceState(run.adam, () =>
    adamwUpdate(run.adam, gradient, decayMask, task.learningRate(batch.step), config),
  );
  gradient.dispose();
  if (run.average && task.averageDecay) {
    const before = run.average;
    run.average = movingAverage(before, run.adam.theta, task.averageDecay(batch.step));
    before.dispose();
  }
  return measured;
}

/** Gradient and terms of a whole batch, each member computing its share; the same bits for every member. */
function teamGradient(task: TrainingTask, team: Team, run: Run, batch: Batch): Gradient {
  const share = shareOf(batch, team.index, team.size);
  const own = ownGradient(task, team, run, batch, share);
  if (team.size === 1) return own;
  const flat = tf.tensor1d(team.sum(own.flat.dataSync<"float32">()));
  own.flat.dispose();
  const names = Object.keys(own.terms);
  const values = team.sum(Float64Array.from(Object.values(own.terms)));
  return { flat, terms: Object.fromEntries(names.map((name, i) => [name, values[i]])) };
}

/** Gradient of a share, in micro-batches of a size that the first step chooses if the task does not. */
function ownGradient(task: TrainingTask, team: Team, run: Run, batch: Batch, share: Batch): Gradient {
  const { theta } = run.adam;
  const { layout } = task.weights;
  const { microBatch = "auto", memoryBudgetMb = 512 } = task;
  const terms = (parameters: Parameters, piece: Batch) =>
    task.terms(parameters, piece, run.average ? unpackWeights(run.average, layout) : {});
  if (run.microBatch === undefined) {
    // At the last step every weight that rises during training has risen.
    const risen = { ...batch, step: task.epochs * stepsPerEpoch(task.rows, task.batchSize) - 1 };
    const largest = Math.ceil(batch.size / team.size);
    run.microBatch = fittingMicroBatch(theta, layout, terms, risen, largest, memoryBudgetMb);
  }
  try {
    return shareGradient(theta, layout, terms, batch, share, run.microBatch);
  } catch (error) {
    if (!(error instanceof BatchCut) || microBatch !== "auto" || team.size > 1) throw error;
    run.microBatch = task.batchSize;
    return shareGradient(theta, layout, terms, batch, share, run.microBatch);
  }
}

/** The gradient with its norm at most `limit`; `flat` is disposed of if another is returned. */
function clip(flat: tf.Tensor1D, norm: number, limit = Number.POSITIVE_INFINITY): tf.Tensor1D {
  if (norm <= limit) return flat;
  const clipped = tf.mul<tf.Tensor1D>(flat, limit / norm);
  flat.dispose();
  return clipped;
}

function record(run: Run, measured: Record<string, number>): void {
  const names = Object.keys(measured);
  if (run.columns.length === 0) run.columns = names;
  if (names.join() !== run.columns.join())
    throw new Error(`terms changed from ${run.columns} to ${names}; name the same terms at every step`);
  run.log.push(...Object.values(measured));
}

/** Whether member 0 was told to stop; the others wait until it knows. */
async function agree(team: Team, decide: () => ReturnType<OnEpoch>): Promise<boolean> {
  const stop = team.index === 0 && (await decide()) === "stop";
  return team.sum(Float64Array.of(Number(stop)))[0] > 0;
}

function weightsOf({ weights }: TrainingTask, { adam }: Run): Weights {
  return { values: adam.theta.dataSync<"float32">().slice(), layout: weights.layout };
}

function averageOf({ weights }: TrainingTask, { average }: Run): Weights | undefined {
  return average && { values: average.dataSync<"float32">().slice(), layout: weights.layout };
}

function replaceState(old: AdamWState, update: () => AdamWState): AdamWState {
  const fresh = tf.tidy(() => update() as AdamWState & tf.TensorContainerObject);
  tf.dispose([old.theta, old.firstMoment, old.secondMoment]);
  return fresh;
}

/** All rows in random order, cut into batches; the last one may be smaller. */
function minibatches(key: Key, rows: number, batchSize: number): Int32Array[] {
  const order = permutation(key, rows);
  return Array.from({ length: stepsPerEpoch(rows, batchSize) }, (_, i) =>
    order.slice(i * batchSize, (i + 1) * batchSize),
  );
}

/** Lets timers, signals and messages through between steps. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function checkTask(task: TrainingTask): void {
  const { rows, batchSize, epochs, weightDecay, microBatch = "auto", memoryBudgetMb = 512 } = task;
  const counts = { rows, batchSize, epochs, ...(microBatch === "auto" ? {} : { microBatch }) };
  for (const [field, value] of Object.entries(counts))
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`${field} is ${value}; use a whole number of at least 1`);
  if (!(weightDecay >= 0)) throw new Error(`weightDecay is ${weightDecay}; use a number of at least 0`);
  for (const [field, value] of Object.entries({ clipNorm: task.clipNorm ?? 1, memoryBudgetMb }))
    if (!(value > 0)) throw new Error(`${field} is ${value}; use a number above 0`);
}
