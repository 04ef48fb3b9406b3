/**
 * Held-out imputation: every column is hidden in turn and generated from others through the predictor, and scored
 * beside its marginal, a linear model, the nearest rows and, if asked for, boosted trees that see the same columns.
 */
import { checkWhole } from "../checks.js";
import { featureNames, knownCells } from "../data/tables/known-cells.js";
import type { TableSplit } from "../data/tables/split.js";
import type { Table } from "../data/tables/table.js";
import { mostProbable } from "../distributions/categorical.js";
import { fold, type Key, permutation } from "../engine/random.js";
import {
  type GeneratedFeature,
  type GeneratedTable,
  heldOutLogLikelihood,
  imputeCategory,
  imputeNumeric,
} from "../families/generate-features.js";
import { tableShape } from "../families/table.js";
import { generateFromContexts } from "../inference/generate-encoded.js";
import { featureCount, type TableRows } from "../models/modalities/tabular/table.js";
import type { VarTJepaConfig } from "../models/var-t-jepa.js";
import { errorOfMean, mean } from "../moments.js";
import type { TableModel } from "../training/trained-model.js";
import { insideDraws } from "./coverage.js";
import { hiddenColumn } from "./hidden-column.js";
import {
  type BaselineData,
  type CellPredictions,
  type ChosenPredictions,
  fitMarginal,
  linearPredictions,
  nearestPredictions,
} from "./imputation-baselines.js";
import { averageScore, type Gain, gainOver, type ImputationScore, type Share } from "./imputation-score.js";
import { treePredictions } from "./imputation-trees.js";
import { decodePosteriors } from "./posterior-decoding.js";
import { shrunkPredictions } from "./shrunk-predictions.js";

/** How much imputation is measured on. */
export interface ImputationSettings {
  /** m, the columns that are visible when one is hidden; by default the largest context of training. */
  readonly visible?: number;
  /** Sets of visible columns drawn for each hidden one; with all others visible there is one only. */
  readonly sets: number;
  /** Draws of s_x and z per row; of s_y each has `categoryDraws` where it is not integrated exactly. */
  readonly samples: number;
  /** Columns to hide, one at a time; all by default. */
  readonly features?: readonly number[];
  /** Whether to count how often intervals of the draws hold the true number. */
  readonly coverage?: boolean;
  /** Whether boosted trees stand beside the model too; each column takes seconds to half a minute. */
  readonly trees?: boolean;
}

/** Two sets of visible columns, 32 draws a row. */
export const imputationDefaults: ImputationSettings = { sets: 2, samples: 32 };

/** Categorical columns with more categories than this have no linear model, no nearest rows and no trees beside them. */
export const mostComparedCategories = 200;

/** What a column is told by beside the model, and how much more the model tells. */
export interface Rivals {
  /** A linear model of the same visible columns, fitted on the training rows, its penalty chosen on validation rows. */
  readonly linear: (ImputationScore & { readonly gainOver: Gain }) | null;
  /** The nearest training rows by the same visible columns, their number chosen on validation rows. */
  readonly nearest: (ImputationScore & { readonly gainOver: Gain }) | null;
  /** If asked for: gradient-boosted trees on the same visible columns, their rounds and depth chosen on validation rows. */
  readonly trees?: (ImputationScore & { readonly gainOver: Gain }) | null;
}

/** A model's score, its gain over the marginal, and its rivals, none of which knows peaks. */
export interface Comparison extends Gain, Rivals {
  readonly marginal: ImputationScore;
  readonly model: ImputationScore;
}

/** A column by what it is told better than; `gain` is over its marginal. */
export interface ToldColumn extends Gain, Rivals {
  readonly column: string;
  /**
   * The column's distribution on the training rows: of a number a Gaussian, with peaks at values that many rows have where the model
   * knows them (`NumberShrinkage`).
   */
  readonly marginal: ImputationScore;
}

