/** The downstream study and the sensitivity of Adult: their cells, and what is put together from those that are finished. */
import { loadDataset } from "../data/datasets/index.js";
import { tableSha256 } from "../data/tables/table.js";
import { describeEngine, startEngine } from "../engine/backend.js";
import { predictors } from "../evaluation/predictors/all.js";
import { type Cell, cellKey, engineKind } from "./cell.js";
import { askedOfJob, type DownstreamJob, type DownstreamResult } from "./downstream-job.js";
import { type DownstreamConfig, type DownstreamPart, downstreamParts } from "./downstream-plan.js";
import type { DownstreamScores } from "./downstream-scores.js";
import { libraryVersion } from "./provenance.js";
import { type PlannedCell, type PlanOptions, runWhole, type StudyPlan, spanOf } from "./run-plan.js";
import { type SensitivityConfig, type SensitivityPart, sensitivityParts } from "./sensitivity-plan.js";
import type { FinishedCell } from "./store.js";

/** One predictor on one input with what was measured. */
export interface DownstreamRun extends Pick<DownstreamPart, "dataset" | "input" | "seed" | "setting"> {
  readonly predictor: string;
  readonly scores: DownstreamScores;
  readonly cpuSeconds: number;
}

/** Where results come from. */
export interface DownstreamProvenance<Config> {
  readonly config: Config;
  /** Sum of each table as it was read. */
  readonly data: Readonly<Record<string, string>>;
  readonly engine: string;
  readonly version: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Processor seconds of the encoders' trainings, and of all else. */
  readonly cpuSeconds: { readonly encoders: number; readonly predictors: number };
  /** Cells that no run has produced yet. */
  readonly missing: number;
}

/** What a study of predictors gives. */
export interface DownstreamStudy<Config, Run extends DownstreamRun = DownstreamRun> {
  readonly runs: readonly Run[];
  readonly provenance: DownstreamProvenance<Config>;
}

/** A run of the sensitivity study. */
export interface SensitivityRun extends DownstreamRun {
  readonly column: SensitivityPart["column"];
}

type Plan<Config, Run extends DownstreamRun> = StudyPlan<
  DownstreamJob,
  DownstreamResult,
  DownstreamStudy<Config, Run>
>;

/**
 * Tables 2 and 3 and Figure 3 as cells.
 * @throws as `loadDataset` does.
 */
export function planDownstream(config: DownstreamConfig): Promise<Plan<DownstreamConfig, DownstreamRun>> {
  return planOf("downstream", config, downstreamParts(config), (run) => run);
}

/**
 * Runs what is not on disk yet and puts the study together.
 * @throws as `loadDataset` does, or the first error of a cell; finished cells are kept.
 */
export async function runDownstream(
  config: DownstreamConfig,
  { onProgress }: Pick<PlanOptions, "onProgress"> = {},
): Promise<DownstreamStudy<DownstreamConfig>> {
  return runWhole(await planDownstream(config), onProgress);
}

/**
 * Tables 4 and 5 as cells.
 * @throws as `loadDataset` does.
 */
export function planSensitivity(config: SensitivityConfig): Promise<Plan<SensitivityConfig, SensitivityRun>> {
  return planOf("sensitivity", config, sensitivityParts(config), (run, { column }) => ({ ...run, column }));
}

async function planOf<Config, Part extends DownstreamPart, Run extends DownstreamRun>(
  study: string,
  config: Config,
  parts: readonly Part[],
  complete: (run: DownstreamRun, part: Part) => Run,
): Promise<Plan<Config, Run>> {
  const engine = await startEngine();
  const data: Record<string, string> = {};
  for (const { job } of parts) {
    const { dataset } = job.config;
    data[dataset] ??= tableSha256(await loadDataset(dataset));
  }
  const cells = parts.map((part) => cellOf(study, part, data[part.job.config.dataset], engineKind(engine)));
  const assemblePart = (
    found: readonly (FinishedCell<DownstreamResult> | undefined)[],
  ): DownstreamStudy<Config, Run> => {
    const finished = found.filter((cell) => cell !== undefined);
    const spent = (encoders: boolean) => {
      const own = found.filter((_, i) => encoders === (parts[i].job.arm === undefined));
      const costs = new Map(own.flatMap((cell) => (cell ? [[cell.key, cell.result.cpuSeconds]] : [])));
      return Math.round([...costs.values()].reduce((sum, seconds) => sum + seconds, 0));
    };
    const none = { startedAt: "", finishedAt: "" };
    const { startedAt, finishedAt } = finished.length === 0 ? none : spanOf(finished);
    return {
      runs: found.flatMap((cell, i) => {
        const { job, dataset, input, seed, setting } = parts[i];
        if (!cell?.result.scores || !job.arm) return [];
        const { scores, cpuSeconds } = cell.result;
        const predictor = predictors[job.arm.predictor].name;
        const run = {
          dataset,
          input,
          seed,
          predictor,
          ...(setting !== undefined && { setting }),
          scores,
          cpuSeconds,
        };
        return [complete(run, parts[i])];
      }),
      provenance: {
        config,
        data,
        engine: describeEngine({ ...engine, workers: 1 }),
        version: libraryVersion(),
        startedAt,
        finishedAt,
        cpuSeconds: { encoders: spent(true), predictors: spent(false) },
        missing: new Set(cells.filter((_, i) => !found[i]).map((cell) => cellKey(cell))).size,
      },
    };
  };
  return {
    workers: engine.workers,
    engine: describeEngine({ ...engine, workers: 1 }),
    program: new URL("./downstream-job.js", import.meta.url),
    cells,
    assemble: assemblePart,
    assemblePart,
  };
}

function cellOf(
  study: string,
  { dataset, input, seed, job }: DownstreamPart,
  data: string,
  engine: string,
): PlannedCell<DownstreamJob> {
  const { configuration, computations } = askedOfJob(job);
  const scored = job.arm ? { ...configuration, aggregation: job.aggregation } : configuration;
  const cell: Cell = {
    study: `${study}-${dataset}`,
    arm: [input, job.arm?.predictor ?? "encoder"].join(" "),
    seed,
    computations: job.arm ? [...computations, "downstream scores"] : computations,
    configuration: scored,
    data,
    engine,
  };
  const stage = job.arm?.predictor ?? `${job.config.family} encoder`;
  // Cells of one encoder stay together, so that one machine trains it.
  return { ...cell, input: job, stage, together: JSON.stringify(job.config) };
}
