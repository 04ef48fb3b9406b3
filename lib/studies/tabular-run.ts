/** One run of the tabular study: read a data set, train a model on its rows without labels, keep the best. */
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { type DataSetName, loadDataset } from "../data/datasets/index.js";
import { type EncodedTable, encodeTable, fitSchema } from "../data/tables/preprocess.js";
import { sampleRows } from "../data/tables/sample.js";
import { type Table, tableSha256 } from "../data/tables/table.js";
import { describeEngine, startEngine } from "../engine/backend.js";
import { fold, seedKey } from "../engine/random.js";
import { tableShape } from "../families/table.js";
import { writeWhole } from "../files/whole-file.js";
import type { TermWeights } from "../losses/term.js";
import { selectRows } from "../models/modalities/tabular/table.js";
import { defaultWorkers, type ModelSettings } from "../training/fit.js";
import type { StepReport } from "../training/task.js";
import { loadTableModel, type TableModel } from "../training/trained-model.js";
import { type Cell, engineKind } from "./cell.js";
import { libraryVersion } from "./provenance.js";
import { cellFolder, claimWhenFree, readCell, writeCell } from "./store.js";
import { studySplit } from "./study-split.js";
import {
  type FamilySettings,
  type ProbePlan,
  type TabularPreset,
  type TabularPresetName,
  tabularPreset,
} from "./tabular-presets.js";
import {
  type EpochRecord,
  type OnProbe,
  type SelectionOptions,
  type TabularData,
  type TabularRecipe,
  trainSelected,
} from "./tabular-selection.js";

/** Everything that fixes a run, by name. */
export interface TabularRunConfig {
  readonly dataset: DataSetName;
  readonly family: string;
  /** Settings by name, or one's own. */
  readonly preset: TabularPresetName | TabularPreset;
  /** Of everything drawn at random in training; the data set itself is the same for every seed. */
  readonly seed: number;
  /** Replaces weights of the preset's objective. */
  readonly objective?: TermWeights;
}

/** How a run is made, apart from what it computes. */
export interface TabularRunOptions {
  /** Measures checkpoints; the largest `selection` is kept. Left out, the last weights are. */
  readonly onProbe?: OnProbe;
  /** All that `onProbe` depends on, as anything that JSON can say: a run with other settings is another run. */
  readonly probeSettings?: unknown;
  /** Threads; one per core by default. */
  readonly workers?: number;
  readonly onStep?: (report: StepReport) => void;
}

/** What a run measured and where it comes from: plain JSON. */
export interface TabularRunResult {
  readonly selectedEpoch: number;
  readonly stoppedEarly: boolean;
  /** One per epoch: averaged terms, seconds, probe. */
  readonly epochs: readonly EpochRecord[];
  readonly provenance: {
    readonly configuration: TabularRunConfig & {
      readonly recipe: TabularRecipe;
      readonly probe: ProbePlan;
      readonly probeSettings?: unknown;
    };
    /** The table, and how many of its rows were trained on: neither test rows held out nor rows that shrinkage is chosen on. */
    readonly data: { readonly rows: number; readonly sha256: string; readonly trainedOn: number };
    readonly engine: string;
    readonly version: string;
    readonly finishedAt: string;
    /** Wall-clock seconds of all finished epochs and probes, over all sittings, and processor seconds of the epochs. */
    readonly durationSeconds: number;
    readonly cpuSeconds: number;
  };
}

/** A finished run with its model. */
export interface TabularRun {
  readonly result: TabularRunResult;
  readonly model: TableModel;
  readonly data: TabularData;
  /** Holds `cell.json`, `epochs.json`, `checkpoint.safetensors` and `selected/`. */
  readonly folder: string;
}

/**
 * Makes a run, or goes on with it where it was killed, or reads it if it is finished; one that another process makes is
 * waited for. Runs lie in `runs/` (`VARJEPA_RUNS`), one folder for all that decides one: settings, data, engine, threads.
 * @throws as `loadDataset` and `trainSelected` do.
 */
