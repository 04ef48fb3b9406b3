/**
 * Features of a table scored beside what they must be measured against: the same encoder untrained, the raw columns,
 * and rows dropped at random. An untrained encoder keeps most of what a linear probe needs, so no score stands alone.
 */
import type { EncodedTable } from "../data/tables/preprocess.js";
import { fold, type Key, seedKey } from "../engine/random.js";
import type { RowEmbedding } from "../families/family.js";
import { familyNamed } from "../families/registry.js";
import { tableShape } from "../families/table.js";
import { embedEncoded } from "../inference/embed-rows.js";
import type { Aggregation } from "../models/var-t-jepa/embed.js";
import type { TableModel } from "../training/trained-model.js";
import type { ClassificationScores } from "./classification-scores.js";
import { type EmbeddingDiagnostics, embeddingDiagnostics } from "./embedding-diagnostics.js";
import { type LinearProbeConfig, linearProbe, paperProbe } from "./linear-probe.js";
import { rawFeatures } from "./raw-features.js";
import { riskCoverage, type SelectiveScore, selectiveScores } from "./selective.js";

/** Features of every row of a table, computed when they are asked for: one set of them is in memory at a time. */
export interface FeatureSource {
  /** What they are, equal for the seeds of one kind: "trained", "untrained", "raw". */
  readonly features: string;
  readonly seed: number | null;
  readonly compute: () => RowEmbedding;
}

/**
 * What rows are dropped by: the deviation of the encoder's posterior, or 1 − the probe's largest probability, which
 * needs labels but is there for any features.
 */
export type Uncertainty = "posterior" | "probe";

/** Scores of one source on the test rows. */
export interface ControlLine extends ClassificationScores, EmbeddingDiagnostics {
  readonly features: string;
  readonly seed: number | null;
  readonly selective: readonly {
    readonly by: Uncertainty;
    /** Without rows dropped, and without 10, 20 and 50 %; each beside dropping at random. */
    readonly scores: readonly SelectiveScore[];
    /** Area under the risk–coverage curve; at random it is 1 − accuracy. */
    readonly area: number;
  }[];
}

/** A model without weights: enough to build it anew. */
export type Architecture = Pick<TableModel, "family" | "config">;

/** Embeddings of a trained model. */
export function trainedSource(
  model: TableModel,
  table: EncodedTable,
  aggregation: Aggregation = "mean",
): FeatureSource {
  return {
    features: "trained",
    seed: typeof model.seed === "number" ? model.seed : null,
    compute: () => embedEncoded(model, table, aggregation),
  };
}

/** Embeddings of the same architecture with start weights, one source per seed. */
export function untrainedSources(
  { family, config }: Architecture,
  table: EncodedTable,
  seeds: readonly number[],
  aggregation: Aggregation = "mean",
): FeatureSource[] {
  return seeds.map((seed) => ({
    features: "untrained",
    seed,
    compute: () => {
      const weights = familyNamed(family).initial(fold(seedKey(seed), "untrained"), config);
      return embedEncoded({ family, config, weights }, table, aggregation);
    },
  }));
}

/** Standardised numbers and indicators of categories, without any encoder. */
export function rawSource(table: EncodedTable): FeatureSource {
  return {
    features: "raw",
    seed: null,
    compute: () => ({ values: rawFeatures(tableShape(table.schema), table).values }),
  };
}

/**
 * Trains a linear probe on the features of each source and scores it on the test rows, whole and selectively.
 * @param split rows to learn from and rows to score on
 * @throws when the table has no labels, or a source's features are not of its rows.
 */
export async function compareWithControls(
  key: Key,
  table: EncodedTable,
  sources: readonly FeatureSource[],
  split: { readonly train: Int32Array; readonly test: Int32Array },
  probe: LinearProbeConfig = paperProbe,
): Promise<ControlLine[]> {
  const lines: ControlLine[] = [];
  for (const source of sources) lines.push(await scoreSource(key, table, source, split, probe));
  return lines;
}

async function scoreSource(
  key: Key,
  { rows, labels }: EncodedTable,
  { features, seed, compute }: FeatureSource,
  { train, test }: { readonly train: Int32Array; readonly test: Int32Array },
  probe: LinearProbeConfig,
): Promise<ControlLine> {
  if (!labels) throw new Error("the table has no labels; encode one with a target");
  const { values, uncertainty } = compute();
  const columns = values.length / rows;
  const { probabilities, predicted, classes, ...scores } = await linearProbe(
    fold(key, "probe"),
    { values, columns, labels },
    train,
    test,
    probe,
  );
  const truth = test.map((row) => labels[row]);
  const doubt = Float64Array.from(truth, (_, i) => 1 - probabilities[i * classes + predicted[i]]);
  const by = (name: Uncertainty, values: ArrayLike<number>) => ({
    by: name,
    scores: selectiveScores(truth, predicted, values),
    area: riskCoverage(truth, predicted, values).area,
  });
  const posterior = uncertainty && Float32Array.from(test, (row) => uncertainty[row]);
  return {
    features,
    seed,
    ...scores,
    ...embeddingDiagnostics(values, columns),
    selective: [...(posterior ? [by("posterior", posterior)] : []), by("probe", doubt)],
  };
}
