/** A tabular study: some objectives on one data set over seeds, each scored beside untrained encoders and raw columns. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { DataSetName } from "../data/datasets/data-set.js";
import { loadDataset } from "../data/datasets/index.js";
import { type TableSource, tableSha256 } from "../data/tables/table.js";
import { describeEngine, startEngine } from "../engine/backend.js";
import { runJobs } from "../engine/worker-pool.js";
import type { ControlLine } from "../evaluation/controls.js";
import { writeWhole } from "../files/whole-file.js";
import type { TabularElboWeights } from "../losses/tabular-elbo.js";
import { figuresFolder, projectFolder } from "../settings.js";
import { openRunStore } from "./run-store.js";
import type { TabularPreset, TabularPresetName } from "./tabular-presets.js";
import type { TabularRunConfig, TabularRunResult } from "./tabular-run.js";
import type { Keep, TabularScores, TabularScoring } from "./tabular-scores.js";
import type { TabularRecipe } from "./tabular-selection.js";
import type { TabularJob, TabularJobResult } from "./tabular-study-job.js";

/** One model of a study and its objective. */
export interface TabularArm {
  readonly name: string;
  readonly kind: TabularRecipe["kind"];
  /** Instead of the study's preset. */
  readonly preset?: TabularPreset;
  /** Replaces weights of the preset's ELBO terms. */
  readonly weights?: Partial<TabularElboWeights>;
  /** The checkpoint with the best probe when left out. */
  readonly keep?: Keep;
}

/** Everything that fixes a study. */
export interface TabularStudyConfig {
  readonly dataset: DataSetName;
  readonly preset: TabularPresetName | TabularPreset;
  readonly arms: readonly TabularArm[];
  /** One run of every arm per seed. */
  readonly seeds: readonly number[];
  /** Start weights of encoders that are not trained, for every kind among the arms. */
  readonly untrainedSeeds: readonly number[];
  readonly scoring: TabularScoring;
}

/** A run of an arm with its scores. */
export interface TabularStudyRun extends TabularRunResult {
  readonly arm: string;
  readonly seed: number;
  readonly scores: TabularScores;
}

/** A finished study: plain JSON. */
export interface TabularStudy {
  readonly runs: readonly TabularStudyRun[];
  /** Untrained encoders by kind, and the raw columns. */
  readonly controls: readonly (ControlLine & { readonly kind: TabularArm["kind"] | null })[];
  readonly provenance: {
    readonly config: TabularStudyConfig;
    readonly data: { readonly rows: number; readonly sha256: string; readonly source: TableSource };
    readonly engine: string;
    readonly version: string;
    readonly finishedAt: string;
    /** Seconds of all trainings, probes on the way included, one process each, and their processor seconds. */
    readonly durationSeconds: number;
    readonly cpuSeconds: number;
  };
}

/** How a study is run, apart from what it computes. */
export interface TabularStudyOptions {
  /** Called when something got on: jobs done (a training in progress counts in part) of all jobs. */
  readonly onProgress?: (done: number, total: number, label: string) => void;
  /** Forget finished jobs; trainings themselves are kept by `runTabular`. */
  readonly fresh?: boolean;
}

/**
 * Runs what is not on disk yet, one process per core and one thread per process, and puts the study together. Started
 * again after it was killed, it goes on where its trainings were.
 * @throws as `loadDataset` does, or the first error of a job; finished jobs are kept.
 */
