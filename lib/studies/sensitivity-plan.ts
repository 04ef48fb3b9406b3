/** The sensitivity of Adult (Tables 4 and 5) as data: which cells there are. */

import { counted } from "../data/tables/quote.js";
import { predictors } from "../evaluation/predictors/all.js";
import type { table4Settings, table5Settings } from "../papers/var-jepa/published-table-4.js";
import { type DownstreamPart, SPLIT } from "./downstream-plan.js";
import {
  aggregationOf,
  type PublishedModels,
  type TabularPreset,
  type TabularPresetName,
  tabularPreset,
} from "./tabular-presets.js";

/** Factors on settings of Adult's preset. */
interface Factors {
  readonly kl?: number;
  /** On the weights of reconstruction and generation. */
  readonly likelihood?: number;
  readonly layers?: number;
  readonly width?: number;
  readonly predictorFf?: number;
  readonly learningRate?: number;
  readonly batchSize?: number;
}

/** The control of Tables 4 and 5: encoders that nobody trained. */
const UNTRAINED = "untrained";

/** Columns of ours beside Table 4: no training at all, and larger weights of the KLs than the paper tries. */
export const ownColumns = [UNTRAINED, "KL × 100", "KL × 1,000", "KL × 10,000"] as const;

/** The columns of Tables 4 and 5, as factors on Table 7's line for Adult, and ours. */
export const sensitivityFactors: Readonly<Record<SensitivityColumn, Factors>> = {
  Base: {},
  "Low KL": { kl: 0.1 },
  "High KL": { kl: 10 },
  "Low recon.": { likelihood: 0.1 },
  "High recon.": { likelihood: 10 },
  "High KL + low recon.": { kl: 10, likelihood: 0.1 },
  "Low KL + high recon.": { kl: 0.1, likelihood: 10 },
  Shallow: { layers: 0.5 },
  "Low pred.-FF": { predictorFf: 0.5 },
  Narrow: { width: 0.5, predictorFf: 0.5 },
  "High pred.-FF": { predictorFf: 2 },
  Deep: { layers: 2 },
  "Low LR": { learningRate: 0.5 },
  "Batch size 256": { batchSize: 0.5 },
  [UNTRAINED]: {},
  "KL × 100": { kl: 100 },
  "KL × 1,000": { kl: 1_000 },
  "KL × 10,000": { kl: 10_000 },
};

/** A column of Table 4 or 5, or one of ours. */
export type SensitivityColumn =
  | (typeof table4Settings)[number]
  | (typeof table5Settings)[number]
  | (typeof ownColumns)[number];

/** How much work the sensitivity study is. */
export interface SensitivityConfig {
  readonly preset: TabularPresetName;
  readonly seeds: readonly number[];
  /** MLP and ResNet learn from so many rows at most; from all without. */
  readonly trainRows?: number;
}

/** The quick encoder; the paper's factors then act on two layers, ff 64 and batches of 256. */
export const sensitivityStandard: SensitivityConfig = {
  preset: "quick",
  seeds: [1, 2, 3],
  trainRows: 10_000,
};

/** The paper's size. */
export const sensitivityPaper: SensitivityConfig = { preset: "paper", seeds: [1, 2, 3, 4, 5] };

/** A cell of the sensitivity study; without an arm the encoder alone. */
export interface SensitivityPart extends DownstreamPart {
  readonly column: SensitivityColumn;
}

/** All cells, encoders first. */
export function sensitivityParts({ preset, seeds, trainRows }: SensitivityConfig): SensitivityPart[] {
  const columns = Object.entries(sensitivityFactors) as [SensitivityColumn, Factors][];
  const cells = seeds.flatMap((seed) =>
    columns.flatMap(([column, factors]) =>
      ([...(column === UNTRAINED ? [] : [undefined]), "mlp", "resnet"] as const).map(
        (predictor): SensitivityPart => ({
          dataset: "AD",
          input: column === UNTRAINED ? "untrained var-t-jepa" : "var-t-jepa",
          seed,
          column,
          ...(trainRows && { setting: `${preset} encoder, learnt from ${counted(trainRows, "row")}` }),
          job: {
            features: column === UNTRAINED ? "untrained" : "trained",
            config: {
              dataset: "adult",
              family: "var-t-jepa",
              preset: changed(tabularPreset("adult", preset), factors),
              seed,
            },
            ...(predictor && {
              arm: {
                predictor,
                settings: predictors[predictor].defaults,
                view: "tokens",
                ...(trainRows && { trainRows }),
              },
            }),
            split: SPLIT,
            aggregation: aggregationOf("adult"),
          },
        }),
      ),
    ),
  );
  return cells.sort(
    (a, b) => a.seed - b.seed || Number(a.job.arm !== undefined) - Number(b.job.arm !== undefined),
  );
}

function changed(preset: TabularPreset<PublishedModels>, factors: Factors): TabularPreset<PublishedModels> {
  const {
    kl = 1,
    likelihood = 1,
    layers = 1,
    width = 1,
    predictorFf = 1,
    learningRate = 1,
    batchSize = 1,
  } = factors;
  const { model, objective, training } = preset.models["var-t-jepa"];
  const weights = { klSx: kl, klSy: kl, rec: likelihood, gen: likelihood };
  const scaled = Object.entries(objective).map(([term, weight]) => [
    term,
    weight * (weights[term as keyof typeof weights] ?? 1),
  ]);
  const { encoder, predictor } = model;
  return {
    ...preset,
    models: {
      ...preset.models,
      "var-t-jepa": {
        model: {
          ...model,
          encoder: { ...encoder, layers: layers * encoder.layers, width: width * encoder.width },
          predictor: { ...predictor, ff: predictorFf * predictor.ff },
        },
        objective: Object.fromEntries(scaled),
        training: {
          ...training,
          learningRate: learningRate * training.learningRate,
          batchSize: batchSize * training.batchSize,
        },
      },
    },
  };
}
