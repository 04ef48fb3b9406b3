/** Training on a table with probes on the way: the best checkpoint is kept, training stops when none gets better. */
import path from "node:path";
import type { EncodedTable } from "../data/tables/preprocess.js";
import type { Table } from "../data/tables/table.js";
import { familyNamed } from "../families/registry.js";
import type { FlatParameters } from "../layers/parameters.js";
import { fit, type ModelSettings } from "../training/fit.js";
import type { EpochReport, StepReport } from "../training/task.js";
import { loadTableModel, saveModel, type TableModel } from "../training/trained-model.js";
import type { ProbePlan } from "./tabular-presets.js";

/** The rows of a run as they were read and in the model's form, labels included. */
export interface TabularData {
  readonly table: Table;
  readonly encoded: EncodedTable;
}

/** A family and the settings of a model of it: what to pass to `fit`. */
export interface TabularRecipe extends ModelSettings {
  readonly family: string;
}

/**
 * Measures a model between two epochs. Of the figures it returns, the largest `selection` decides which checkpoint is
 * kept. The same model must give the same figures.
 */
export type OnProbe = (
  epoch: number,
  model: TableModel,
  data: TabularData,
) => Readonly<Record<string, number>> | Promise<Readonly<Record<string, number>>>;

/** One epoch of a run. */
export interface EpochRecord {
  readonly report: EpochReport;
  /** Processor seconds of all threads, the probe's aside. */
  readonly cpuSeconds: number;
  /** What the probe found, and how long it took. */
  readonly probe?: { readonly figures: Readonly<Record<string, number>>; readonly seconds: number };
}

/** How a selection runs, apart from what it computes. */
export interface SelectionOptions {
  /** What is trained on, of the same schema as the data that probes measure; all of them when left out. */
  readonly rows?: EncodedTable;
  readonly seed: number;
  readonly workers: number;
  readonly probe: ProbePlan;
  /** Left out, the last weights are kept. */
  readonly onProbe?: OnProbe;
  readonly onStep?: (report: StepReport) => void;
  /** The records of earlier sittings, and where they are kept. */
  readonly records: { get(): readonly EpochRecord[]; set(records: readonly EpochRecord[]): void };
  /** For the checkpoint and the selected model. */
  readonly folder: string;
}

/** What a selection gives. */
export interface Selected {
  /** With the weights of the selected epoch and the history up to it. */
  readonly model: TableModel;
  readonly epoch: number;
  readonly stoppedEarly: boolean;
  readonly records: readonly EpochRecord[];
}

/**
 * Trains a model, probing it every `probe.every` epochs. Everything is on disk before the next epoch begins: a run
 * that was killed goes on to the same result. The selected model lies in `selected/` (see `saveModel`).
 * @throws as `fit` does, and when a probe has no finite `selection`.
 */
export async function trainSelected(
  recipe: TabularRecipe,
  data: TabularData,
  { rows = data.encoded, seed, workers, probe, onProbe, onStep, records: store, folder }: SelectionOptions,
): Promise<Selected> {
  const selected = path.join(folder, "selected");
  let records = store.get();
  let cpu = cpuSeconds();
  const { schema } = data.encoded;
  const { family, model, objective, training } = recipe;
  const config = familyNamed(family).config(model, schema);
  const modelOf = (parameters: FlatParameters, average: FlatParameters | undefined): TableModel => {
    const history = records.map(({ report }) => report);
    const made = { family, config, schema, objective, training, seed, history, parameters };
    return average ? { ...made, average } : made;
  };

  const onEpoch = async (report: EpochReport, parameters: FlatParameters, average?: FlatParameters) => {
    const { epoch } = report;
    // An epoch that was recorded before the run was killed is made once more, bit for bit, but not measured again.
    const known = records.find((record) => record.report.epoch === epoch);
    records = records.filter((record) => record.report.epoch < epoch);
    records = [...records, known ?? { report, cpuSeconds: cpuSeconds() - cpu }];
    const due = epoch % probe.every === 0 || epoch === training.epochs;
    if (onProbe && due && !known) {
      const began = performance.now();
      const figures = await onProbe(epoch, modelOf(parameters, average), data);
      checkFigures(figures);
      const found = { figures, seconds: (performance.now() - began) / 1000 };
      records = [...records.slice(0, -1), { ...records[records.length - 1], probe: found }];
    }
    store.set(records);
    const best = bestEpoch(records);
    if (best === epoch) await saveModel(selected, modelOf(parameters, average));
    cpu = cpuSeconds();
    return exhausted(records, probe.patience) ? ("stop" as const) : undefined;
  };

  const options = {
    seed,
    workers,
    onStep,
    onEpoch,
    checkpoint: path.join(folder, "checkpoint.safetensors"),
  };
  const trained = await fit(family, rows, { ...recipe, ...options });
  const best = bestEpoch(records);
  if (best === undefined) await saveModel(selected, trained);
  return {
    model: best === undefined ? trained : await loadTableModel(selected),
    epoch: best ?? trained.history.length,
    stoppedEarly: exhausted(records, probe.patience) && trained.history.length < training.epochs,
    records,
  };
}

/** The epoch whose probe has the largest `selection`, the first of equals; `undefined` without a probe. */
export function bestEpoch(records: readonly EpochRecord[]): number | undefined {
  let best: EpochRecord | undefined;
  for (const record of records)
    if (selectionOf(record) > (best ? selectionOf(best) : Number.NEGATIVE_INFINITY)) best = record;
  return best?.report.epoch;
}

/** Whether so many probes came after the best one. */
function exhausted(records: readonly EpochRecord[], patience: number): boolean {
  const best = bestEpoch(records);
  if (best === undefined) return false;
  return records.filter(({ report, probe }) => probe && report.epoch > best).length >= patience;
}

function selectionOf({ probe }: EpochRecord): number {
  return probe ? probe.figures.selection : Number.NEGATIVE_INFINITY;
}

function checkFigures({ selection }: Readonly<Record<string, number>>): void {
  if (!Number.isFinite(selection))
    throw new Error(`onProbe returned selection ${selection}; return a finite number of that name`);
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
