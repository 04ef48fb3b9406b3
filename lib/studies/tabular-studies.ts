/** The studies of real tables, as data. */
import { type PaperDataSetName, paperDataSets } from "../data/datasets/index.js";
import { largestContext } from "../evaluation/imputation.js";
import { publishedSettings } from "../papers/var-jepa/published.js";
import { publishedTable6 } from "../papers/var-jepa/published-table-6.js";
import type { Preset } from "../settings.js";
import { forImputation } from "./imputation-preset.js";
import {
  aggregationOf,
  overEpochs,
  ownTablePreset,
  type PublishedModels,
  type TabularPreset,
  tabularPreset,
} from "./tabular-presets.js";
import { scoringDefaults, type TabularScoring } from "./tabular-scores.js";
import type { TabularArm, TabularStudyConfig } from "./tabular-study.js";

/** Names of the arms of `objectivesStudy`. */
export const studyArms = {
  table7: "Table 7's weights",
  imputation: "for imputation",
  tJepa: "T-JEPA",
} as const;

/** Imputation sees as many columns as the largest printed context, and all but the hidden one. */
function scoringOf(dataset: PaperDataSetName): TabularScoring {
  const { code, numeric, categorical } = sizeOf(dataset);
  const table = { numeric, cardinalities: Array.from({ length: categorical }, () => 1) };
  const printed = largestContext({ table, masks: publishedSettings[code].masks });
  return {
    ...scoringDefaults,
    aggregation: aggregationOf(dataset),
    imputation: { ...scoringDefaults.imputation, visible: [printed, numeric + categorical - 1] },
  };
}

function sizeOf(dataset: PaperDataSetName) {
  const { code } = paperDataSets.find(({ name }) => name === dataset)!;
  return { code, ...publishedTable6[code] };
}

/** Less to impute, for the quick preset. */
const quickImputation = { sets: 1, samples: 32, testRows: 500, trainRows: 5_000 } as const;

/**
 * Var-T-JEPA with Table 7's weights and T-JEPA, beside untrained encoders and raw columns. Quick: one seed. Standard: three.
 * @param dataset Adult, or what takes its place where it cannot be had
 */
export function objectivesStudy(preset: Preset, dataset: PaperDataSetName = "adult"): TabularStudyConfig {
  const base = tabularPreset(dataset, preset);
  // In Adult's place a part of another data set has to do, and fewer columns to impute.
  const own = dataset === "adult" ? base : { ...base, rows: 2_000 };
  const scoring = preset === "quick" ? quickScoring(dataset) : scoringOf(dataset);
  return {
    dataset,
    preset: dataset === "adult" ? preset : own,
    arms: [
      { name: studyArms.table7, family: "var-t-jepa" },
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

/** Tables of which `imputationStudies` hides columns. */
const imputedTables = ["adult", "bank-marketing", "credit-default"] as const;

/** Rows of a small table: 875 are learnt from, 125 chosen on, 250 scored. */
const smallTable = 1_250;

/** Share of the rows that a model learns from, as in `studySplit`. */
const learntFrom = 0.7;

/** Updates on a whole table. */
const imputationUpdates = 9_600;

/**
 * Imputation of three tables, and of 1,000 rows of each, with one preset: every column hidden in turn, all others visible, beside
 * the marginal, a linear model, the nearest rows and boosted trees that learn from the same rows. Three seeds; of a small table
 * each has rows of its own. A whole table gets `imputationUpdates`, a small one the 4,000 that
 * `train --for imputation` makes.
 */
export function imputationStudies(): TabularStudyConfig[] {
  const whole = imputedTables.map((dataset) => imputationStudy(dataset, wholeTable(dataset)));
  const small = imputedTables.map((dataset) => {
    const trained = learntFrom * smallTable;
    const own = ownTablePreset("quick", trained, sizeOf(dataset).features);
    return imputationStudy(dataset, { ...forImputation(own, trained), rows: smallTable });
  });
  return [...whole, ...small];
}

/**
 * One seed of the models of Adult and of Bank, trained three times as long, warm-up and the rise of KL weights with it: whether length
 * is what they lack.
 */
export function longerImputationStudies(): TabularStudyConfig[] {
  return (["adult", "bank-marketing"] as const).map((dataset) => ({
    ...imputationStudy(dataset, wholeTable(dataset, 3 * imputationUpdates)),
    seeds: [1],
    untrainedSeeds: [],
  }));
}

function wholeTable(dataset: PaperDataSetName, updates = imputationUpdates): TabularPreset<PublishedModels> {
  const { rows } = sizeOf(dataset);
  const preset = forImputation(tabularPreset(dataset, "quick"));
  const steps = Math.ceil((learntFrom * rows) / preset.models["var-t-jepa"].training.batchSize);
  return overEpochs(preset, Math.round(updates / steps));
}

function imputationStudy(
  dataset: PaperDataSetName,
  preset: TabularPreset<PublishedModels>,
): TabularStudyConfig {
  const scoring = scoringOf(dataset);
  const visible = [sizeOf(dataset).features - 1];
  const imputation = {
    ...scoring.imputation,
    visible,
    trainRows: sizeOf(dataset).rows,
    coverage: true,
    trees: true,
  };
  return {
    dataset,
    preset: heldOut(preset),
    arms: [{ name: studyArms.imputation, family: "var-t-jepa", keep: "last" }],
    seeds: [1, 2, 3],
    untrainedSeeds: [1, 2, 3],
    scoring: { ...scoring, imputation },
  };
}

/**
 * Imputation is measured on rows that the model has not seen, and shrinkage chosen on others that it has not; probes are few, the
 * last weights are kept.
 */
function heldOut(preset: TabularPreset<PublishedModels>): TabularPreset<PublishedModels> {
  const every = Math.ceil(preset.models["var-t-jepa"].training.epochs / 4);
  return { ...preset, probe: { ...preset.probe, every }, testHeldOut: true, shrink: true };
}

/** The arm of `choicesStudy` that nothing is taken back of. */
export const asChosen = "as chosen";

/**
 * The small model for imputation on Adult, some 1,600 updates, with one choice of `forImputation` taken back at a time.
 */
export function choicesStudy(): TabularStudyConfig {
  const printed = tabularPreset("adult", "quick");
  const preset = heldOut(overEpochs(forImputation(printed), 6));
  const { model } = printed.models["var-t-jepa"];
  const chosen = preset.models["var-t-jepa"];
  const { predictive, ...elbo } = chosen.objective;
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
      arm("the ELBO alone", { objective: { ...elbo, rec: 0.1, gen: 1, klZ: 1, klSy: 1 } }),
      arm("the ELBO at its full weight", {
        objective: { ...elbo, rec: 0.1, gen: 1, klZ: 1, klSy: 1, predictive },
      }),
      arm("no ELBO", { objective: { predictive } }),
      arm("contexts as printed", { model: { ...chosen.model, masks: model.masks } }),
      arm("predictor of width 16", { model: { ...chosen.model, predictor: model.predictor } }),
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
