/**
 * Held-out imputation: every column is hidden in turn and generated from a few others through the predictor, and
 * scored beside its marginal, a linear model that sees the same columns, and the decoder's ceiling.
 */
import { fold, type Key, permutation } from "../engine/random.js";
import type { Weights } from "../layers/weights.js";
import type { VarTJepaConfig } from "../models/var-t-jepa/config.js";
import {
  type GeneratedFeature,
  type GeneratedTable,
  generateFeatures,
  heldOutLogLikelihood,
  imputeCategory,
  imputeNumeric,
} from "../models/var-t-jepa/generate.js";
import {
  checkTableRows,
  featureCount,
  selectRows,
  type TableRows,
  type TableShape,
} from "../models/var-t-jepa/table.js";
import {
  type CellPredictions,
  columnValues,
  linearPredictions,
  marginalPredictions,
} from "./imputation-baselines.js";
import { mostProbable } from "./linear-probe.js";
import { decodePosteriors } from "./posterior-decoding.js";

/** How much imputation is measured on. */
export interface ImputationSettings {
  /** m, the columns that are visible when one is hidden; by default the largest context of training. */
  readonly visible?: number;
  /** Sets of visible columns drawn for each hidden one. */
  readonly sets: number;
  /** Draws of the latents per row. */
  readonly samples: number;
  /** Columns to hide, one at a time; all by default. */
  readonly features?: readonly number[];
}

export const imputationDefaults: ImputationSettings = { sets: 2, samples: 16 };

/** How well a column is told, averaged over held-out rows and sets of visible columns. */
export interface ImputationScore {
  /** Mean log p(true value) in nats; of numbers in standard deviations of the encoded table. */
  readonly logLikelihood: number;
  /**
   * Categorical: share of rows whose most probable category is the true one. Numeric: R², the share of the squared
   * distance from the training rows' mean that is explained (so the marginal has exactly 0).
   */
  readonly score: number;
}

/** One hidden column. */
export interface ColumnImputation {
  readonly column: string;
  readonly feature: number;
  readonly kind: "numeric" | "categorical";
  /** Names of the visible columns, one list per set. */
  readonly visible: readonly (readonly string[])[];
  /** Var-T-JEPA through its predictor: s_x of the visible columns, z ~ N(0, I), s_y ~ p(s_y|s_x,z). */
  readonly model: ImputationScore;
  /** The column's distribution on the training rows. */
  readonly marginal: ImputationScore;
  /** A linear model of the same visible columns, fitted on the training rows. */
  readonly linear: ImputationScore;
  /** The decoder on latents that saw the whole row, the hidden column included. */
  readonly ceiling: ImputationScore;
  /** Log-likelihood of the model less that of the marginal, in nats: mean over rows and its standard error. */
  readonly gain: number;
  readonly gainError: number;
}

/** All hidden columns, and on how many of them the model tells more than the marginal. */
export interface ImputationResult {
  readonly columns: readonly ColumnImputation[];
  /** How many columns are visible when one is hidden. */
  readonly visible: number;
  /** Held-out rows. */
  readonly rows: number;
  readonly samples: number;
  /** Columns with a positive gain, … */
  readonly aboveMarginal: number;
  /** … with one of more than two standard errors, … */
  readonly clearlyAboveMarginal: number;
  /** … and with more log-likelihood than the linear model. */
  readonly aboveLinear: number;
}

/**
 * Hides every column in turn and scores what the model and its comparisons say about it on held-out rows. Whether the
 * rows are held out from the model too is up to its training.
 * @param training rows that marginals and linear models are fitted on
 * @param names of the features, numeric ones first
 * @param key source of visible sets, latents, and the linear models' start weights and batches
 * @throws when rows do not fit the model's table, or a setting makes no sense.
 */
export async function imputationScores(
  weights: Weights,
  config: VarTJepaConfig,
  training: TableRows,
  heldOut: TableRows,
  names: readonly string[],
  key: Key,
  settings: ImputationSettings = imputationDefaults,
): Promise<ImputationResult> {
  const { table } = config;
  const size = settings.visible ?? largestContext(config);
  checkSettings(table, training, heldOut, names, size, settings);
  const hidden = settings.features ?? Array.from({ length: featureCount(table) }, (_, j) => j);
  const ceilings = ceilingPredictions(weights, config, heldOut, hidden, settings.samples, key);
  const columns: ColumnImputation[] = [];
  for (const [i, feature] of hidden.entries()) {
    const own = fold(fold(key, "feature"), feature);
    const sets = Array.from({ length: settings.sets }, (_, s) =>
      visibleSet(fold(own, s), table, feature, size),
    );
    const data = { shape: table, training, validation: selectRows(table, training, []), heldOut, feature };
    const marginal = marginalPredictions({ ...data, visible: [] });
    const model: CellPredictions[] = [];
    const linear: CellPredictions[] = [];
    for (const [s, visible] of sets.entries()) {
      const draw = fold(own, s);
      const generated = generateFeatures(
        weights,
        config,
        heldOut,
        visible,
        [feature],
        settings.samples,
        fold(draw, "latents"),
      );
      model.push(predictionsOf(generated, generated.hidden[0], config, heldOut));
      linear.push(linearPredictions({ ...data, visible }));
    }
    const truth = columnValues(table, heldOut, feature);
    const score = (...predictions: CellPredictions[]) =>
      averageScore(feature < table.numeric, truth, marginal.point[0], predictions);
    columns.push({
      column: names[feature],
      feature,
      kind: feature < table.numeric ? "numeric" : "categorical",
      visible: sets.map((visible) => visible.map((j) => names[j])),
      model: score(...model),
      marginal: score(marginal),
      linear: score(...linear),
      ceiling: score(ceilings[i]),
      ...gainOver(marginal, model),
    });
  }
  const count = (test: (column: ColumnImputation) => boolean) => columns.filter(test).length;
  return {
    columns,
    visible: size,
    rows: heldOut.rows,
    samples: settings.samples,
    aboveMarginal: count(({ gain }) => gain > 0),
    clearlyAboveMarginal: count(({ gain, gainError }) => gain > 2 * gainError),
    aboveLinear: count(({ model, linear }) => model.logLikelihood > linear.logLikelihood),
  };
}

