import type { ModelOf } from "../families/registry.js";
import type { ModelSettings } from "../training/fit.js";
import { stepsPerEpoch } from "../training/schedule.js";
import { type FamilySettings, overEpochs, type TabularPreset } from "./tabular-presets.js";

/**
 * A preset changed for imputation: the same model with what lets its predictor learn from the context within a few
 * thousand updates, and `imputationChanges.updates` times as many of these, up to a whole epoch; `choicesStudy` takes the
 * choices back one at a time.
 * @param rows that are trained on, by which updates are counted; left out, as many as fill every batch, of which there are fewer
 * updates where they do not
 */
export function forImputation<
  Models extends FamilySettings & { readonly "var-t-jepa": ModelSettings<ModelOf<"var-t-jepa">> },
>(preset: TabularPreset<Models>, rows?: number): TabularPreset<Models> {
  const { epochs: before, batchSize: printed } = preset.models["var-t-jepa"].training;
  const batchSize = Math.min(printed, imputationChanges.largestBatch);
  const perEpoch = (batch: number) => (rows === undefined ? 1 / batch : stepsPerEpoch(rows, batch));
  const longer = (imputationChanges.updates * perEpoch(printed)) / perEpoch(batchSize);
  const epochs = Math.max(1, Math.round(longer * before));
  const { model, objective, training } = overEpochs(preset, epochs).models["var-t-jepa"];
  const suited = {
    model: {
      ...model,
      ...imputationChanges.model,
      targetSamples: 1,
      masks: { ...model.masks, ...imputationChanges.masks },
      predictor: { ...model.predictor, ...imputationChanges.predictor },
    },
    objective: { ...objective, ...imputationChanges.objective },
    training: {
      ...training,
      ...imputationChanges.training,
      batchSize,
      annealEpochs: { ...training.annealEpochs, klSy: imputationChanges.annealShare * epochs },
    },
  };
  const probe = { ...preset.probe, every: Math.max(1, Math.round(longer * preset.probe.every)) };
  return { ...preset, probe, models: { ...preset.models, "var-t-jepa": suited } };
}

/** What `forImputation` sets, beside one sample of s_w a step. */
export const imputationChanges = {
  model: { tokenScale: 16, sigma: "per token", initialLogSigma: -1.5 },
  /** What is generated weighs most; the ELBO beside it keeps q(s_y|s_x,z,y) and the predictor together. */
  objective: { rec: 0.003, gen: 0.03, klSx: 1e-4, klZ: 0.03, klSy: 0.03, predictive: 1 },
  /** Share of the training over which the weight of KL_sy rises. */
  annealShare: 1,
  masks: { contextMin: 0.5, contextMax: 1, targetMin: 0.1, targetMax: 0.7, targetViews: 2 },
  predictor: { width: 64, layers: 2, ff: 128 },
  largestBatch: 128,
  /** Times as many as the preset makes: on 800 rows of Adult held-out cells are told better up to the 3,500 that were tried. */
  updates: 8,
  training: { learningRate: 2e-3, beta2: 0.95 },
} as const;
