/** What training takes and gives. */
import { checkWhole } from "../checks.js";
import { adamwDefaults } from "../engine/adamw.js";
import type { Key } from "../engine/random.js";
import type { FlatParameters, Parameters } from "../layers/parameters.js";
import type { WeightedTerm } from "../losses/term.js";
import type { Batch } from "./gradient.js";
import type { Schedule } from "./schedule.js";

/** What one optimisation needs to know, all of it plain data but the functions. */
export interface TrainingTask {
  readonly parameters: FlatParameters;
  /** Rows of the data; each epoch visits them all in a new random order. */
  readonly rows: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly learningRate: Schedule;
  readonly weightDecay: number;
  /** Decay of AdamW's second moment; 0.999 when left out. */
  readonly beta2?: number;
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
  readonly terms: (parameters: Parameters, batch: Batch, average: Parameters) => Record<string, WeightedTerm>;
  /** Keeps the run on disk, and continues the run that is there. */
  readonly checkpoint?: Checkpointing;
  /** Called after every step. In a team, only by member 0. */
  readonly onStep?: (report: StepReport) => void;
  /** Called after every epoch with the weights as they then are; `"stop"` ends training. In a team, only by member 0. */
  readonly onEpoch?: OnEpoch;
}

/**
 * Where a run is kept after every epoch, once `onEpoch` is done with it, and what else than the task itself it was
 * made from.
 */
export interface Checkpointing {
  /** A safetensors file, whole at any time; if it is there already, its run is continued bit for bit. */
  readonly file: string;
  /**
   * All that the task was built from (data, model, objective, schedules), as anything that JSON can say. A run made
   * with another configuration is not continued.
   */
  readonly configuration: unknown;
}

/** See `TrainingTask.onEpoch`. */
export type OnEpoch = (
  report: EpochReport,
  parameters: FlatParameters,
  /** The moving average, if the task has one. */
  average?: FlatParameters,
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
  readonly parameters: FlatParameters;
  /** The moving average, if the task has one. */
  readonly average?: FlatParameters;
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
    readonly lastGood: FlatParameters,
  ) {
    super(
      `${term} became ${value} at step ${step} (epoch ${epoch}); training stopped, lastGood holds the weights before it`,
    );
    this.name = "TrainingDiverged";
  }
}

/** @throws naming the field whose number makes no sense. */
export function checkTask(task: TrainingTask): void {
  const { rows, batchSize, epochs, weightDecay, microBatch = "auto", memoryBudgetMb = 512 } = task;
  const counts = { rows, batchSize, epochs, ...(microBatch === "auto" ? {} : { microBatch }) };
  for (const [field, value] of Object.entries(counts)) checkWhole(field, value, 1);
  const { beta2 = adamwDefaults.beta2 } = task;
  if (!(beta2 >= 0 && beta2 < 1)) throw new Error(`beta2 is ${beta2}; use a number in [0, 1)`);
  if (!(weightDecay >= 0)) throw new Error(`weightDecay is ${weightDecay}; use a number of at least 0`);
  for (const [field, value] of Object.entries({ clipNorm: task.clipNorm ?? 1, memoryBudgetMb }))
    if (!(value > 0)) throw new Error(`${field} is ${value}; use a number above 0`);
}