/** The most features that a context has in training, leaving one to hide. */
export function largestContext({ table, masks }: Pick<VarTJepaConfig, "table" | "masks">): number {
  const features = featureCount(table);
  // The addend undoes what binary fractions lose, as in the masks of training.
  return Math.min(features - 1, Math.max(1, Math.floor(features * masks.contextMax + 1e-9)));
}

/** Random features other than the hidden one, ascending. */
function visibleSet(key: Key, table: TableShape, hidden: number, size: number): number[] {
  return Array.from(permutation(fold(key, "visible"), featureCount(table)))
    .filter((feature) => feature !== hidden)
    .slice(0, size)
    .sort((a, b) => a - b);
}

/** What the decoder says about the hidden columns when s_w has seen the whole row, one entry per column. */
function ceilingPredictions(
  weights: Weights,
  config: VarTJepaConfig,
  heldOut: TableRows,
  hidden: readonly number[],
  samples: number,
  key: Key,
): CellPredictions[] {
  const all = hidden.map(() => ({
    logLikelihood: new Float64Array(heldOut.rows),
    point: new Float64Array(heldOut.rows),
  }));
  const draw = fold(key, "ceiling");
  for (const piece of decodePosteriors(weights, config, heldOut, hidden, samples, draw)) {
    const rows = Int32Array.from({ length: piece.rows }, (_, i) => piece.first + i);
    const input = selectRows(config.table, heldOut, rows);
    piece.hidden.forEach((entry, i) => {
      const { logLikelihood, point } = predictionsOf(piece, entry, config, input);
      all[i].logLikelihood.set(logLikelihood, piece.first);
      all[i].point.set(point, piece.first);
    });
  }
  return all;
}

/** The mixture over samples, as likelihood of the true value and as one best guess. */
function predictionsOf(
  generated: GeneratedTable,
  entry: GeneratedFeature,
  config: VarTJepaConfig,
  input: TableRows,
): CellPredictions {
  return {
    logLikelihood: heldOutLogLikelihood(generated, entry, config, input),
    point:
      entry.kind === "numeric"
        ? imputeNumeric(generated, entry).mean
        : Float64Array.from(mostProbable(imputeCategory(generated, entry), entry.categories)),
  };
}

/** Scores averaged over sets of visible columns. */
function averageScore(
  numeric: boolean,
  truth: Float64Array,
  trainingMean: number,
  predictions: readonly CellPredictions[],
): ImputationScore {
  const mean = (values: Float64Array) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const squares = (center: (row: number) => number) =>
    truth.reduce((sum, v, row) => sum + (v - center(row)) ** 2, 0);
  const score = ({ point }: CellPredictions) =>
    numeric
      ? 1 - squares((row) => point[row]) / squares(() => trainingMean)
      : mean(truth.map((category, row) => Number(category === point[row])));
  return {
    logLikelihood: mean(Float64Array.from(predictions, ({ logLikelihood }) => mean(logLikelihood))),
    score: mean(Float64Array.from(predictions, score)),
  };
}

/** Mean gain in log-likelihood over the marginal; rows are independent, the sets of one row are averaged first. */
function gainOver(
  marginal: CellPredictions,
  model: readonly CellPredictions[],
): { gain: number; gainError: number } {
  const gains = marginal.logLikelihood.map(
    (base, row) =>
      model.reduce((sum, { logLikelihood }) => sum + logLikelihood[row], 0) / model.length - base,
  );
  const gain = gains.reduce((sum, v) => sum + v, 0) / gains.length;
  const variance = gains.reduce((sum, v) => sum + (v - gain) ** 2, 0) / Math.max(1, gains.length - 1);
  return { gain, gainError: Math.sqrt(variance / gains.length) };
}

/**
 * Gain of one column over several seeds of a model: their mean and its standard error, over seeds where there are
 * several, over rows where there is one.
 */
export function gainOfSeeds(seeds: readonly Pick<ColumnImputation, "gain" | "gainError">[]): {
  gain: number;
  gainError: number;
} {
  if (seeds.length === 1) return { gain: seeds[0].gain, gainError: seeds[0].gainError };
  const gain = seeds.reduce((sum, own) => sum + own.gain, 0) / seeds.length;
  const squares = seeds.reduce((sum, own) => sum + (own.gain - gain) ** 2, 0);
  return { gain, gainError: Math.sqrt(squares / (seeds.length - 1) / seeds.length) };
}

function checkSettings(
  table: TableShape,
  training: TableRows,
  heldOut: TableRows,
  names: readonly string[],
  visible: number,
  { sets }: ImputationSettings,
): void {
  checkTableRows(table, training);
  checkTableRows(table, heldOut);
  const features = featureCount(table);
  if (names.length !== features)
    throw new Error(`names has ${names.length} entries; the table has ${features} features`);
  if (!Number.isInteger(visible) || visible < 1 || visible >= features)
    throw new Error(`visible is ${visible}; use a whole number from 1 to ${features - 1}`);
  if (!Number.isInteger(sets) || sets < 1)
    throw new Error(`sets is ${sets}; use a whole number of at least 1`);
  for (const [field, { rows }] of Object.entries({ training, heldOut }))
    if (rows === 0) throw new Error(`${field} has no rows; give at least one`);
}