export async function runTabular(
  config: TabularRunConfig,
  { onProbe, probeSettings, workers, onStep }: TabularRunOptions = {},
): Promise<TabularRun> {
  const engine = await startEngine();
  const threads = workers ?? (await defaultWorkers());
  const { probe, recipe, testHeldOut, shrink } = resolveRun(config);
  const data = await readRunData(config);
  const rows = testHeldOut ? trainedOn(data, shrink) : data.encoded;
  const configuration = { ...config, recipe, probe, probeSettings };
  const sha256 = tableSha256(data.table);
  const cell: Cell = {
    study: `training-${config.dataset}`,
    arm: config.family,
    seed: config.seed,
    computations: onProbe ? [config.family, "online probe"] : [config.family],
    configuration: { ...askedOf(config), probeSettings, threads },
    data: sha256,
    engine: engineKind(engine),
  };
  const claim = await claimWhenFree(cell);
  try {
    const folder = cellFolder(cell);
    const stored = readCell<TabularRunResult>(cell)?.result;
    if (stored)
      return { result: stored, model: await loadTableModel(path.join(folder, "selected")), data, folder };

    const startedAt = new Date().toISOString();
    const selected = await trainSelected(recipe, data, {
      rows,
      seed: config.seed,
      workers: threads,
      probe,
      onProbe,
      onStep,
      records: epochRecords(folder),
      folder,
    });
    const sum = (of: (record: EpochRecord) => number) =>
      selected.records.reduce((total, record) => total + of(record), 0);
    const seconds = sum(({ report, probe }) => report.seconds + (probe?.seconds ?? 0));
    const finishedAt = new Date().toISOString();
    const described = describeEngine({ ...engine, workers: threads });
    const result: TabularRunResult = {
      selectedEpoch: selected.epoch,
      stoppedEarly: selected.stoppedEarly,
      epochs: selected.records,
      provenance: {
        configuration,
        data: { rows: data.table.rows, sha256, trainedOn: rows.rows },
        engine: described,
        version: libraryVersion(),
        finishedAt,
        durationSeconds: Math.round(seconds),
        cpuSeconds: Math.round(sum(({ cpuSeconds }) => cpuSeconds)),
      },
    };
    writeCell(cell, result, { engine: described, startedAt, finishedAt, seconds });
    return { result, model: selected.model, data, folder };
  } finally {
    claim.release();
  }
}

/** The epochs of earlier sittings. Without them a checkpoint is of no use, so that training begins anew. */
function epochRecords(folder: string): SelectionOptions["records"] {
  const file = path.join(folder, "epochs.json");
  return {
    get() {
      try {
        return JSON.parse(readFileSync(file, "utf8"));
      } catch {
        rmSync(path.join(folder, "checkpoint.safetensors"), { force: true });
        return [];
      }
    },
    set: (records) => writeWhole(file, JSON.stringify(records)),
  };
}

/** Everything of a run that decides its result, the seed aside, with named settings written out. */
export function askedOf(config: TabularRunConfig): object {
  return { dataset: config.dataset, ...resolveRun(config) };
}

/**
 * The preset of a run with the run's own weights.
 * @throws when the preset has no settings for the family.
 */
export function resolveRun({ dataset, family, preset, objective }: TabularRunConfig): {
  rows: number | undefined;
  testHeldOut: boolean;
  shrink?: true;
  probe: ProbePlan;
  recipe: TabularRecipe;
} {
  const resolved = typeof preset === "string" ? tabularPreset(dataset, preset) : preset;
  const { rows, testHeldOut = false, shrink, probe, models } = resolved;
  if (shrink && !testHeldOut)
    throw new Error(
      "shrink asks for testHeldOut: what is chosen on held-out rows is scored on others; set both",
    );
  return { rows, testHeldOut, ...(shrink && { shrink }), probe, recipe: recipeOf(models, family, objective) };
}

/**
 * A family's settings among others, with weights of one's own.
 * @throws when there are none for it.
 */
export function recipeOf(models: FamilySettings, family: string, objective?: TermWeights): TabularRecipe {
  const settings: ModelSettings | undefined = models[family];
  if (!settings)
    throw new Error(
      `there are no settings for the family "${family}"; use ${Object.keys(models).join(", ")}`,
    );
  return { family, ...settings, objective: { ...settings.objective, ...objective } };
}

/** Rows for training without the test rows of `studySplit`, nor its validation rows where shrinkage is chosen on them. */
function trainedOn({ table, encoded }: TabularData, shrink?: boolean): EncodedTable {
  const { schema } = encoded;
  return { ...selectRows(tableShape(schema), encoded, trainingRows(table, shrink)), schema };
}

/** Which these are. */
function trainingRows(table: Table, shrink = false): Int32Array {
  const { train, validation } = studySplit(table);
  return shrink ? train : Int32Array.from([...train, ...validation]);
}

/** Which rows of a data set are read, and on which of them means, deviations and categories are fitted. */
export interface RunRows {
  readonly dataset: TabularRunConfig["dataset"];
  /** So many, drawn at random by the seed; all when left out. */
  readonly rows?: number;
  readonly seed: number;
  /** Not on the test rows of `studySplit`. */
  readonly testHeldOut: boolean;
  /** Nor on its validation rows. */
  readonly shrink?: boolean;
}

/** The rows of a run, in the order of the data set, encoded by those that are trained on. */
export function readRunData(config: TabularRunConfig): Promise<TabularData> {
  const { rows, testHeldOut, shrink } = resolveRun(config);
  return readRows({ dataset: config.dataset, rows, seed: config.seed, testHeldOut, shrink });
}

/** The same without settings of a model. */
export async function readRows({ dataset, rows, seed, testHeldOut, shrink }: RunRows): Promise<TabularData> {
  const all = await loadDataset(dataset);
  const table = sampleRows(all, rows ?? all.rows, fold(seedKey(seed), "rows"));
  const fitted = testHeldOut ? trainingRows(table, shrink) : undefined;
  return { table, encoded: encodeTable(fitSchema(table, fitted), table) };
}