export async function runTabularStudy(
  config: TabularStudyConfig,
  { onProgress, fresh = false }: TabularStudyOptions = {},
): Promise<TabularStudy> {
  const engine = await startEngine();
  const table = await loadDataset(config.dataset);
  const data = { rows: table.rows, sha256: tableSha256(table), source: table.source };
  const { dataset, preset, arms, scoring } = config;
  const program = new URL("./tabular-study-job.js", import.meta.url);
  const deciding = {
    dataset,
    preset,
    objectives: arms,
    scoring,
    sha256: data.sha256,
    engine: [engine.source, engine.kernels],
  };
  const store = openRunStore(`tabular-study-${dataset}`, deciding, program, fresh);

  const jobs = jobsOf(config);
  const stored = ({ name }: NamedJob) => store.get(name) as TabularJobResult | undefined;
  const open = jobs.filter((job) => stored(job) === undefined);
  const doneShare = new Map(open.map(({ name }) => [name, 0]));
  const tell = (label: string) => {
    const done = [...doneShare.values()].reduce((sum, share) => sum + share, 0);
    onProgress?.(jobs.length - open.length + done, jobs.length, label);
  };
  await runJobs<TabularJob, TabularJobResult>(
    program,
    open.map(({ job }) => job),
    {
      workers: engine.workers,
      onProgress: (i, progress) => {
        const [step, steps] = progress as [number, number];
        // Scoring takes about a fifth of a job.
        doneShare.set(open[i].name, (0.8 * step) / steps);
        tell(open[i].name);
      },
      onDone: (i, result) => {
        store.set(open[i].name, result);
        doneShare.set(open[i].name, 1);
        tell(open[i].name);
      },
    },
  );

  const runs: TabularStudyRun[] = [];
  const controls: TabularStudy["controls"][number][] = [];
  for (const job of jobs) {
    const { scores, run } = stored(job) as TabularJobResult;
    if (run) runs.push({ arm: job.arm, seed: job.job.config.seed, ...run, scores });
    else controls.push({ kind: job.job.features === "raw" ? null : job.job.config.kind, ...scores.line });
  }
  const sum = (of: (run: TabularStudyRun) => number) => runs.reduce((total, run) => total + of(run), 0);
  return {
    runs,
    controls,
    provenance: {
      config,
      data,
      engine: describeEngine({ ...engine, workers: 1 }),
      version: JSON.parse(readFileSync(path.join(projectFolder, "package.json"), "utf8")).version,
      finishedAt: new Date().toISOString(),
      durationSeconds: sum(({ provenance }) => provenance.durationSeconds),
      cpuSeconds: sum(({ provenance }) => provenance.cpuSeconds),
    },
  };
}

/** A job, what its result is stored as, and the arm it belongs to. */
interface NamedJob {
  readonly name: string;
  readonly arm: string;
  readonly job: TabularJob;
}

/** Trainings first, the longest part; then untrained encoders of every kind, then the raw columns. */
function jobsOf({ dataset, preset, arms, seeds, untrainedSeeds, scoring }: TabularStudyConfig): NamedJob[] {
  const named = (
    arm: string,
    features: TabularJob["features"],
    config: TabularRunConfig,
    keep?: Keep,
  ): NamedJob => {
    const name = [features, arm, config.kind, config.seed].filter((part) => part !== "").join(" ");
    return { name: name.replace(/[^\w.-]+/g, "-"), arm, job: { features, config, scoring, keep } };
  };
  const trained = arms.flatMap(({ name, kind, weights, keep, ...own }) =>
    seeds.map((seed) => {
      const weighted = weights ? { weights } : {};
      return named(name, "trained", { dataset, kind, preset: own.preset ?? preset, seed, ...weighted }, keep);
    }),
  );
  const kinds = [...new Set(arms.map(({ kind }) => kind))];
  const untrained = kinds.flatMap((kind) =>
    untrainedSeeds.map((seed) => named("", "untrained", { dataset, kind, preset, seed })),
  );
  const raw = named("", "raw", { dataset, kind: kinds[0], preset, seed: seeds[0] });
  return [...trained.sort((a, b) => a.job.config.seed - b.job.config.seed), ...untrained, raw];
}

/** Writes a study, or several, to `<name>.json` in the figures folder; probabilities keep six significant digits. */
export async function saveTabularStudy(
  name: string,
  study: TabularStudy | readonly TabularStudy[],
  folder = figuresFolder(),
): Promise<void> {
  const rounded = (_: string, value: unknown) =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
  writeWhole(path.join(folder, `${name}.json`), `${JSON.stringify(study, rounded)}\n`);
}
