/** The studies of real tables, as data. */
import { type PaperDataSetName, paperDataSets } from "../data/datasets/index.js";
import { largestContext } from "../evaluation/imputation.js";
import { publishedSettings } from "../papers/var-jepa/published.js";
import { publishedTable6 } from "../papers/var-jepa/published-table-6.js";
import type { Preset } from "../settings.js";
import { forImputation } from "./imputation-preset.js";
import { overEpochs, type PublishedModels, type TabularPreset, tabularPreset } from "./tabular-presets.js";
import { scoringDefaults, type TabularScoring } from "./tabular-scores.js";
import type { TabularArm, TabularStudyConfig } from "./tabular-study.js";

/** Names of the arms of `objectivesStudy`. */
export const studyArms = {
  table7: "Table 7's weights",
  imputation: "for imputation",
  tJepa: "T-JEPA",
} as const;

/**
 * The paper aggregates deviations by their 90th percentile on MNIST and SIM, by their mean elsewhere. Imputation sees
 * as many columns as the largest printed context, and all but the hidden one.
 */
function scoringOf(dataset: PaperDataSetName): TabularScoring {
  const { code } = paperDataSets.find(({ name }) => name === dataset)!;
  const { numeric, categorical } = publishedTable6[code];
  const table = { numeric, cardinalities: Array.from({ length: categorical }, () => 1) };
  const printed = largestContext({ table, masks: publishedSettings[code].masks });
  return {
    ...scoringDefaults,
    aggregation: dataset === "mnist" || dataset === "sim" ? "p90" : "mean",
    imputation: { ...scoringDefaults.imputation, visible: [printed, numeric + categorical - 1] },
  };
}

/** Less to impute, for the quick preset. */
const quickImputation = { sets: 1, samples: 32, testRows: 500, trainRows: 5_000 } as const;

/**
 * Var-T-JEPA with Table 7's weights, the same for imputation, and T-JEPA, beside untrained encoders and raw columns.
 * Quick: one seed. Standard: three.
 * @param dataset Adult, or what takes its place where it cannot be had
 */
export function objectivesStudy(preset: Preset, dataset: PaperDataSetName = "adult"): TabularStudyConfig {
  const base = tabularPreset(dataset, preset);
  // In Adult's place a part of another data set has to do, and fewer columns to impute.
  const own = dataset === "adult" ? base : { ...base, rows: 2_000 };
  const { epochs } = own.models["var-t-jepa"].training;
  const scoring = preset === "quick" ? quickScoring(dataset) : scoringOf(dataset);
  return {
    dataset,
    preset: dataset === "adult" ? preset : own,
    arms: [
      { name: studyArms.table7, family: "var-t-jepa" },
      {
        name: studyArms.imputation,
        family: "var-t-jepa",
        // A predictor takes more updates than a probe.
        preset: heldOut(overEpochs(forImputation(own), preset === "standard" ? 16 : epochs)),
        keep: "last",
      },
      { name: studyArms.tJepa, family: "t-jepa" },
    ],
    seeds: preset === "quick" ? [1] : [1, 2, 3],
    untrainedSeeds: preset === "quick" ? [1] : [1, 2, 3],
    scoring:
      dataset === "adult"
        ? scoring
        : { ...scoring, imputation: { ...scoring.imputation, features: instead, testRows: 200 } },
  };
}

/** Columns to impute in Adult's place, numeric and categorical ones of SIM. */
const instead = [0, 5, 10, 15, 20, 25, 28, 31];

/**
 * Adult with Table 7 to the letter: eight layers, ff 256, 10 epochs of warm-up, KL weights that rise over 15. The table
 * prints no number of epochs: 20 let both end. One seed; the last weights are kept.
 */
export function letterStudy(): TabularStudyConfig {
  const paper = tabularPreset("adult", "paper");
  const own = paper.models["var-t-jepa"];
  const lasting = { ...own, training: { ...own.training, epochs: 20 } };
  const preset = { ...paper, models: { ...paper.models, "var-t-jepa": lasting } };
  return {
    dataset: "adult",
    preset,
    arms: [{ name: "Table 7 to the letter", family: "var-t-jepa", keep: "last" }],
    seeds: [1],
    untrainedSeeds: [],
    scoring: scoringOf("adult"),
  };
}

