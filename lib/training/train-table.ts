/** How a task of a table is run: in this thread or in a team. */
import type { EncodedFeatures } from "../data/tables/preprocess.js";
import { startEngine } from "../engine/backend.js";
import type { TableRows } from "../models/modalities/tabular/table.js";
import { type OnEpoch, type StepReport, type Trained, type TrainingTask, train } from "./train.js";
import { trainInTeam } from "./train-in-team.js";

/** How a model of a table is trained, apart from what it learns. */
export interface TableTrainingOptions {
  /** Source of start weights, order, masks, noise and dropout; 1 by default. */
  readonly seed?: number;
  /**
   * Threads that share every batch; results differ by rounding between numbers of threads. By default one per core
   * (`VARJEPA_WORKERS`), and one on an engine that spreads each operation over the cores itself (tfjs-node).
   */
  readonly workers?: number;
  /** File that keeps the run after every epoch; if it is there already, its run goes on, bit for bit. */
  readonly checkpoint?: string;
  /** Called after every step; `trainingProgress("Adult")` makes a progress line of it. */
  readonly onStep?: (report: StepReport) => void;
  /** Called after every epoch, before the checkpoint is written; `"stop"` ends training. */
  readonly onEpoch?: OnEpoch;
}

/** Runs the task that `build`, exported by `module` as `task`, makes of `input`. */
export async function runTableTask<Input>(
  module: URL,
  build: (input: Input) => TrainingTask,
  input: Input,
  { workers, onStep, onEpoch }: TableTrainingOptions,
): Promise<Trained> {
  const threads = workers ?? (await defaultWorkers());
  if (threads === 1) return train({ ...build(input), onStep, onEpoch });
  return trainInTeam(module, input, { workers: threads, onStep, onEpoch });
}

/** The features alone: labels, schema and what else a table has do not reach training. */
export function featuresOf({ rows, numeric, categorical }: EncodedFeatures): TableRows {
  return { rows, numeric, categorical };
}

/** Threads of a training unless it says how many: see `TableTrainingOptions`. */
export async function defaultWorkers(): Promise<number> {
  const engine = await startEngine();
  return engine.backend === "tensorflow" ? 1 : engine.workers;
}
