import { paperDataSets } from "../data/datasets/index.js";
import { capability, familyNamed } from "../families/registry.js";
import { checkWeights, type TermWeights } from "../losses/term.js";
import { forImputation } from "../studies/imputation-preset.js";
import {
  overEpochs,
  ownTablePreset,
  type PublishedModels,
  type TabularPreset,
  type TabularPresetName,
  tabularPreset,
} from "../studies/tabular-presets.js";
import { recipeOf } from "../studies/tabular-run.js";
import type { TabularRecipe } from "../studies/tabular-selection.js";
import { UsageError } from "./usage-error.js";

/** What is typed to say which model is trained, and how. */
export interface RecipeOptions {
  readonly kind: string;
  readonly preset: TabularPresetName;
  readonly for: "embedding" | "imputation";
  readonly epochs?: number;
  readonly weights?: TermWeights;
}

/** How many rows a preset draws of a data set of the paper; undefined where all are used. */
export function rowsDrawn(input: string, preset: TabularPresetName): number | undefined {
  const ofPaper = paperDataSets.find(({ name }) => name === input);
  return ofPaper && tabularPreset(ofPaper.name, preset).rows;
}

/**
 * The preset of a data set of the paper or of another table.
 * @param rows that are trained on
 */
export function presetFor(
  input: string,
  preset: TabularPresetName,
  rows: number,
  features: number,
): TabularPreset<PublishedModels> {
  const ofPaper = paperDataSets.find(({ name }) => name === input);
  if (ofPaper) return tabularPreset(ofPaper.name, preset);
  if (preset === "medium" || preset === "paper")
    throw new UsageError(
      `--preset ${preset} is for the data sets of the paper; use "quick" or "standard" for another table`,
    );
  return ownTablePreset(preset, rows, features);
}

/**
 * The model that is asked for; with other epochs, warm-up and the rise of weights keep their share of them.
 * @param rows that are trained on
 */
export function recipeFor(
  preset: TabularPreset<PublishedModels>,
  options: RecipeOptions,
  rows: number,
): TabularRecipe {
  const { kind, epochs, weights = {} } = options;
  if (options.for === "imputation") asked("--for imputation", () => capability(kind, "generate"));
  asked("--weights", () => checkWeights(weights, Object.keys(familyNamed(kind).terms)));
  const suited = options.for === "imputation" ? forImputation(preset, rows) : preset;
  const lasting = epochs === undefined ? suited : overEpochs(suited, epochs);
  return recipeOf(lasting.models, kind, weights);
}

/** Says of what cannot be that it was asked for. */
function asked(option: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw new UsageError(`${option}: ${(error as Error).message}`);
  }
}