/** One hidden column; `gain` is the log-likelihood of the model less that of the marginal. */
export interface ColumnImputation extends ToldColumn {
  readonly feature: number;
  readonly kind: "numeric" | "categorical";
  /** Held-out rows that have the cell, and at least one visible one in every set. */
  readonly rows: number;
  /** Names of the visible columns, one list per set. */
  readonly visible: readonly (readonly string[])[];
  /**
   * Var-T-JEPA through its predictor: s_x of the visible columns, z ~ N(0, I), s_y ~ p(s_y|s_x,z). `atHalf` is its
   * log-likelihood with half of the samples: a log of a mean rises with them, so the two tell whether they are enough.
   */
  readonly model: ImputationScore & { readonly atHalf: number };
  /**
   * Of a model whose columns are shrunk towards their marginals, by a share chosen on held-out rows: `linear`, `nearest` and `trees`
   * are shrunk too, by the same rule on the validation rows, and these are all of them without.
   */
  readonly unshrunk?: Comparison;
  /** Of a number, if asked for: in how many rows the middle 90 % of the model's draws hold the true value (`insideInterval`). */
  readonly coverage?: Share;
  /**
   * The decoder on the embedding of the whole row, the hidden cell included: what got through the latents. No bound for
   * models that see the other cells: a linear one may tell more.
   */
  readonly reconstruction: ImputationScore;
}

/** All hidden columns, and on how many of them the model tells more than what it is compared with. */
export interface ImputationResult {
  readonly columns: readonly ColumnImputation[];
  /** How many columns are visible when one is hidden. */
  readonly visible: number;
  /** Held-out rows. */
  readonly rows: number;
  readonly samples: number;
  /** What doubling the samples to their number changed in log-likelihood: mean and largest |difference| over columns. */
  readonly convergence: { readonly mean: number; readonly largest: number };
  /** Columns with a positive gain, … */
  readonly aboveMarginal: number;
  /** … with one of more than two standard errors, … */
  readonly clearlyAboveMarginal: number;
  /** … with more log-likelihood than the linear model, and than the nearest rows. */
  readonly aboveLinear: number;
  readonly aboveNearest: number;
  /** … and than boosted trees, if they were asked for. */
  readonly aboveTrees?: number;
}

/**
 * Hides every column in turn and scores what the model and its comparisons say about it, on those held-out rows that
 * have the cell. Missing visible cells are left out of a row's context, as `imputeTable` does. Whether the rows are held
 * out from the model too is up to its training.
 * @param split rows that comparisons learn from, that their settings are chosen on, and to score on
 * @param key source of visible sets and latents
 * @param onProgress called with columns done of all
 * @returns the columns scored; left out is one that no row of a part has, and a number that is the same in all rows to learn from
 * @throws when the table lacks a column of the model, or a setting makes no sense.
 */
export async function imputationScores(
  model: TableModel<VarTJepaConfig>,
  { labels: _, ...table }: Table,
  split: TableSplit,
  key: Key,
  settings: ImputationSettings = imputationDefaults,
  onProgress?: (done: number, total: number) => void,
): Promise<ImputationResult> {
  const size = settings.visible ?? largestContext(model.config);
  checkSettings(featureCount(model.config.table), split, size, settings);
  const prepared = { model, table, known: knownCells(model.schema, table), size, split, key, settings };
  const hidden = settings.features ?? Array.from({ length: featureCount(model.config.table) }, (_, j) => j);
  const columns: ColumnImputation[] = [];
  for (const [i, feature] of hidden.entries()) {
    onProgress?.(i, hidden.length);
    // Lets progress be seen and Ctrl-C be heard between two columns.
    await new Promise((resolve) => setImmediate(resolve));
    const column = columnImputation(feature, prepared);
    if (column) columns.push(column);
  }
  onProgress?.(hidden.length, hidden.length);
  const count = (test: (column: ColumnImputation) => boolean) => columns.filter(test).length;
  const changes = columns.map(({ model: { logLikelihood, atHalf } }) => Math.abs(logLikelihood - atHalf));
  return {
    columns,
    visible: size,
    rows: split.test.length,
    samples: settings.samples,
    convergence: { mean: mean(changes), largest: Math.max(0, ...changes) },
    aboveMarginal: count(({ gain }) => gain > 0),
    clearlyAboveMarginal: count(({ gain, gainError }) => gain > 2 * gainError),
    aboveLinear: count(({ linear }) => linear !== null && linear.gainOver.gain > 0),
    aboveNearest: count(({ nearest }) => nearest !== null && nearest.gainOver.gain > 0),
    ...(settings.trees && { aboveTrees: count(({ trees }) => !!trees && trees.gainOver.gain > 0) }),
  };
}

