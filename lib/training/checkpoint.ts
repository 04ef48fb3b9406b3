/** A run's state on disk after every epoch, from which it goes on as if it had never stopped. */
import { brief, differingField } from "../checks.js";
import { world } from "../engine/world.js";
import type { FlatParameters } from "../layers/parameters.js";
import { readTensorFile, tensorsOf, weightsAmong, writeTensorFile } from "./parameters-file.js";
import type { EpochReport, StepLog } from "./task.js";

/** Where a run stands between two epochs, as plain data. With the task's key it determines every number to come. */
export interface RunState {
  readonly parameters: FlatParameters;
  /** AdamW's moments `[parameters]`, and the updates made. */
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  readonly updates: number;
  /** The moving average `[parameters]`, if the task has one. */
  readonly average: Float32Array | undefined;
  /** Epochs made. */
  readonly epoch: number;
  /** Whether `onEpoch` has ended the run. */
  readonly stopped: boolean;
  /** Rows of one pass. */
  readonly microBatch: number;
  readonly history: readonly EpochReport[];
  readonly log: StepLog;
}

/** What a run was made with, by name; only a run made with the same goes on to the same numbers. Plain JSON. */
export type MadeWith = Readonly<Record<string, unknown>>;

/** Writes a run's state, whole or not at all. */
export async function writeCheckpoint(file: string, state: RunState, madeWith: MadeWith): Promise<void> {
  const { parameters, firstMoment, secondMoment, average, log, ...rest } = state;
  const flat = (name: string, values: Float32Array) => ({ name, shape: [values.length], values });
  await writeTensorFile(file, {
    tensors: [
      ...tensorsOf(parameters),
      flat("training.firstMoment", firstMoment),
      flat("training.secondMoment", secondMoment),
      ...(average ? [flat("training.average", average)] : []),
      flat("training.log", log.values),
    ],
    metadata: {
      format: "pt",
      configuration: JSON.stringify(madeWith.configuration ?? null),
      madeWith: JSON.stringify(madeWith),
      run: JSON.stringify({ ...rest, columns: log.columns }),
    },
  });
}

/**
 * The state that a file holds, or `undefined` if there is no file.
 * @throws when the run in it was made with something else than this one, naming what, or the file is damaged.
 */
export async function readCheckpoint(file: string, madeWith: MadeWith): Promise<RunState | undefined> {
  if (!world().files.exists(file)) return undefined;
  const { tensors, metadata } = await readTensorFile(file);
  if (metadata.madeWith === undefined || metadata.run === undefined)
    throw new Error(`${file} holds weights but no run to continue; name another file`);
  const parsed = (text: string): unknown => {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new Error(`${file} is damaged (${brief((error as Error).message)}); delete it to start anew`);
    }
  };
  checkSame(file, parsed(metadata.madeWith) as MadeWith, madeWith);
  const { columns, ...rest } = parsed(metadata.run) as Omit<
    RunState,
    "parameters" | "firstMoment" | "secondMoment" | "average" | "log"
  > & { columns: readonly string[] };
  const flat = (name: string) => tensors.find((tensor) => tensor.name === name)?.values;
  const needed = (name: string) => {
    const values = flat(name);
    if (!values) throw new Error(`${file} lacks the tensor ${name}; delete it to start anew`);
    return values;
  };
  return {
    ...rest,
    parameters: weightsAmong(tensors),
    firstMoment: needed("training.firstMoment"),
    secondMoment: needed("training.secondMoment"),
    average: flat("training.average"),
    log: { columns, values: needed("training.log") },
  };
}

function checkSame(file: string, before: MadeWith, now: MadeWith): void {
  const present = JSON.parse(JSON.stringify(now)) as MadeWith;
  const name = differingField(before, present);
  if (name !== undefined)
    throw new Error(
      `${file} holds a run made with ${name} ${told(before[name])}, this one has ${told(present[name])}; set it back, or name another file to start anew`,
    );
}

function told(value: unknown): string {
  const text = JSON.stringify(value) ?? "none";
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
