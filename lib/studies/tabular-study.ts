/** A tabular study: some objectives on one data set over seeds, each scored beside untrained encoders and raw columns. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type DataSetName, loadDataset } from "../data/datasets/index.js";
import { type TableSource, tableSha256 } from "../data/tables/table.js";
import { describeEngine, startEngine } from "../engine/backend.js";
import type { ControlLine } from "../evaluation/controls.js";
import { familyNamed } from "../families/registry.js";
import { printable } from "../files/printable.js";
import { writeWhole } from "../files/whole-file.js";
import type { TermWeights } from "../losses/term.js";
import { figuresFolder } from "../settings.js";
import { engineKind } from "./cell.js";
import { libraryVersion } from "./provenance.js";
import { type PlannedCell, runWhole, type StudyPlan, spanOf } from "./run-plan.js";
import type { TabularPreset, TabularPresetName } from "./tabular-presets.js";
import { askedOf, resolveRun, type TabularRunConfig, type TabularRunResult } from "./tabular-run.js";
import type { Keep, TabularScores, TabularScoring } from "./tabular-scores.js";
import type { TabularJob, TabularJobResult } from "./tabular-study-job.js";

/** One model of a study and its objective. */
export interface TabularArm {
  readonly name: string;
  readonly family: string;
  /** Instead of the study's preset. */
  readonly preset?: TabularPreset;
  /** Replaces weights of the preset's objective. */
  readonly objective?: TermWeights;
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
  /** Start weights of encoders that are not trained, for every family among the arms. */
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
  /** Untrained encoders by family, and the raw columns. */
  readonly controls: readonly (ControlLine & { readonly family: string | null })[];
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
  /** Called when something got on: cells done (a training in progress counts in part) of all cells. */
  readonly onProgress?: (done: number, total: number, label: string) => void;
}

/**
 * The study as cells, and what becomes of them: trainings first, the longest part, seed by seed; then untrained encoders
 * of every family, then the raw columns.
 * @throws as `loadDataset` does.
 */
export async function planTabularStudy(
  config: TabularStudyConfig,
): Promise<StudyPlan<TabularJob, TabularJobResult, TabularStudy>> {
  const engine = await startEngine();
  const table = await loadDataset(config.dataset);
  const data = { rows: table.rows, sha256: tableSha256(table), source: table.source };
  const common = { study: `tabular-${config.dataset}`, data: data.sha256, engine: engineKind(engine) };
  const cells = [...trainedCells(config), ...controlCells(config)].map((cell) => ({ ...cell, ...common }));
  return {
    workers: engine.workers,
    engine: describeEngine({ ...engine, workers: 1 }),
    program: new URL("./tabular-study-job.js", import.meta.url),
    cells,
    assemble: (finished) => {
      const runs: TabularStudyRun[] = [];
      const controls: TabularStudy["controls"][number][] = [];
      finished.forEach(({ result: { scores, run } }, i) => {
        const { arm, seed, input } = cells[i];
        if (run) runs.push({ arm, seed, ...run, scores });
        else controls.push({ family: input.features === "raw" ? null : input.config.family, ...scores.line });
      });
      const sum = (of: (run: TabularStudyRun) => number) => runs.reduce((total, run) => total + of(run), 0);
      return {
        runs,
        controls,
        provenance: {
          config,
          data,
          engine: describeEngine({ ...engine, workers: 1 }),
          version: libraryVersion(),
          finishedAt: spanOf(finished).finishedAt,
          durationSeconds: sum(({ provenance }) => provenance.durationSeconds),
          cpuSeconds: sum(({ provenance }) => provenance.cpuSeconds),
        },
      };
    },
  };
}

/**
 * Runs what is not on disk yet, one process per core and one thread per process, and puts the study together. Started
 * again after it was killed, it goes on where its trainings were.
 * @throws as `loadDataset` does, or the first error of a cell; finished cells are kept.
 */
export async function runTabularStudy(
  config: TabularStudyConfig,
  { onProgress }: TabularStudyOptions = {},
): Promise<TabularStudy> {
  return runWhole(await planTabularStudy(config), onProgress);
}

