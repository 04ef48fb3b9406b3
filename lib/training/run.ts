/** A run under way: all that changes from step to step, and how it is put on disk and taken up again. */
import { type AdamWState, adamwStart } from "../engine/adamw.js";
import { startEngine } from "../engine/backend.js";
import type { Team } from "../engine/team.js";
import * as tf from "../engine/tf.js";
import { world } from "../engine/world.js";
import type { FlatParameters } from "../layers/parameters.js";
import { type MadeWith, type RunState, readCheckpoint, writeCheckpoint } from "./checkpoint.js";
import type { EpochReport, StepLog, TrainingTask } from "./task.js";

/** The state of a run, with its large parts as tensors. */
export interface Run {
  adam: AdamWState;
  average: tf.Tensor1D | undefined;
  /** Epochs begun. */
  epoch: number;
  stopped: boolean;
  /** Undefined until the first step has chosen it. */
  microBatch: number | undefined;
  columns: readonly string[];
  readonly log: number[];
  readonly history: EpochReport[];
}

/**
 * A run at its beginning, or where its checkpoint left it.
 * @throws when the checkpoint is damaged or of another run.
 */
export async function openRun(task: TrainingTask, team: Team): Promise<Run> {
  const { checkpoint } = task;
  const state = checkpoint && (await readCheckpoint(checkpoint.file, await madeWith(task, team)));
  return state ? resumed(state) : freshRun(task);
}

/** A run at its beginning. */
export function freshRun(task: TrainingTask): Run {
  return {
    adam: adamwStart(tf.tensor1d(task.parameters.values)),
    average: task.averageDecay && tf.tensor1d(task.parameters.values),
    epoch: 0,
    stopped: false,
    microBatch: typeof task.microBatch === "number" ? task.microBatch : undefined,
    columns: [],
    log: [],
    history: [],
  };
}

/** Puts a run on disk if its task asks for it; between two epochs, by member 0. */
export async function keepRun(task: TrainingTask, team: Team, run: Run): Promise<void> {
  if (!task.checkpoint || team.index !== 0) return;
  const state: RunState = {
    parameters: weightsOf(task, run),
    firstMoment: numbersOf(run.adam.firstMoment),
    secondMoment: numbersOf(run.adam.secondMoment),
    updates: run.adam.updates,
    average: run.average && numbersOf(run.average),
    epoch: run.epoch,
    stopped: run.stopped,
    microBatch: run.microBatch as number,
    history: run.history,
    log: logOf(run),
  };
  await writeCheckpoint(task.checkpoint.file, state, await madeWith(task, team));
}

/** Frees a run's tensors. */
export function closeRun({ adam, average }: Run): void {
  tf.dispose([adam.theta, adam.firstMoment, adam.secondMoment]);
  average?.dispose();
}

/** The parameters as they are. */
export function weightsOf({ parameters }: TrainingTask, { adam }: Run): FlatParameters {
  return { values: numbersOf(adam.theta), layout: parameters.layout };
}

/** Their moving average as it is, if there is one. */
export function averageOf({ parameters }: TrainingTask, { average }: Run): FlatParameters | undefined {
  return average && { values: numbersOf(average), layout: parameters.layout };
}

/** What the steps so far measured. */
export function logOf({ columns, log }: Run): StepLog {
  return { columns, values: Float32Array.from(log) };
}

function resumed({ parameters, firstMoment, secondMoment, updates, average, log, ...rest }: RunState): Run {
  return {
    ...rest,
    adam: {
      theta: tf.tensor1d(parameters.values),
      firstMoment: tf.tensor1d(firstMoment),
      secondMoment: tf.tensor1d(secondMoment),
      updates,
    },
    average: average && tf.tensor1d(average),
    columns: log.columns,
    log: Array.from(log.values),
    history: [...rest.history],
  };
}

/** A copy, so that no later write to the tensor's memory shows in it. */
function numbersOf(tensor: tf.Tensor1D): Float32Array {
  return tensor.dataSync<"float32">().slice();
}

/** Everything that the numbers of a run depend on, the functions of its task aside. */
async function madeWith(task: TrainingTask, team: Team): Promise<MadeWith> {
  const {
    parameters,
    rows,
    batchSize,
    epochs,
    weightDecay,
    beta2,
    clipNorm,
    microBatch,
    memoryBudgetMb,
    key,
  } = task;
  const { source, kernels } = await startEngine();
  return {
    parameters: parameters.layout,
    startWeights: world().sha256([parameters.values]).slice(0, 12),
    key,
    rows,
    batchSize,
    epochs,
    weightDecay,
    beta2,
    clipNorm,
    microBatch,
    memoryBudgetMb,
    average: task.averageDecay !== undefined,
    engine: { source, kernels },
    workers: team.size,
    configuration: task.checkpoint?.configuration,
  };
}
