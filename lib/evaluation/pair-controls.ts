/** What latents of pairs must be measured against: features of one view that no objective of pairs has made. */
import type { Views } from "../data/simulation.js";
import { fold, type Key } from "../engine/random.js";
import { initialVarJepa, type VarJepaConfig } from "../models/var-jepa.js";
import type { TrainingSettings } from "../training/fit-task.js";
import type { PairModel } from "./embed.js";
import type { FeatureSets } from "./feature-measures.js";
import { principalComponents } from "./principal-components.js";
import { supervisedFeatures } from "./supervised-features.js";

/** The controls of one view. */
export type PairControl = "raw" | "pca" | "one-component" | "supervised";

/** The same model with start weights: it is measured as a trained one is, on means and on samples. */
export function untrainedPairs(key: Key, config: VarJepaConfig): PairModel {
  const parameters = initialVarJepa(key, config);
  return { parameters, config, ...(config.targetDecay !== undefined && { average: parameters }) };
}

/**
 * Features of one view without a model of pairs: the view itself, its first d principal components (of at most as many columns as it
 * has), the first alone, and what an encoder of the model's sizes learns that is told the class. All are learned on the rows
 * that are fitted on.
 * @param training of the supervised encoder
 */
export async function pairControls(
  key: Key,
  view: "x" | "y",
  fitted: Views,
  scored: Views,
  model: VarJepaConfig,
  training: TrainingSettings,
): Promise<Record<PairControl, FeatureSets>> {
  const [own, other] = [fitted[view], scored[view]];
  const columns = own.length / fitted.rows;
  const width = Math.min(model.d, columns);
  const sets = (map: (rows: Float32Array) => Float32Array, count: number): FeatureSets => ({
    columns: count,
    fitted: map(own),
    scored: map(other),
  });
  return {
    raw: sets((rows) => rows, columns),
    pca: sets(principalComponents(own, columns, width), width),
    "one-component": sets(principalComponents(own, columns, 1), 1),
    supervised: sets(await supervisedFeatures(fold(key, view), own, fitted.labels, model, training), model.d),
  };
}
