import type { EncodedTable } from "../data/tables/preprocess.js";
import { forImputation } from "../experiments/imputation-preset.js";
import {
  overEpochs,
  ownTablePreset,
  type TabularPreset,
  type TabularPresetName,
  tabularPreset,
} from "../experiments/tabular-presets.js";
import type { TabularRecipe } from "../experiments/tabular-selection.js";
import type { TabularElboWeights } from "../losses/tabular-elbo.js";
import type { TabularModel } from "../training/tabular-model.js";
import { trainTJepa } from "../training/train-t-jepa.js";
import type { TableTrainingOptions } from "../training/train-table.js";
import { trainVarTJepa } from "../training/train-var-t-jepa.js";
import { isDataSet } from "./input.js";
import { UsageError } from "./usage-error.js";

/** What is typed to say which model is trained, and how. */
export interface RecipeOptions {
  readonly kind: TabularRecipe["kind"];
  readonly preset: TabularPresetName;
  readonly for: "embedding" | "imputation";
  readonly epochs?: number;
  readonly weights?: Partial<TabularElboWeights>;
}

/** The preset of a data set or of another table. */
export function presetFor(
  input: string,
  preset: TabularPresetName,
  rows: number,
  features: number,
): TabularPreset {
  if (isDataSet(input)) return tabularPreset(input, preset);
  if (preset === "paper")
    throw new UsageError(
      '--preset paper is for the data sets of the paper; use "quick" or "standard" for a file',
    );
  return ownTablePreset(preset, rows, features);
}

/** The model that is asked for; with other epochs, warm-up and the rise of the KL weights keep their share of them. */
export function recipeFor(preset: TabularPreset, options: RecipeOptions): TabularRecipe {
  const { kind, epochs, weights } = options;
  const lasting = epochs === undefined ? preset : overEpochs(preset, epochs);
  if (kind === "t-jepa") {
    if (options.for === "imputation")
      throw new UsageError("--for imputation needs a decoder, which a t-jepa has not; use --kind var-t-jepa");
    if (weights)
      throw new UsageError("--weights are those of the ELBO's terms, which a t-jepa has not; leave them out");
    return { kind, ...lasting[kind] };
  }
  const { model, training } = (options.for === "imputation" ? forImputation(lasting) : lasting)[kind];
  return { kind, model, training: { ...training, weights: { ...training.weights, ...weights } } };
}

/** Trains what a recipe says. */
export function trainRecipe(
  recipe: TabularRecipe,
  table: EncodedTable,
  options: TableTrainingOptions,
): Promise<TabularModel> {
  return recipe.kind === "t-jepa"
    ? trainTJepa(table, { ...recipe, ...options })
    : trainVarTJepa(table, { ...recipe, ...options });
}
