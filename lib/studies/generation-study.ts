/** The study of generation: its cells, and what is put together from them. */
import { loadDigits } from "../data/digits.js";
import { startEngine } from "../engine/backend.js";
import { world } from "../engine/world.js";
import { type BoundProposal, boundProposals } from "../evaluation/generation/density-measures.js";
import { mean, variance } from "../moments.js";
import { figuresFolder } from "../settings.js";
import { engineKind } from "./cell.js";
import type { Claim } from "./claim.js";
import { generationClaims } from "./generation-claims.js";
import {
  type GenerationDataName,
  type GenerationStudyConfig,
  type GenerationTask,
  generationArms,
} from "./generation-plan.js";
import type { GenerationRunInput, GenerationRunResult } from "./generation-run.js";
import { type PairsMeasured, pairsCells } from "./pairs-cells.js";
import { planInPart } from "./plan-in-part.js";
import type { RunsProvenance } from "./provenance.js";
import { writeResults } from "./result-files.js";
import { type PlannedCell, type PlanOptions, runWhole, type StudyPlan } from "./run-plan.js";

/** One number: mean and sample standard deviation over the runs that have it. */
export interface GenerationCell {
  readonly data: GenerationDataName;
  readonly density: string;
  readonly measure: string;
  readonly mean: number;
  /** `null` with a single run. */
  readonly std: number | null;
  readonly runs: number;
}

/** The bound of a density's log-likelihood over K, in nats per row, mean and deviation over runs. */
export interface GenerationCurve {
  readonly data: GenerationDataName;
  readonly density: string;
  readonly proposal: BoundProposal;
  readonly points: readonly {
    readonly samples: number;
    readonly mean: number;
    readonly std: number | null;
  }[];
}

/** The study, or what there is of it. */
export interface GenerationStudy {
  readonly cells: readonly GenerationCell[];
  readonly claims: readonly Claim[];
  readonly curves: readonly GenerationCurve[];
  readonly provenance: RunsProvenance<GenerationStudyConfig>;
}

/**
 * The study as cells, one for every run, kind of pairs and arm.
 * @throws when a model's name is not known, or the digits are missing.
 */
export async function planGeneration(
  config: GenerationStudyConfig,
): Promise<StudyPlan<GenerationRunInput, GenerationRunResult, GenerationStudy>> {
  const engine = await startEngine();
  const { study, models, runs, seed, tasks } = config;
  const kind = engineKind(engine);
  const sums = new Map(tasks.map((task) => [task.name, digitsSha256(task)]));
  // Run by run, so that what is stopped midway has the same runs of every density.
  const planned = Array.from({ length: runs }, (_, run) => run).flatMap((run) =>
    tasks.flatMap((task) =>
      Object.entries(generationArms(task, models)).map(([name, arm]) => {
        const { data, scoring } = task;
        const deciding = { arm, seed, data, scoring };
        return {
          ...{ name, data: task.name },
          cell: {
            ...{ study, arm: `${task.name} ${name}`, seed: run, engine: kind },
            ...{ computations: ["generation"], configuration: deciding, data: sums.get(task.name) },
            ...{ input: { ...deciding, run }, stage: task.name },
          } satisfies PlannedCell<GenerationRunInput>,
        };
      }),
    ),
  );
  const program = new URL("./generation-run.js", import.meta.url);
  const cells = planned.map(({ cell }) => cell);
  return planInPart<GenerationRunInput, GenerationRunResult, GenerationStudyConfig, GenerationStudy>(
    { config, engine, program, cells },
    (found, provenance) => {
      const densities = found.flatMap((own, i) =>
        Object.entries(own?.result.densities ?? {}).map(([name, { measures, curves }]) => ({
          data: planned[i].data,
          density: name === "model" ? planned[i].name : name,
          ...{ run: planned[i].cell.seed, measures, curves },
        })),
      );
      const measured = densities.map(
        ({ data, density, run, measures }): PairsMeasured & { readonly setting: GenerationDataName } => ({
          ...{ configuration: density, setting: data, run },
          measures: Object.entries(measures)
            .filter(([, value]) => Number.isFinite(value))
            .map(([measure, value]) => ({ measure, on: "samples", value })),
        }),
      );
      return {
        cells: pairsCells(measured).map(({ configuration, setting, on: _, ...own }) => ({
          ...{ data: setting as GenerationDataName, density: configuration, ...own },
        })),
        claims: tasks.flatMap(({ name, scoring }) =>
          generationClaims(
            name,
            measured.filter(({ setting }) => setting === name),
            scoring.draws.level,
          ),
        ),
        curves: generationCurves(densities),
        provenance,
      };
    },
  );
}

/** Sum of the digits that a task reads, where it reads any. */
function digitsSha256({ data }: GenerationTask): string | undefined {
  if (!("digits" in data)) return undefined;
  const read = [
    loadDigits({ split: "train", limit: data.trainRows }),
    loadDigits({ split: "test", limit: data.evaluationRows }),
  ];
  return world().sha256(read.flatMap(({ images, labels }) => [images, labels]));
}

type MeasuredCurves = Pick<GenerationCurve, "data" | "density"> & {
  readonly curves: GenerationRunResult["densities"][string]["curves"];
};

/** Every density and proposal, in the order of the runs. */
function generationCurves(densities: readonly MeasuredCurves[]): GenerationCurve[] {
  const groups = new Map<string, MeasuredCurves[]>();
  for (const one of densities) {
    const name = JSON.stringify([one.data, one.density]);
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return [...groups.values()].flatMap((group) =>
    boundProposals.flatMap((proposal): GenerationCurve[] => {
      const found = group.flatMap(({ curves }) => {
        const curve = curves[proposal];
        return curve ? [curve] : [];
      });
      if (found.length === 0) return [];
      const points = found[0].map(({ samples }, i) => {
        const values = found.map((curve) => curve[i].mean);
        return {
          ...{ samples, mean: mean(values) },
          std: values.length > 1 ? Math.sqrt(variance(values)) : null,
        };
      });
      return [{ data: group[0].data, density: group[0].density, proposal, points }];
    }),
  );
}

/**
 * Runs what is not on disk yet and puts the study together.
 * @throws when a model's name is not known, or a cell fails; finished ones are kept.
 */
export async function runGeneration(
  config: GenerationStudyConfig,
  { onProgress }: Pick<PlanOptions, "onProgress"> = {},
): Promise<GenerationStudy> {
  return runWhole(await planGeneration(config), onProgress);
}

/**
 * Writes the study's JSON (cells, claims, curves, provenance) to the figures folder, a line for every entry. A file that holds more is
 * left as it is, which is said.
 * @throws CannotWrite
 */
export function saveGeneration(study: GenerationStudy): void {
  writeResults(figuresFolder(study.provenance.config.preset), "generation.json", { ...study });
}
