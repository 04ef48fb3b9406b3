/**
 * Features of a table scored beside what they must be measured against: the same encoder untrained, the raw columns,
 * and rows dropped at random. An untrained encoder keeps most of what a linear probe needs, so no score stands alone.
 */
import type { EncodedTable } from "../data/tables/preprocess.js";
import { fold, type Key, seedKey } from "../engine/random.js";
import type { Aggregation, RowUncertainty } from "../families/embed-table.js";
import type { Pooling } from "../families/pooling.js";
import { familyNamed } from "../families/registry.js";
import { tableShape } from "../families/table.js";
import { embeddingShape, embedEncoded } from "../inference/embed-rows.js";
import type { ImageRows } from "../models/modalities/patches/images.js";
import type { TrainedModel } from "../training/trained-model.js";
import { type EmbeddingDiagnostics, embeddingDiagnostics } from "./embedding-diagnostics.js";
import { type ClassificationScores, classificationScores } from "./metrics/classification-scores.js";
import { riskCoverage, type SelectiveScore, selectiveScores } from "./metrics/selective.js";
import { type LinearProbeConfig, linear, paperProbe } from "./predictors/linear.js";
import type { Features, Predictions, PredictorSplit } from "./predictors/predictor.js";
import { rawFeatures, tableFeatures } from "./raw-features.js";

/** Features of every row of a table, computed when they are asked for: one set of them is in memory at a time. */
export interface FeatureSource {
  /** What they are, equal for the seeds of one kind: "trained", "untrained", "raw". */
  readonly features: string;
  readonly seed: number | null;
  readonly compute: () => ComputedFeatures;
}

/** Features, and how uncertain the encoder is of each row if it says so. */
export interface ComputedFeatures extends Features {
  readonly uncertainty?: RowUncertainty;
}

/** How sources are scored. */
export interface ControlScoring {
  /** `paperProbe` when left out. */
  readonly probe?: LinearProbeConfig;
  /** Which of the encoder's two uncertainties drops rows; the mean of the deviations when left out. */
  readonly aggregation?: Aggregation;
}

/**
 * What rows are dropped by: the deviation of the encoder's posterior, or 1 − the largest probability of the probe (of
 * whichever predictor), which needs labels but is there for any features.
 */
export type Uncertainty = "posterior" | "probe";

/** Scores of predictions, whole and selectively. */
export interface SelectiveScores extends ClassificationScores {
  readonly selective: readonly {
    readonly by: Uncertainty;
    /** Without rows dropped, and without 10, 20 and 50 %; each beside dropping at random. */
    readonly scores: readonly SelectiveScore[];
    /** Area under the risk–coverage curve; at random it is 1 − accuracy. */
    readonly area: number;
  }[];
}

/** Scores of one source on the test rows. */
export interface ControlLine extends SelectiveScores, EmbeddingDiagnostics {
  readonly features: string;
  readonly seed: number | null;
}

/** A model without weights: enough to build it anew. */
export type Architecture = Pick<TrainedModel, "family" | "config">;

/** Embeddings of a trained model: of an encoded table, or of images. */
export function trainedSource(
  model: TrainedModel,
  data: EncodedTable | ImageRows,
  pooling: Pooling = "none",
): FeatureSource {
  return {
    features: "trained",
    seed: typeof model.seed === "number" ? model.seed : null,
    compute: () => ({
      ...embedEncoded(model, data, pooling),
      shape: [data.rows, ...embeddingShape(model, pooling)],
    }),
  };
}

/** Embeddings of the same architecture with start weights, one source per seed. */
export function untrainedSources(
  { family, config }: Architecture,
  data: EncodedTable | ImageRows,
  seeds: readonly number[],
  pooling: Pooling = "none",
): FeatureSource[] {
  return seeds.map((seed) => ({
    features: "untrained",
    seed,
    compute: () => {
      const parameters = familyNamed(family).initial(fold(seedKey(seed), "untrained"), config);
      return {
        ...embedEncoded({ family, config, parameters }, data, pooling),
        shape: [data.rows, ...embeddingShape({ family, config }, pooling)],
      };
    },
  }));
}

/** Standardised numbers and indicators of categories, without any encoder. */
export function rawSource(table: EncodedTable): FeatureSource {
  return {
    features: "raw",
    seed: null,
    compute: () => {
      const { values, columns } = rawFeatures(tableShape(table.schema), table);
      return { values, shape: [table.rows, columns, 1] };
    },
  };
}

/** Standardised numbers and codes of categories, for predictors that embed categories themselves; others make indicators of them. */
export function tableSource(table: EncodedTable): FeatureSource {
  return { features: "raw", seed: null, compute: () => tableFeatures(tableShape(table.schema), table) };
}

/** The class of every row, a whole number from 0. */
interface Labelled {
  readonly labels?: ArrayLike<number>;
}

/**
 * Trains a linear probe on the features of each source and scores it on the test rows, whole and selectively.
 * @param data whose labels are probed for
 * @param split rows to learn from and rows to score on
 * @throws when the data have no labels, or a source's features are not of its rows.
 */
export async function compareWithControls(
  key: Key,
  data: EncodedTable | (ImageRows & Labelled),
  sources: readonly FeatureSource[],
  split: PredictorSplit,
  scoring: ControlScoring = {},
): Promise<ControlLine[]> {
  const lines: ControlLine[] = [];
  for (const source of sources) lines.push(await scoreSource(key, data, source, split, scoring));
  return lines;
}

async function scoreSource(
  key: Key,
  { labels }: Labelled,
  { features, seed, compute }: FeatureSource,
  split: PredictorSplit,
  { probe = paperProbe, aggregation = "mean" }: ControlScoring,
): Promise<ControlLine> {
  if (!labels) throw new Error("the table has no labels; encode one with a target, or give labelled images");
  const { uncertainty, ...computed } = compute();
  const told = await linear.fit(fold(key, "probe"), computed, labels, split, probe);
  const { selective, ...scores } = scorePredictions(told, uncertainty?.[aggregation]);
  const [, tokens, width] = computed.shape;
  return {
    features,
    seed,
    ...scores,
    ...embeddingDiagnostics(computed.values, tokens * width),
    selective,
  };
}

/**
 * Scores what a predictor told, whole and without the rows that are most uncertain by the encoder and by the predictor itself.
 * @param posterior the encoder's uncertainty, if it tells any, of every row of the table: `[rows]`
 */
export function scorePredictions(
  { labels, predicted, probabilities, classes, split }: Predictions,
  posterior?: Float32Array,
): SelectiveScores {
  const doubt = Float64Array.from(labels, (_, i) => 1 - probabilities[i * classes + predicted[i]]);
  const by = (name: Uncertainty, values: ArrayLike<number>) => ({
    by: name,
    scores: selectiveScores(labels, predicted, values),
    area: riskCoverage(labels, predicted, values).area,
  });
  return {
    ...classificationScores(labels, predicted),
    selective: [
      ...(posterior
        ? [
            by(
              "posterior",
              Float32Array.from(split.test, (row) => posterior[row]),
            ),
          ]
        : []),
      by("probe", doubt),
    ],
  };
}
