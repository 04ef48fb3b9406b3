/** The one way to train a model of any family, in this thread or in a team. */
import { checkRecord } from "../checks.js";
import type { TableSchema } from "../data/tables/preprocess.js";
import { startEngine } from "../engine/backend.js";
import type { Key } from "../engine/random.js";
import type { Family, Rows } from "../families/family.js";
import { addFamily, type ConfigOf, type DataOf, familyNamed, type ModelOf } from "../families/registry.js";
import type { TermWeights } from "../losses/term.js";
import { type FitInput, fitTask, type TrainingSettings } from "./fit-task.js";
import { type OnEpoch, type StepReport, train } from "./train.js";
import { trainInTeam } from "./train-in-team.js";
import type { TrainedModel } from "./trained-model.js";

/** A model, what it minimises and how it is optimised. `tabularPreset` has them for tables. */
export interface ModelSettings<Model extends object = object> {
  readonly model: Model;
  readonly objective: TermWeights;
  readonly training: TrainingSettings;
}

/** How a model is trained, apart from what it learns. */
export interface FitOptions {
  /** Source of start weights, order, masks, noise and dropout; 1 by default. */
  readonly seed?: number | Key;
  /**
   * Threads that share every batch; results differ by rounding between numbers of threads. By default one per core
   * (`VARJEPA_WORKERS`) if the family's steps are long enough to share, and one on an engine that spreads each operation
   * over the cores itself (tfjs-node).
   */
  readonly workers?: number;
  /** File that keeps the run after every epoch; if it is there already, its run goes on, bit for bit. */
  readonly checkpoint?: string;
  /** Called after every step; `progressLine` makes a line in a terminal or a notebook of `step` and `steps`. */
  readonly onStep?: (report: StepReport) => void;
  /** Called after every epoch, before the checkpoint is written; `"stop"` ends training. */
  readonly onEpoch?: OnEpoch;
}

/**
 * Trains a model on all rows of data; labels are not looked at.
 * @param family its name, or a family from outside the library, which is then known by its name (`addFamily`)
 * @param data what the family is trained on: an encoded table, or pairs of observations
 * @throws naming the field that makes no sense; TrainingDiverged naming the term that is no longer finite; when the
 * checkpoint holds another run.
 */
export async function fit<F extends Family | string, Data extends DataOf<F>>(
  family: F,
  data: Data,
  {
    model,
    objective,
    training,
    seed = 1,
    workers,
    checkpoint,
    onStep,
    onEpoch,
  }: ModelSettings<ModelOf<F>> & FitOptions,
): Promise<TrainedModel<ConfigOf<F>> & Pick<Data, keyof Data & "schema">> {
  for (const [field, value] of Object.entries({ data, model, objective, training }))
    checkRecord(field, value);
  await startEngine();
  if (typeof family !== "string") addFamily(family);
  const own: Family = typeof family === "string" ? familyNamed(family) : family;
  const { schema } = data as Rows & { readonly schema?: TableSchema };
  const config = own.config(model, schema);
  const made = { family: own.name, config, objective, training, seed };
  const input: FitInput = { ...made, module: own.module, data: own.rows(config, data), checkpoint };
  const threads = workers ?? (own.parallel ? await defaultWorkers() : 1);
  const { parameters, average, history } =
    threads === 1
      ? await train({ ...fitTask(input), onStep, onEpoch })
      : await trainInTeam(new URL("./fit-task.js", import.meta.url), input, {
          workers: threads,
          onStep,
          onEpoch,
        });
  const trained = {
    ...made,
    ...(schema && { schema }),
    history,
    parameters,
    ...(average && { average }),
  };
  return trained as TrainedModel<ConfigOf<F>> & Pick<Data, keyof Data & "schema">;
}

/** Threads of a training unless it says how many: see `FitOptions`. */
export async function defaultWorkers(): Promise<number> {
  const engine = await startEngine();
  return engine.backend === "tensorflow" ? 1 : engine.workers;
}