/** The most features that a context has in training, leaving one to hide. */
export function largestContext({ table, masks }: Pick<VarTJepaConfig, "table" | "masks">): number {
  const features = featureCount(table);
  // The addend undoes what binary fractions lose, as in the masks of training.
  return Math.min(features - 1, Math.max(1, Math.floor(features * masks.contextMax + 1e-9)));
}

interface Prepared {
  readonly model: TableModel<VarTJepaConfig>;
  readonly table: Omit<Table, "labels">;
  /** Of each feature, `[rows]`. */
  readonly known: readonly Uint8Array[];
  readonly size: number;
  readonly split: TableSplit;
  readonly key: Key;
  readonly settings: ImputationSettings;
}

/** One hidden column; undefined as `hiddenColumn` says. */
function columnImputation(feature: number, prepared: Prepared): ColumnImputation | undefined {
  const { model, table, known, size, split, key, settings } = prepared;
  const { schema, config } = model;
  const shape = tableShape(schema);
  const names = featureNames(schema);
  const own = fold(fold(key, "feature"), feature);
  const all = size === names.length - 1;
  const sets = Array.from({ length: all ? 1 : settings.sets }, (_, s) =>
    visibleSet(fold(own, s), names.length, feature, size),
  );
  const hidden = hiddenColumn(schema, table, known, split, feature, sets);
  if (!hidden) return undefined;
  const { heldOutRows, truth, parts } = hidden;
  const { heldOut, categories } = parts;
  const data = (visible: readonly number[]): BaselineData => ({ ...parts, visible });
  const compared = categories === undefined || categories <= mostComparedCategories;
  const peaked = model.shrinkage?.numeric[feature]?.marginal !== undefined;
  const [fitted, plain] = [peaked, false].map((withPeaks) => fitMarginal(data(sets[0]), withPeaks));
  const [marginal, withoutPeaks] = [fitted, plain].map(({ say }) => say(truth));
  const saidBy = (model: Prepared["model"]) =>
    sets.map((visible, s) => {
      const contexts = Array.from(heldOutRows, (row) => visible.filter((j) => known[j][row] === 1));
      const draw = fold(fold(own, s), "latents");
      return modelPredictions(model, heldOut, contexts, feature, categories, truth, settings, draw);
    });
  const said = saidBy(model);
  const unshrunk = model.shrinkage && saidBy({ ...model, shrinkage: undefined });
  const compare = (fit: (data: BaselineData) => ChosenPredictions) =>
    compared ? sets.map((visible) => fit(data(visible))) : undefined;
  const rivals = {
    linear: compare(linearPredictions),
    nearest: compare(nearestPredictions),
    ...(settings.trees && { trees: compare(treePredictions) }),
  };
  const reconstructed = decodePosteriors(
    model.parameters,
    config,
    heldOut,
    [feature],
    fold(key, "reconstruction"),
  );
  const reconstruction = predictionsOf(reconstructed, reconstructed.hidden[0], categories, truth);
  const score = (predictions: readonly CellPredictions[]) =>
    averageScore(feature < shape.numeric, truth, withoutPeaks.point[0], predictions, names[feature]);
  const against = (
    said: readonly CellPredictions[],
    change: (own: ChosenPredictions) => CellPredictions = (own) => own,
  ): Rivals => {
    const beside = (own: readonly ChosenPredictions[] | undefined) => {
      const predictions = own?.map(change);
      return predictions ? { ...score(predictions), gainOver: gainOver(predictions, said) } : null;
    };
    return {
      linear: beside(rivals.linear),
      nearest: beside(rivals.nearest),
      ...(settings.trees && { trees: beside(rivals.trees) }),
    };
  };
  return {
    column: names[feature],
    feature,
    kind: feature < shape.numeric ? "numeric" : "categorical",
    rows: heldOut.rows,
    visible: sets.map((visible) => visible.map((j) => names[j])),
    model: { ...score(said), atHalf: mean(said.map(({ atHalf }) => mean(atHalf))) },
    ...(unshrunk && {
      unshrunk: {
        model: score(unshrunk),
        marginal: score([withoutPeaks]),
        ...gainOver([withoutPeaks], unshrunk),
        ...against(unshrunk),
      },
    }),
    marginal: score([marginal]),
    ...against(said, unshrunk && ((own) => shrunkPredictions(own, truth, fitted))),
    reconstruction: score([reconstruction]),
    ...gainOver([marginal], said),
    ...coverageOf(said),
  };
}

