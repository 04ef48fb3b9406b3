/** One job of the downstream study: train an encoder, or train a predictor and score it. Runs in a worker process. */
import path from "node:path";
import type { EncodedTable } from "../data/tables/preprocess.js";
import { splitTable, type TableSplit } from "../data/tables/split.js";
import type { Table } from "../data/tables/table.js";
import { describeEngine, startEngine } from "../engine/backend.js";
import { fold, seedKey } from "../engine/random.js";
import { type ComputedFeatures, trainedSource, untrainedSources } from "../evaluation/controls.js";
import { predictors } from "../evaluation/predictors/all.js";
import { readPredictions, savePredictions } from "../evaluation/predictors/predictions-file.js";
import type { Predictions, Predictor } from "../evaluation/predictors/predictor.js";
import { type View, viewOf } from "../evaluation/predictors/views.js";
import { tableFeatures } from "../evaluation/raw-features.js";
import { rowNorms } from "../evaluation/row-norms.js";
import type { Aggregation } from "../families/embed-table.js";
import { familyNamed } from "../families/registry.js";
import { tableShape } from "../families/table.js";
import { type Cell, engineKind } from "./cell.js";
import { type DownstreamScores, downstreamScores } from "./downstream-scores.js";
import { cellFolder, readCell, writeCell } from "./store.js";
import { askedOf, readRunData, resolveRun, runTabular, type TabularRunConfig } from "./tabular-run.js";
import { evenly } from "./tabular-scores.js";
import type { TabularData } from "./tabular-selection.js";

/** A predictor with its settings and what it sees. */
export interface DownstreamArm {
  readonly predictor: keyof typeof predictors;
  /** All of them. */
  readonly settings: object;
  readonly view: View;
  /** Learns from at most so many rows, evenly spaced, and stops by a seventh as many; from all when left out. */
  readonly trainRows?: number;
}

/** What predictors learn from: the columns, or what an encoder of the run's settings makes of them. */
export interface DownstreamInput {
  readonly features: "raw" | "untrained" | "trained";
  readonly config: TabularRunConfig;
}

/** What one job is of; without an arm the encoder alone is trained. */
export interface DownstreamJob extends DownstreamInput {
  readonly arm?: DownstreamArm;
  /** Seed of the split into 70 % to learn from, 10 % to stop by and 20 % to score on. */
  readonly split: number;
  /** Which of the encoder's two uncertainties drops rows. */
  readonly aggregation: Aggregation;
}

/** What it found. */
export interface DownstreamResult {
  readonly scores?: DownstreamScores;
  /** What this cell cost; what other cells had done already does not count. */
  readonly seconds: number;
  /** Of the training of the encoder, or of the predictor and its scores, whenever its predictions were made. */
  readonly cpuSeconds: number;
}

/** Everything that decides what a predictor tells, the seed aside, and the computations that make it. */
export function askedOfJob({ features, config, arm, split }: Omit<DownstreamJob, "aggregation">): {
  configuration: object;
  computations: string[];
} {
  const { dataset, family } = config;
  const { rows, recipe } = resolveRun(config);
  const input = {
    raw: { dataset, rows },
    untrained: { dataset, rows, family, model: recipe.model },
    trained: askedOf(config),
  }[features];
  return {
    configuration: arm ? { features, ...input, arm, split } : { features, ...input },
    computations: [...(features === "raw" ? [] : [family]), ...(arm ? [arm.predictor] : [])],
  };
}

