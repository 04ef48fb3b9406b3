/** The simulation study (Section 6.1, Table 1, Figure 2): ten objectives, several runs each, against the published numbers. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { type SimulationConfig, simulationDefaults } from "../data/simulation.js";
import { describeEngine, startEngine } from "../engine/backend.js";
import { runJobs } from "../engine/worker-pool.js";
import { type ProbeConfig, probeDefaults } from "../evaluation/probe.js";
import { writeWhole } from "../files/whole-file.js";
import { varJepaDefaults } from "../models/var-jepa.js";
import { figuresFolder, type Preset, projectFolder } from "../settings.js";
import { type VarJepaTraining, varJepaTrainingDefaults } from "../training/train-var-jepa.js";
import { openRunStore } from "./run-store.js";
import { type Claim, simulationClaims } from "./simulation-claims.js";
import type { SimulationRunInput, SimulationRunResult } from "./simulation-run.js";
import { type TableCell, tableCells } from "./simulation-table.js";
import { type VariantName, variantNames, variantOf } from "./simulation-variants.js";

/** Configuration of a study. */
export interface SimulationStudyConfig {
  readonly preset: Preset;
  readonly variants: readonly VariantName[];
  readonly runs: number;
  readonly seed: number;
  readonly data: SimulationConfig;
  readonly model: SimulationRunInput["model"];
  readonly training: VarJepaTraining;
  readonly probe: ProbeConfig;
  readonly probeOn: SimulationRunInput["probeOn"];
}

const { dx: _dx, dy: _dy, d: _d, dz: _dz, ...networks } = varJepaDefaults;

/** `standard` is the paper's study; `quick` has one run and fewer, smaller steps for the same verdict on every claim. */
export const simulationPresets: Record<Preset, SimulationStudyConfig> = {
  standard: {
    preset: "standard",
    variants: variantNames,
    runs: 5,
    seed: 1,
    data: simulationDefaults,
    model: networks,
    training: varJepaTrainingDefaults,
    probe: probeDefaults,
    probeOn: "means",
  },
  quick: {
    preset: "quick",
    variants: variantNames,
    runs: 1,
    seed: 1,
    data: { ...simulationDefaults, trainRows: 4_000 },
    model: networks,
    training: { ...varJepaTrainingDefaults, epochs: 20, batchSize: 256 },
    probe: { ...probeDefaults, epochs: 20 },
    probeOn: "means",
  },
};

/** One epoch of one variant: the mean over runs of every diagnostic and term. */
export interface HistoryPoint {
  readonly variant: VariantName;
  readonly epoch: number;
  /** Keyed `sx.klAggregate`, …, and by the names of the terms. */
  readonly values: Readonly<Record<string, number>>;
}

/** Where a result comes from. */
export interface Provenance {
  readonly preset: Preset;
  readonly runs: number;
  readonly seed: number;
  readonly engine: string;
  readonly version: string;
  readonly startedAt: string;
  /** Wall-clock seconds of all sittings together. */
  readonly durationSeconds: number;
  /** Processor seconds of all runs together: what the study costs whatever else the machine does. */
  readonly cpuSeconds: number;
  readonly config: SimulationStudyConfig;
}

/** A finished study. */
export interface SimulationStudy {
  readonly cells: readonly TableCell[];
  readonly claims: readonly Claim[];
  readonly history: readonly HistoryPoint[];
  readonly provenance: Provenance;
}

/** How to run a study, apart from what it computes. */
export interface StudyOptions {
  /** Called whenever something finished: epochs done of all epochs, runs found on disk counted as done. */
  readonly onProgress?: (done: number, total: number, label: string) => void;
  /** Forget finished runs of the same configuration. */
  readonly fresh?: boolean;
}

/**
 * Runs what is not on disk yet, one process per core, and puts the table together.
 * @throws when a variant or a size is wrong, or a run fails; finished runs are kept.
 */
