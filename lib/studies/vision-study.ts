/** The study of images: its cells, and what is put together from them. */

import { digitPart } from "../data/digit-parts.js";
import { startEngine } from "../engine/backend.js";
import { world } from "../engine/world.js";
import { figuresFolder } from "../settings.js";
import { engineKind } from "./cell.js";
import type { Claim } from "./claim.js";
import { trainingDigits } from "./digit-training.js";
import { pairsCells } from "./pairs-cells.js";
import { planInPart } from "./plan-in-part.js";
import type { RunsProvenance } from "./provenance.js";
import { writeResults } from "./result-files.js";
import { type PlannedCell, type PlanOptions, runWhole, type StudyPlan } from "./run-plan.js";
import { visionClaims } from "./vision-claims.js";
import type { VisionStudyConfig } from "./vision-plan.js";
import type { BlockPictures, VisionArm, VisionRunInput, VisionRunResult } from "./vision-run.js";

/** One number: mean and sample standard deviation over the seeds that have it. */
export interface VisionCell {
  /** The model, or what stands beside it. */
  readonly of: string;
  /** Where the block was hidden; left out of features. */
  readonly place?: string;
  readonly measure: string;
  readonly mean: number;
  /** `null` with a single seed. */
  readonly std: number | null;
  readonly runs: number;
}

/** The study, or what there is of it. */
export interface VisionStudy {
  readonly cells: readonly VisionCell[];
  readonly claims: readonly Claim[];
  /** Of the first seed. */
  readonly pictures: readonly BlockPictures[];
  readonly provenance: RunsProvenance<VisionStudyConfig>;
}

const arms: readonly VisionArm[] = ["controls", "var-i-jepa", "i-jepa"];

/** What of the configuration decides a cell: the models that it is of. */
function askedOf(arm: VisionArm, { models, scoring }: VisionStudyConfig): object {
  const { digits, models: both } = models;
  if (arm !== "controls") return { arm, digits, settings: both[arm], scoring };
  const encoders = { "var-i-jepa": both["var-i-jepa"].model, "i-jepa": both["i-jepa"].model };
  return { arm, digits, encoders, scoring };
}

/**
 * The study as cells, three for every seed: what nobody trained, and either model.
 * @throws when MNIST has fewer digits than the seeds ask for.
 */
export async function planVision(
  config: VisionStudyConfig,
): Promise<StudyPlan<VisionRunInput, VisionRunResult, VisionStudy>> {
  const engine = await startEngine();
  const { study, seeds, models, scoring } = config;
  const kind = engineKind(engine);
  // Seed by seed, so that what is stopped midway has the same seeds of every model.
  const cells = seeds.flatMap((seed) => {
    const read = [
      trainingDigits(models.digits, seed),
      digitPart("test", (seed - 1) * scoring.testDigits, scoring.testDigits),
    ];
    const data = world().sha256(read.flatMap(({ images, labels }) => [images, labels]));
    return arms.map(
      (arm): PlannedCell<VisionRunInput> => ({
        ...{ study, arm, seed, engine: kind, data },
        computations: arm === "controls" ? ["vision"] : [arm, "vision"],
        configuration: askedOf(arm, config),
        input: { arm, seed, models, scoring },
      }),
    );
  });
  const program = new URL("./vision-run.js", import.meta.url);
  return planInPart<VisionRunInput, VisionRunResult, VisionStudyConfig, VisionStudy>(
    { config, engine, program, cells },
    (found, provenance) => {
      const finished = found.filter((own) => own !== undefined);
      const measured = finished.flatMap(({ seed, result }) =>
        result.measures.map((own) => ({ ...own, seed })),
      );
      return {
        cells: pairsCells(
          measured.map(({ of, place, measure, value, seed }) => ({
            ...{ configuration: of, setting: place, run: seed },
            measures: [{ measure, on: "samples", value }],
          })),
        ).map(({ configuration, setting, on: _, ...own }) => ({
          ...{ of: configuration, ...(setting !== undefined && { place: setting }), ...own },
        })),
        claims: visionClaims(measured, Object.keys(scoring.blocks.places), scoring.blocks.draws.level),
        pictures: finished.flatMap(({ result }) => result.pictures ?? []),
        provenance,
      };
    },
  );
}

/**
 * Runs what is not on disk yet and puts the study together.
 * @throws when MNIST has fewer digits than the seeds ask for, or a cell fails; finished ones are kept.
 */
export async function runVision(
  config: VisionStudyConfig,
  { onProgress }: Pick<PlanOptions, "onProgress"> = {},
): Promise<VisionStudy> {
  return runWhole(await planVision(config), onProgress);
}

/**
 * Writes the study's JSON (cells, claims, pictures, provenance) to the figures folder. A file that holds more is left as it is, which is said.
 * @throws CannotWrite
 */
export function saveVision(study: VisionStudy): void {
  writeResults(figuresFolder(study.provenance.config.preset), "vision.json", { ...study });
}