/** Runs one job; `report` gets the share that is done. */
export async function run(job: DownstreamJob, report: (share: number) => void): Promise<DownstreamResult> {
  await startEngine();
  const began = performance.now();
  const { arm, config } = job;
  if (!arm) {
    const { result } = await runTabular(config, {
      workers: 1,
      onStep: ({ step, steps }) => report(step / steps),
    });
    const { durationSeconds, cpuSeconds } = result.provenance;
    return { seconds: durationSeconds, cpuSeconds };
  }
  const { told, uncertainty, ambiguity, cpuSeconds } = await predictionsOf(job, arm, report);
  const scoring = process.cpuUsage();
  const latent = uncertainty?.[job.aggregation];
  const encoded = latent && (await dataOf(config)).encoded;
  const norm = encoded && encoded.numeric.length > 0 ? rowNorms(encoded, told.split.test) : undefined;
  const scores = downstreamScores(told, { latent, ambiguity, norm });
  const seconds = (performance.now() - began) / 1000;
  return { scores, seconds, cpuSeconds: cpuSeconds + cpuSince(scoring) };
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** What is kept beside predictions: of the rows scored. */
interface Kept {
  readonly uncertainty?: { readonly [which in Aggregation]: readonly number[] };
  readonly ambiguity?: readonly number[];
  /** What making them cost. */
  readonly cpuSeconds: number;
}

/** Predictions of a job, made or read: they are a cell of their own, so that another score trains nothing again. */
async function predictionsOf(
  job: DownstreamJob,
  arm: DownstreamArm,
  report: (share: number) => void,
): Promise<Kept & { told: Predictions }> {
  const engine = await startEngine();
  const { seed, dataset } = job.config;
  const cell: Cell = {
    study: `predictions-${dataset}`,
    arm: `${arm.predictor} ${job.features}`,
    seed,
    ...askedOfJob(job),
    engine: engineKind(engine),
  };
  const file = path.join(cellFolder(cell), "predictions.json");
  const stored = readCell<Kept>(cell);
  if (stored) return { told: readPredictions(file), ...stored.result };

  const startedAt = new Date().toISOString();
  const began = performance.now();
  const cpuBefore = process.cpuUsage();
  const { table, features, labels } = await featuresOf(job);
  const seen = viewOf(features, arm.view);
  const split = fewer(splitTable(table, fold(seedKey(job.split), "split")), arm.trainRows);
  const predictor = predictors[arm.predictor] as unknown as Predictor<object>;
  const key = fold(seedKey(seed), "downstream");
  const told = await predictor.fit(key, seen, labels, split, arm.settings, (done, total) =>
    report(done / total),
  );
  const scored = <T extends ArrayLike<number>>(of: T) => Array.from(split.test, (row) => of[row]);
  const { uncertainty } = features;
  const kept: Kept = {
    ...(uncertainty && { uncertainty: { mean: scored(uncertainty.mean), p90: scored(uncertainty.p90) } }),
    ...(table.ambiguity && { ambiguity: scored(table.ambiguity) }),
    cpuSeconds: cpuSince(cpuBefore),
  };
  savePredictions(file, told);
  const seconds = (performance.now() - began) / 1000;
  const finishedAt = new Date().toISOString();
  writeCell(cell, kept, {
    engine: describeEngine({ ...engine, workers: 1 }),
    startedAt,
    finishedAt,
    seconds,
  });
  return { told, ...kept };
}

function fewer({ train, validation, test }: TableSplit, rows = train.length): TableSplit {
  return { train: evenly(train, rows), validation: evenly(validation, Math.ceil(rows / 7)), test };
}

interface InputFeatures {
  readonly table: Table;
  readonly features: ComputedFeatures;
  readonly labels: Int32Array;
}

/** The data of the last job: the next one mostly is of the same. */
let read: { readonly of: string; readonly data: Promise<TabularData> } | undefined;

function dataOf(config: TabularRunConfig): Promise<TabularData> {
  const of = JSON.stringify(config);
  if (read?.of !== of) read = { of, data: readRunData(config) };
  return read.data;
}

/** Its features. */
let last: { readonly of: string; readonly made: InputFeatures } | undefined;

async function featuresOf({ features, config }: DownstreamInput): Promise<InputFeatures> {
  const of = JSON.stringify({ features, config });
  if (last?.of === of) return last.made;
  last = undefined;
  const { table, encoded } = await dataOf(config);
  const { labels } = encoded;
  if (!labels) throw new Error(`the data set "${config.dataset}" has no labels to predict`);
  const made = { table, labels, features: await compute(features, config, encoded) };
  last = { of, made };
  return made;
}

async function compute(
  features: DownstreamInput["features"],
  config: TabularRunConfig,
  encoded: EncodedTable,
): Promise<ComputedFeatures> {
  if (features === "raw") return tableFeatures(tableShape(encoded.schema), encoded);
  if (features === "trained") {
    const { model } = await runTabular(config, { workers: 1 });
    return trainedSource(model, encoded).compute();
  }
  const { family, model } = resolveRun(config).recipe;
  const architecture = { family, config: familyNamed(family).config(model, encoded.schema) };
  return untrainedSources(architecture, encoded, [config.seed])[0].compute();
}