export async function runSimulationStudy(
  config: SimulationStudyConfig,
  { onProgress, fresh = false }: StudyOptions = {},
): Promise<SimulationStudy> {
  checkStudy(config);
  const engine = await startEngine();
  const program = new URL("./simulation-run.js", import.meta.url);
  const { preset: _preset, variants: _variants, runs: _runs, ...deciding } = config;
  const store = openRunStore("simulation", { ...deciding, engine: engine.source }, program, fresh);
  const jobs = config.variants.flatMap((variant) =>
    Array.from({ length: config.runs }, (_, run): SimulationRunInput => ({ ...deciding, variant, run })),
  );
  const nameOf = ({ variant, run }: SimulationRunInput) => `${variant}-${run}`;
  const stored = (job: SimulationRunInput) => store.get(nameOf(job)) as SimulationRunResult | undefined;

  const open = jobs.filter((job) => stored(job) === undefined);
  const clock = sittingClock(store, fresh || open.length === jobs.length);
  const epochsDone = new Map(open.map((job) => [nameOf(job), 0]));
  const tell = (label: string) => {
    const missing = open.length * config.training.epochs;
    const made = [...epochsDone.values()].reduce((sum, epochs) => sum + epochs, 0);
    const total = jobs.length * config.training.epochs;
    onProgress?.(total - missing + made, total, label);
  };
  await runJobs<SimulationRunInput, SimulationRunResult>(program, open, {
    workers: engine.workers,
    onProgress: (i, epoch) => {
      epochsDone.set(nameOf(open[i]), epoch as number);
      tell(nameOf(open[i]));
    },
    onDone: (i, result) => {
      store.set(nameOf(open[i]), result);
      clock.save();
    },
  });

  const results = jobs.map((job) => stored(job) as SimulationRunResult);
  const cells = tableCells(results);
  return {
    cells,
    claims: simulationClaims(cells),
    history: averageHistory(results),
    provenance: {
      preset: config.preset,
      runs: config.runs,
      seed: config.seed,
      engine: describeEngine(engine),
      version: libraryVersion(),
      ...clock.read(),
      cpuSeconds: Math.round(results.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)),
      config,
    },
  };
}

/** Writes `table-1.json` (cells, claims, provenance) and `figure-2.json` (history, provenance) to the figures folder. */
export async function saveSimulationStudy({ history, ...table }: SimulationStudy): Promise<void> {
  const folder = figuresFolder(table.provenance.preset);
  const save = (name: string, content: unknown) =>
    writeWhole(path.join(folder, name), `${JSON.stringify(content, null, 1)}\n`);
  save("table-1.json", table);
  save("figure-2.json", { history, provenance: table.provenance });
}

function averageHistory(results: readonly SimulationRunResult[]): HistoryPoint[] {
  const variants = [...new Set(results.map(({ variant }) => variant))];
  return variants.flatMap((variant) => {
    const runs = results.filter((result) => result.variant === variant);
    return runs[0].history.map(({ epoch }, i) => {
      const values: Record<string, number> = {};
      for (const { history } of runs)
        for (const [name, value] of Object.entries(flatten(history[i])))
          values[name] = (values[name] ?? 0) + value / runs.length;
      return { variant, epoch, values };
    });
  });
}

function flatten({ terms, latents }: SimulationRunResult["history"][number]): Record<string, number> {
  const values: Record<string, number> = { ...terms };
  for (const [latent, diagnostics] of Object.entries(latents))
    for (const [name, value] of Object.entries(diagnostics)) values[`${latent}.${name}`] = value as number;
  return values;
}

/** Adds up the wall-clock time of all sittings of a study; saved with every finished run. */
function sittingClock(store: ReturnType<typeof openRunStore>, restart: boolean) {
  const began = performance.now();
  const earlier = restart
    ? undefined
    : (store.get("sittings") as { startedAt: string; durationSeconds: number });
  const startedAt = earlier?.startedAt ?? new Date().toISOString();
  let durationSeconds = earlier?.durationSeconds ?? 0;
  const before = durationSeconds;
  return {
    save() {
      durationSeconds = before + (performance.now() - began) / 1000;
      store.set("sittings", { startedAt, durationSeconds });
    },
    read: () => ({ startedAt, durationSeconds: Math.round(durationSeconds) }),
  };
}

function libraryVersion(): string {
  return JSON.parse(readFileSync(path.join(projectFolder, "package.json"), "utf8")).version;
}

function checkStudy({ variants, runs, seed }: SimulationStudyConfig): void {
  for (const variant of variants) variantOf(variant);
  if (variants.length === 0) throw new Error("variants is empty; name at least one");
  if (!Number.isInteger(runs) || runs < 1)
    throw new Error(`runs is ${runs}; use a whole number of at least 1`);
  if (!Number.isInteger(seed) || seed < 0)
    throw new Error(`seed is ${seed}; use a whole number of at least 0`);
}