/** Random features other than the hidden one, ascending. */
function visibleSet(key: Key, features: number, hidden: number, size: number): number[] {
  return Array.from(permutation(fold(key, "visible"), features))
    .filter((feature) => feature !== hidden)
    .slice(0, size)
    .sort((a, b) => a - b);
}

/** What the model says about a hidden column, `[rows]`: with half of the samples, and how far in the middle of its draws the truth lies. */
interface ModelPredictions extends CellPredictions {
  readonly atHalf: Float64Array;
  readonly inside?: Float64Array;
}

/** What the model says about a hidden column from each row's context, rows with contexts of one size together. */
function modelPredictions(
  model: TableModel<VarTJepaConfig>,
  input: TableRows,
  contexts: readonly (readonly number[])[],
  feature: number,
  categories: number | undefined,
  truth: Float64Array,
  { samples, coverage = false }: Pick<ImputationSettings, "samples" | "coverage">,
  key: Key,
): ModelPredictions {
  const all = {
    logLikelihood: new Float64Array(input.rows),
    point: new Float64Array(input.rows),
    atHalf: new Float64Array(input.rows),
    ...(coverage && feature < model.config.table.numeric ? { inside: new Float64Array(input.rows) } : {}),
  };
  const parts = generateFromContexts(model, input, contexts, [feature], samples, key);
  for (const { places, generated, key: own } of parts) {
    const [entry] = generated.hidden;
    const known = Float64Array.from(places, (row) => truth[row]);
    const said = predictionsOf(generated, entry, categories, known);
    const half = { use: Math.max(1, Math.floor(samples / 2)), known: categories };
    const atHalf = heldOutLogLikelihood(generated, entry, known, half);
    const inside =
      all.inside && entry.kind === "numeric" ? insideDraws(entry, known, fold(own, "y")) : undefined;
    places.forEach((row, i) => {
      all.logLikelihood[row] = said.logLikelihood[i];
      all.point[row] = said.point[i];
      all.atHalf[row] = atHalf[i];
      if (all.inside && inside) all.inside[row] = inside[i];
    });
  }
  return all;
}

/** The mixture over samples, as likelihood of the true value and as one best guess. */
function predictionsOf(
  generated: GeneratedTable,
  entry: GeneratedFeature,
  categories: number | undefined,
  truth: Float64Array,
): CellPredictions {
  return {
    logLikelihood: heldOutLogLikelihood(generated, entry, truth, { known: categories }),
    point:
      entry.kind === "numeric"
        ? imputeNumeric(generated, entry).mean
        : Float64Array.from(
            mostProbable(imputeCategory(generated, entry, categories), categories ?? entry.categories),
          ),
  };
}

/** Share of the rows whose truth the draws' intervals hold, the sets of one row averaged first; nothing where that was not asked for. */
function coverageOf(model: readonly ModelPredictions[]): { readonly coverage?: Share } {
  const inside = model.flatMap((own) => own.inside ?? []);
  if (inside.length === 0) return {};
  const rows = inside[0].map((_, row) => mean(inside.map((own) => own[row])));
  return { coverage: { share: mean(rows), shareError: errorOfMean(rows) } };
}

function checkSettings(
  features: number,
  split: TableSplit,
  visible: number,
  { sets, samples }: ImputationSettings,
): void {
  checkWhole("visible", visible, 1, features - 1);
  checkWhole("sets", sets, 1);
  checkWhole("samples", samples, 1);
  for (const [part, { length }] of Object.entries(split))
    if (length === 0) throw new Error(`split.${part} has no rows; give at least one`);
}
