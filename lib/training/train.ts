/** The one training loop: batches in random order, weighted terms, AdamW, and a stop that names the term that went wrong. */

import { type AdamWState, adamwDefaults, adamwUpdate, movingAverage } from "../engine/adamw.js";
import { fold, type Key, permutation } from "../engine/random.js";
import { solo, type Team } from "../engine/team.js";
import * as tf from "../engine/tf.js";
import { type Parameters, unpackParameters, weightDecayMask } from "../layers/parameters.js";
import { type Batch, BatchCut, type Gradient, shareGradient, shareOf } from "./gradient.js";
import { fittingMicroBatch } from "./micro-batch.js";
import { averageOf, closeRun, keepRun, logOf, openRun, type Run, weightsOf } from "./run.js";
import { stepsPerEpoch } from "./schedule.js";
import {
  checkTask,
  type EpochReport,
  type OnEpoch,
  type Trained,
  TrainingDiverged,
  type TrainingTask,
} from "./task.js";

export * from "./task.js";

const GRADIENT_NORM = "gradient norm";
const LEARNING_RATE = "learning rate";

/**
 * Trains to the end of the last epoch, or until `onEpoch` says `"stop"`; from where its checkpoint is, if it has one.
 * @param team whose member this is: each member calls `train` with an equal task, computes its share of every
 * batch and makes the same updates, so that all return the same
 * @throws TrainingDiverged when a term or the gradient is NaN or infinite; BatchCut when a term over the batch
 * meets a part of one; Error for a size that makes no sense or a checkpoint of another run.
 */
export async function train(task: TrainingTask, team: Team = solo): Promise<Trained> {
  checkTask(task);
  const run = await openRun(task, team);
  const decayMask = tf.tensor1d(weightDecayMask(task.parameters));
  try {
    while (run.epoch < task.epochs && !run.stopped) {
      run.epoch++;
      const report = await trainEpoch(task, team, run, decayMask);
      run.history.push(report);
      run.stopped = await agree(team, () =>
        task.onEpoch?.(report, weightsOf(task, run), averageOf(task, run)),
      );
      await keepRun(task, team, run);
    }
    return {
      parameters: weightsOf(task, run),
      average: averageOf(task, run),
      history: run.history,
      log: logOf(run),
    };
  } finally {
    closeRun(run);
    decayMask.dispose();
  }
}

async function trainEpoch(
  task: TrainingTask,
  team: Team,
  run: Run,
  decayMask: tf.Tensor1D,
): Promise<EpochReport> {
  const began = performance.now();
  const batches = stepsPerEpoch(task.rows, task.batchSize);
  const sums: Record<string, number> = {};
  for (const measured of epochSteps(task, team, run, decayMask)) {
    for (const [name, value] of Object.entries(measured)) sums[name] = (sums[name] ?? 0) + value / batches;
    if (team.index === 0)
      task.onStep?.({
        step: run.adam.updates,
        steps: batches * task.epochs,
        epoch: run.epoch,
        epochs: task.epochs,
      });
    await breathe();
  }
  const { [GRADIENT_NORM]: gradientNorm, ...terms } = sums;
  const seconds = (performance.now() - began) / 1000;
  return { epoch: run.epoch, terms, gradientNorm, microBatch: run.microBatch as number, seconds };
}

/** Makes the steps of the epoch that has begun, one whenever it is asked. Each gives the terms of its batch and the gradient norm. */
export function* epochSteps(
  task: TrainingTask,
  team: Team,
  run: Run,
  decayMask: tf.Tensor1D,
): Generator<Readonly<Record<string, number>>, void, void> {
  const key = fold(task.key, run.epoch);
  const batches = minibatches(fold(key, "order"), task.rows, task.batchSize);
  for (const [i, rows] of batches.entries()) {
    const step = (run.epoch - 1) * batches.length + i;
    const batch: Batch = { rows, first: 0, size: rows.length, key: fold(key, i), step };
    const measured = trainStep(task, team, run, decayMask, batch);
    record(run, { ...measured, [LEARNING_RATE]: task.learningRate(step) });
    yield measured;
  }
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
  const { weightDecay, beta2 = adamwDefaults.beta2 } = task;
  const config = { ...adamwDefaults, weightDecay, beta2 };
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
  const { layout } = task.parameters;
  const { microBatch = "auto", memoryBudgetMb = 512 } = task;
  const terms = (parameters: Parameters, piece: Batch) =>
    task.terms(parameters, piece, run.average ? unpackParameters(run.average, layout) : {});
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

/** Lets timers, signals and messages through between steps: at once in Node.js, after a timer's least wait in a page. */
function breathe(): Promise<void> {
  return new Promise((resolve) => (globalThis.setImmediate ?? setTimeout)(resolve));
}
