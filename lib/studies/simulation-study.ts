/** The simulation study (Section 6.1, Table 1, Figure 2): ten objectives, several runs each, against the published numbers. */
import path from "node:path";
import { checkWhole } from "../checks.js";
import { type SimulationConfig, simulationDefaults } from "../data/simulation.js";
import { describeEngine, startEngine } from "../engine/backend.js";
import { type ProbeConfig, probeDefaults } from "../evaluation/predictors/mlp-probe.js";
import { writeWhole } from "../files/whole-file.js";
import type { TermWeights } from "../losses/term.js";
import { varJepaDefaults } from "../models/var-jepa.js";
import { type VariantName, variantNames, variantOf } from "../papers/var-jepa/simulation-variants.js";
import { figuresFolder, type Preset } from "../settings.js";
import type { TrainingSettings } from "../training/fit-task.js";
import { engineKind } from "./cell.js";
import type { Claim } from "./claim.js";
import { libraryVersion } from "./provenance.js";
import { type PlannedCell, runWhole, type StudyPlan, spanOf } from "./run-plan.js";
import { simulationClaims } from "./simulation-claims.js";
import type { SimulationRunInput, SimulationRunResult } from "./simulation-run.js";
import { type TableCell, tableCells } from "./simulation-table.js";

/** Configuration of a study. */
export interface SimulationStudyConfig {
  readonly preset: Preset;
  readonly variants: readonly VariantName[];
  readonly runs: number;
  readonly seed: number;
  readonly data: SimulationConfig;
  readonly model: SimulationRunInput["model"];
  /** What each variant's weights are multiplied by; 1 where left out. */
  readonly scales?: TermWeights;
  readonly training: TrainingSettings;
  readonly probe: ProbeConfig;
  readonly probeOn: SimulationRunInput["probeOn"];
}

/** The paper's settings for the simulation study (Section 6.1). */
export const simulationTraining = {
  epochs: 40,
  batchSize: 512,
  learningRate: 1e-3,
  weightDecay: 1e-6,
  sigregForm: "var-jepa",
} as const satisfies TrainingSettings;

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
    training: simulationTraining,
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
    training: { ...simulationTraining, epochs: 20, batchSize: 256 },
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
  /** Wall-clock seconds in which any run was made. */
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
  /** Called whenever something got on: runs done (one in progress counts in part) of all runs. */
  readonly onProgress?: (done: number, total: number, label: string) => void;
}

/**
 * The study as cells, one for every variant and run, and what becomes of them.
 * @throws when a variant or a size is wrong.
 */
export async function planSimulationStudy(
  config: SimulationStudyConfig,
): Promise<StudyPlan<SimulationRunInput, SimulationRunResult, SimulationStudy>> {
  checkStudy(config);
  const engine = await startEngine();
  const { preset, variants, runs, scales = {}, ...same } = config;
  const cells = variants.flatMap((variant) => {
    const weights = Object.entries(variantOf(variant).objective);
    const objective = Object.fromEntries(
      weights.map(([name, weight]) => [name, weight * (scales[name] ?? 1)]),
    );
    const deciding = { ...same, objective };
    return Array.from(
      { length: runs },
      (_, run): PlannedCell<SimulationRunInput> => ({
        study: "simulation",
        arm: variant,
        seed: run,
        computations: ["simulation"],
        configuration: deciding,
        engine: engineKind(engine),
        input: { ...deciding, variant, run },
      }),
    );
  });
  return {
    workers: engine.workers,
    engine: describeEngine({ ...engine, workers: 1 }),
    program: new URL("./simulation-run.js", import.meta.url),
    cells,
    assemble: (finished) => {
      const results = finished.map(({ result }, i) => ({ ...result, variant: cells[i].input.variant }));
      const table = tableCells(results);
      const { startedAt, durationSeconds } = spanOf(finished);
      const cpuSeconds = Math.round(results.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0));
      return {
        cells: table,
        claims: simulationClaims(table),
        history: averageHistory(results),
        provenance: {
          ...{ preset, runs, seed: config.seed, engine: describeEngine(engine), version: libraryVersion() },
          ...{ startedAt, durationSeconds, cpuSeconds, config },
        },
      };
    },
  };
}

/**
 * Runs what is not on disk yet, one process per core, and puts the table together.
 * @throws when a variant or a size is wrong, or a run fails; finished runs are kept.
 */
export async function runSimulationStudy(
  config: SimulationStudyConfig,
  { onProgress }: StudyOptions = {},
): Promise<SimulationStudy> {
  return runWhole(await planSimulationStudy(config), onProgress);
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

function checkStudy({ variants, runs, seed }: SimulationStudyConfig): void {
  for (const variant of variants) variantOf(variant);
  if (variants.length === 0) throw new Error("variants is empty; name at least one");
  checkWhole("runs", runs, 1);
  checkWhole("seed", seed, 0);
}
