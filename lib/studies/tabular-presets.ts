/** Settings of the tabular study as data: for each of the seven data sets, and for other tables. */
import { type DataSetName, type PaperDataSetName, paperDataSets } from "../data/datasets/index.js";
import type { Aggregation } from "../families/embed-table.js";
import type { ModelOf } from "../families/registry.js";
import type { TermWeights } from "../losses/term.js";
import { varTJepaDefaults } from "../models/var-t-jepa.js";
import { type PublishedSetting, publishedEma, publishedSettings } from "../papers/var-jepa/published.js";
import type { Preset } from "../settings.js";
import type { ModelSettings } from "../training/fit.js";
import type { TrainingSettings } from "../training/fit-task.js";

/**
 * How much work a run is. `quick`: minutes, a smaller model for a few epochs. `medium`: the published model (MNIST aside)
 * for as many epochs as a Var-T-JEPA gets through in about ten processor minutes. `standard`: as many as fit into an hour
 * on two cores (Adult's model halved). `paper`: Tables 7 and 8 to the letter.
 */
export type TabularPresetName = Preset | "medium" | "paper";

/** When a checkpoint is probed, and when training stops early. */
export interface ProbePlan {
  /** C, epochs between probes; the last epoch is probed too. */
  readonly every: number;
  /** P, probes without improvement after which training stops. */
  readonly patience: number;
}

/** Settings by family, any of them to be passed to `fit`. */
export type FamilySettings = Readonly<Record<string, ModelSettings>>;

/** Models of a table, with how they are trained. */
export interface TabularPreset<Models extends FamilySettings = FamilySettings> {
  /** Rows of the table, drawn at random; left out, all of them. */
  readonly rows?: number;
  /** Keeps the test rows of the split out of training; as in the paper a model sees all rows when left out. */
  readonly testHeldOut?: boolean;
  /**
   * Keeps the validation rows out too, and chooses on them how far each column is shrunk towards its marginal
   * (`chooseShrinkage`).
   */
  readonly shrink?: boolean;
  readonly probe: ProbePlan;
  readonly models: Models;
}

/** The models of Tables 7 and 8. */
export type PublishedModels = ReturnType<typeof publishedModels>;

/** Their families, the paper's own first. */
export const publishedFamilies = [
  "var-t-jepa",
  "t-jepa",
] as const satisfies readonly (keyof PublishedModels)[];

/** What Tables 7 and 8 do not print. */
export const tabularDefaults = {
  /** With it, the rise of the KL weights (at most 100 epochs) is over by half of the training. */
  epochs: 200,
  weightDecay: 1e-5,
  /** The usual bound for transformers. AdamW does not feel a scale that stays, so only sudden jumps are tamed. */
  clipNorm: 1,
  /** N_aux of T-JEPA. */
  auxiliaryTokens: 1,
  probe: { every: 5, patience: 10 },
} as const;

/** What a preset changes in a published setting. */
interface Cut {
  readonly epochs: number;
  readonly rows?: number;
  readonly batchSize?: number;
  readonly encoder?: Partial<PublishedSetting["encoder"]>;
  readonly predictor?: Partial<PublishedSetting["predictor"]>;
  readonly masks?: Partial<PublishedSetting["masks"]>;
  /** Samples of s_w per step; as many as targets, 4, when left out. */
  readonly targetSamples?: number;
}

const fewLayers = {
  batchSize: 256,
  encoder: { layers: 2, ff: 64 },
  predictor: { layers: 1, ff: 64 },
  targetSamples: 1,
};

/** Two layers instead of 6 to 16, half the batch, one sample. MNIST: 1,000 rows, d = 32, one layer, one target, smaller masks. */
const quick: Readonly<Record<PaperDataSetName, Cut>> = {
  adult: { ...fewLayers, epochs: 3 },
  covertype: { ...fewLayers, epochs: 5 },
  electricity: { ...fewLayers, epochs: 4 },
  "credit-default": { ...fewLayers, epochs: 3 },
  "bank-marketing": { ...fewLayers, epochs: 3 },
  mnist: {
    epochs: 5,
    rows: 1_000,
    batchSize: 16,
    encoder: { width: 32, layers: 1, heads: 2, ff: 32 },
    predictor: { width: 16, layers: 1, ff: 32 },
    masks: { contextMin: 0.1, contextMax: 0.2, targetMin: 0.1, targetMax: 0.2, targetViews: 1 },
    targetSamples: 1,
  },
  sim: { ...fewLayers, epochs: 8 },
};

/** What MNIST is cut to beyond its epochs: 2,000 rows, two layers, one target, smaller masks. */
const fewDigits = {
  rows: 2_000,
  batchSize: 32,
  encoder: { layers: 2, ff: 64 },
  predictor: { ff: 64 },
  masks: { contextMin: 0.1, contextMax: 0.2, targetMin: 0.1, targetMax: 0.2, targetViews: 1 },
  targetSamples: 1,
};

/** The published model at its published batches, 140 (Covertype) to 980 (Electricity) updates. */
const medium: Readonly<Record<PaperDataSetName, Cut>> = {
  adult: { epochs: 4 },
  covertype: { epochs: 7 },
  electricity: { epochs: 11 },
  "credit-default": { epochs: 4 },
  "bank-marketing": { epochs: 4 },
  mnist: { ...fewDigits, epochs: 4 },
  sim: { epochs: 8 },
};

/**
 * The published model for fewer epochs. Adult: four layers with ff 128 instead of eight with 256, so that three seeds
 * of its study fit into two hours on two cores.
 */