/** Imputation is measured on rows that the model has not seen; probes are few, the last weights are kept. */
function heldOut(preset: TabularPreset<PublishedModels>): TabularPreset<PublishedModels> {
  const every = Math.ceil(preset.models["var-t-jepa"].training.epochs / 4);
  return { ...preset, probe: { ...preset.probe, every }, testHeldOut: true };
}

/** The arm of `choicesStudy` that nothing is taken back of. */
export const asChosen = "as chosen";

/** Weights of KL_sy below that of `forImputation` that `choicesStudy` sweeps, as names of its arms. */
export const sweptWeights = ["0.01", "0.001", "0.00001"] as const;

/**
 * The small model for imputation on Adult, some 2,400 updates, with one choice of `forImputation` taken back at a time,
 * and with smaller weights of KL_sy.
 */
export function choicesStudy(): TabularStudyConfig {
  const printed = tabularPreset("adult", "quick");
  const preset = heldOut(overEpochs(forImputation(printed), 8));
  const { model, training } = printed.models["var-t-jepa"];
  const chosen = preset.models["var-t-jepa"];
  const { learningRate } = training;
  const { predictive, ...elbo } = chosen.objective;
  const halfRise = { ...chosen.training.annealEpochs, klSy: chosen.training.epochs / 2 };
  const arm = (name: string, change: Partial<typeof chosen>): TabularArm => ({
    name,
    family: "var-t-jepa",
    keep: "last",
    preset: { ...preset, models: { ...preset.models, "var-t-jepa": { ...chosen, ...change } } },
  });
  return {
    dataset: "adult",
    preset,
    arms: [
      { name: asChosen, family: "var-t-jepa", keep: "last" },
      arm("start of tokens not scaled", { model: { ...chosen.model, tokenScale: 1 } }),
      arm("the ELBO alone", { objective: { ...elbo, rec: 0.1, gen: 1, klSy: 1 } }),
      arm("the ELBO at its full weight", { objective: { ...elbo, rec: 0.1, gen: 1, klSy: 1, predictive } }),
      arm("no ELBO", { objective: { predictive } }),
      arm("one σ", { model: { ...chosen.model, sigma: "learned" } }),
      arm("σ fixed to 1", { model: { ...chosen.model, sigma: "fixed", initialLogSigma: 0 } }),
      arm("σ from 1 on", { model: { ...chosen.model, initialLogSigma: 0 } }),
      arm("printed masks", { model: { ...chosen.model, masks: model.masks } }),
      arm("predictor of width 16", { model: { ...chosen.model, predictor: model.predictor } }),
      arm("β₂ = 0.999", { training: { ...chosen.training, beta2: undefined } }),
      arm("learning rate 1e-3", { training: { ...chosen.training, learningRate } }),
      arm("KL weight risen by half", { training: { ...chosen.training, annealEpochs: halfRise } }),
      ...sweptWeights.map(
        (alpha): TabularArm => ({
          name: alpha,
          family: "var-t-jepa",
          objective: { klSy: Number(alpha) },
          keep: "last",
        }),
      ),
    ],
    seeds: [1],
    untrainedSeeds: [],
    scoring: quickScoring("adult"),
  };
}

/** Both models with the printed settings on every data set, at the quick preset; imputation is not measured. */
export function quickStudies(): TabularStudyConfig[] {
  const scoring = (name: PaperDataSetName): TabularScoring => {
    const own = quickScoring(name);
    return { ...own, imputation: { ...own.imputation, visible: [] } };
  };
  return paperDataSets.map(({ name }) => ({
    dataset: name,
    preset: "quick",
    arms: [
      { name: studyArms.table7, family: "var-t-jepa" },
      { name: studyArms.tJepa, family: "t-jepa" },
    ],
    seeds: [1],
    untrainedSeeds: [1],
    scoring: scoring(name),
  }));
}

function quickScoring(dataset: PaperDataSetName): TabularScoring {
  const scoring = scoringOf(dataset);
  return { ...scoring, imputation: { ...scoring.imputation, ...quickImputation } };
}