/** A cell but for what all cells of a study have in common. */
type OwnPart = Omit<PlannedCell<TabularJob>, "study" | "data" | "engine">;

/** Every arm for every seed. */
function trainedCells({ dataset, preset, arms, seeds, scoring }: TabularStudyConfig): OwnPart[] {
  return seeds.flatMap((seed) =>
    arms.map(({ name, family, objective, keep = "best probe", ...own }): OwnPart => {
      const weighted = objective ? { objective } : {};
      const measured = familyNamed(family).generate ? scoring : { ...scoring, imputation: undefined };
      const config: TabularRunConfig = { dataset, family, preset: own.preset ?? preset, seed, ...weighted };
      return {
        arm: name,
        seed,
        computations: [family, "online probe", "scores", ...(measured.imputation ? ["imputation"] : [])],
        configuration: { ...askedOf(config), scoring: measured, keep },
        input: { features: "trained", config, scoring, keep },
      };
    }),
  );
}

/** What trained models stand beside: they are embedded or taken as they are, and probed. */
function controlCells({
  dataset,
  preset,
  arms,
  seeds,
  untrainedSeeds,
  scoring,
}: TabularStudyConfig): OwnPart[] {
  const names = [...new Set(arms.map(({ family }) => family))];
  const control = (features: "untrained" | "raw", family: string, seed: number): OwnPart => {
    const config: TabularRunConfig = { dataset, family, preset, seed };
    const { rows, testHeldOut, recipe } = resolveRun(config);
    const { aggregation, probe } = scoring;
    const encoder = { family, model: recipe.model, aggregation };
    const own = features === "untrained" ? encoder : {};
    return {
      arm: features === "untrained" ? `untrained ${family}` : "raw columns",
      seed,
      computations: ["scores"],
      configuration: { features, dataset, rows, testHeldOut, probe, ...own },
      input: { features, config, scoring },
    };
  };
  return [
    ...names.flatMap((family) => untrainedSeeds.map((seed) => control("untrained", family, seed))),
    control("raw", names[0], seeds[0]),
  ];
}

/** Writes a study, or several, to `<name>.json` in the figures folder; probabilities keep six significant digits. */
export async function saveTabularStudy(
  name: string,
  study: TabularStudy | readonly TabularStudy[],
  folder = figuresFolder(),
): Promise<void> {
  writeWhole(path.join(folder, `${name}.json`), `${JSON.stringify(study, rounded)}\n`);
}

/**
 * Writes the finished ones of some studies to `<name>.json`, a list in the order of `configs`. Those that are not finished here stay
 * as the file holds them; a file that holds others is left as it is, which is said on standard error.
 * @throws CannotWrite
 */
export async function saveTabularStudies(
  name: string,
  configs: readonly TabularStudyConfig[],
  finished: readonly TabularStudy[],
  folder = figuresFolder(),
): Promise<void> {
  const file = path.join(folder, `${name}.json`);
  const held = heldIn(file);
  const asWritten = (config: TabularStudyConfig) => JSON.parse(JSON.stringify(config, rounded));
  const isOf = (config: TabularStudyConfig) => (study: TabularStudy) =>
    isDeepStrictEqual(asWritten(study.provenance.config), asWritten(config));
  const others = held.filter((study) => !configs.some((config) => isOf(config)(study)));
  if (others.length > 0) {
    const data = others.map(({ provenance }) => provenance.config.dataset).join(", ");
    console.error(
      `${printable(file)} is left as it is: it holds results of another configuration (${data}); delete or rename it and run again to have it written`,
    );
    return;
  }
  const known = configs.flatMap((config) => finished.find(isOf(config)) ?? held.find(isOf(config)) ?? []);
  await saveTabularStudy(name, known, folder);
}

/** The studies in a file; none where there is no file, or nothing whole in it. */
function heldIn(file: string): readonly TabularStudy[] {
  if (!existsSync(file)) return [];
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return [];
  }
}

/** Six significant digits. */
const rounded = (_: string, value: unknown) =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