const standard: Readonly<Record<PaperDataSetName, Cut>> = {
  adult: { epochs: 12, encoder: { layers: 4, ff: 128 } },
  covertype: { epochs: 30 },
  electricity: { epochs: 40 },
  "credit-default": { epochs: 20 },
  "bank-marketing": { epochs: 20 },
  mnist: { ...fewDigits, epochs: 16 },
  sim: { epochs: 30 },
};

/** Even to the letter MNIST has one sample of s_w: four of 784 features would quadruple the decoder's work. */
const paper = (name: PaperDataSetName): Cut => ({
  epochs: tabularDefaults.epochs,
  targetSamples: name === "mnist" ? 1 : undefined,
});

/**
 * The settings for a data set of the paper. Warm-up and KL rises are printed in epochs of a training whose length is
 * not; where a preset is shorter than `tabularDefaults.epochs` they keep their share of the whole.
 * @throws when the paper has no such data set, or there is no such preset.
 */
export function tabularPreset(name: DataSetName, preset: TabularPresetName): TabularPreset<PublishedModels> {
  const dataSet = paperDataSets.find((known) => known.name === name);
  if (!dataSet)
    throw new Error(
      `the paper has no settings for "${name}"; use ${paperDataSets.map((known) => known.name).join(", ")}, or ownTablePreset`,
    );
  const cut = preset === "paper" ? paper(dataSet.name) : { quick, medium, standard }[preset]?.[dataSet.name];
  if (!cut) throw new Error(`there is no preset "${preset}"; use quick, medium, standard or paper`);
  const every = Math.max(1, Math.min(tabularDefaults.probe.every, Math.floor(cut.epochs / 10)));
  const probe = { ...tabularDefaults.probe, every };
  return { rows: cut.rows, probe, models: publishedModels(publishedSettings[dataSet.code], cut) };
}

/** Updates of a training on another table, whatever its size. */
const ownTableSteps: Readonly<Record<Preset, number>> = { quick: 500, standard: 2_000 };

/**
 * Settings for another table, from Adult's line of Tables 7 and 8: the quick model or the published one, for a fixed
 * number of updates. With more features than Adult's 14 a batch has fewer rows, so that an update costs about the
 * same; beyond some 200 features it costs more.
 * @param rows that are trained on
 * @param features D
 */
export function ownTablePreset(
  preset: Preset,
  rows: number,
  features: number,
): TabularPreset<PublishedModels> {
  const base = preset === "quick" ? fewLayers : { batchSize: publishedSettings.AD.batchSize };
  const affordable = 2 ** Math.floor(Math.log2((base.batchSize * 14) / features));
  const batchSize = Math.min(base.batchSize, Math.max(16, affordable));
  const epochs = Math.max(1, Math.round(ownTableSteps[preset] / Math.ceil(rows / batchSize)));
  const every = Math.max(1, Math.round(epochs / 10));
  const probe = { ...tabularDefaults.probe, every };
  return { probe, models: publishedModels(publishedSettings.AD, { ...base, batchSize, epochs }) };
}

/** The same over other epochs: warm-up and the rise of the weights keep their share of the training. */
export function overEpochs<Models extends FamilySettings>(
  preset: TabularPreset<Models>,
  epochs: number,
): TabularPreset<Models> {
  const models = Object.entries(preset.models).map(([family, { training, ...settings }]) => {
    const { epochs: before, warmupEpochs, annealEpochs } = training;
    const share = epochs / before;
    const lengths = {
      ...(warmupEpochs === undefined ? {} : { warmupEpochs: share * warmupEpochs }),
      ...(annealEpochs && { annealEpochs: scaled(annealEpochs, share) }),
    };
    return [family, { ...settings, training: { ...training, epochs, ...lengths } }];
  });
  return { ...preset, models: Object.fromEntries(models) as Models };
}

function scaled(epochs: TermWeights, share: number): TermWeights {
  return Object.fromEntries(Object.entries(epochs).map(([name, length]) => [name, share * length]));
}

function publishedModels(published: PublishedSetting, cut: Cut) {
  const shared = {
    masks: { ...published.masks, ...cut.masks },
    encoder: { ...published.encoder, ...cut.encoder },
    predictor: { ...published.predictor, ...cut.predictor },
  };
  const share = Math.min(1, cut.epochs / tabularDefaults.epochs);
  const training: TrainingSettings = {
    epochs: cut.epochs,
    batchSize: cut.batchSize ?? published.batchSize,
    learningRate: published.learningRate,
    warmupEpochs: share * published.warmupEpochs,
    weightDecay: tabularDefaults.weightDecay,
    clipNorm: tabularDefaults.clipNorm,
  };
  const varTJepa: ModelSettings<ModelOf<"var-t-jepa">> = {
    model: {
      ...varTJepaDefaults,
      ...shared,
      targetSamples: cut.targetSamples ?? varTJepaDefaults.targetSamples,
    },
    objective: published.weights,
    training: { ...training, annealEpochs: scaled(published.annealEpochs, share) },
  };
  const tJepa: ModelSettings<ModelOf<"t-jepa">> = {
    model: {
      ...shared,
      clsTokens: varTJepaDefaults.clsTokens,
      auxiliaryTokens: tabularDefaults.auxiliaryTokens,
      ema: publishedEma,
    },
    objective: { prediction: 1 },
    training,
  };
  return { "var-t-jepa": varTJepa, "t-jepa": tJepa };
}

/** The paper aggregates deviations by their 90th percentile on MNIST and SIM, by their mean elsewhere. */
export function aggregationOf(dataset: PaperDataSetName): Aggregation {
  return dataset === "mnist" || dataset === "sim" ? "p90" : "mean";
}
