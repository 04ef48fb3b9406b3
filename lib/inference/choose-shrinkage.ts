/** How far what a model says of each column is shrunk towards its marginal, chosen on rows that no parameter was trained on. */
import { knownCells } from "../data/tables/known-cells.js";
import { type EncodedTable, encodeTable } from "../data/tables/preprocess.js";
import type { Table } from "../data/tables/table.js";
import { smoothedFrequencies } from "../distributions/categorical.js";
import { logMixture } from "../distributions/log-mixture.js";
import {
  fitPeakedGaussian,
  fitPeakTilt,
  logPeaked,
  logWithPeaks,
  type PeakedGaussian,
  type PeakTilt,
  tiltedShares,
} from "../distributions/peaked-gaussian.js";
import { fold, type Key, keyOf, permutation } from "../engine/random.js";
import {
  type GeneratedFeature,
  type GeneratedTable,
  heldOutLogLikelihood,
} from "../families/generate-features.js";
import {
  type CategoryShrinkage,
  logsLookedUp,
  type NumberShrinkage,
  type Shrinkage,
  stretched,
} from "../families/shrinkage.js";
import { tableShape } from "../families/table.js";
import { columnValues, selectRows } from "../models/modalities/tabular/table.js";
import type { VarTJepaConfig } from "../models/var-t-jepa.js";
import { errorOfMean, mean } from "../moments.js";
import type { TableModel } from "../training/trained-model.js";
import { generateFromContexts } from "./generate-encoded.js";

/** Shares of the marginal to choose from, beside the smallest. */
const SHARES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** Factors on deviations to choose from: e to these. */
export const STRETCHES = [0, -0.25, 0.25, -0.5, 0.5, -0.75, 0.75, -1, 1, -1.5, 1.5, -2, -3, -4].map(Math.exp);

/** Draws of s_x and z per cell. */
const SAMPLES = 16;

/** Parts into which columns are put, of which one is hidden at a time: up to 16 columns are hidden one by one. */
const PARTS = 16;

/** Tokens of all rows to choose on. */
const TOKENS = 16_000;

/** Cells of one column, as they were generated. */
export interface ToldCells<Entry extends GeneratedFeature = GeneratedFeature> {
  readonly generated: GeneratedTable;
  readonly entry: Entry;
  /** What is true: numbers in encoded units, or codes of the schema's categories; NaN of a cell that is not known. `[rows]` */
  readonly truth: Float64Array;
}

/** Rows to choose on at most, so that it takes a minute and not the time of a training: 1,000, of more than 16 columns fewer. */
export function mostRowsToChooseOn(columns: number): number {
  return Math.min(1_000, Math.max(50, Math.floor(TOKENS / columns)));
}

/**
 * Hides columns in rows that were not trained on, one by one up to 16, of more a sixteenth at a time, all other known cells in
 * sight, and chooses of each its ε and, of a number, its stretch (`numberShrinkage`, `categoryShrinkage`).
 * @param model as it was trained: shrinkage that it has already is not looked at
 * @param training the rows that were trained on, whose distributions are the marginals
 * @param choosing rows that were not
 * @param onProgress called with columns done of all
 * @throws when a table lacks a column of the model.
 */
export async function chooseShrinkage(
  { shrinkage: _, ...model }: TableModel<VarTJepaConfig>,
  { labels: __, ...training }: Table,
  { labels: ___, ...choosing }: Table,
  onProgress?: (done: number, columns: number) => void,
): Promise<Shrinkage> {
  const { schema, seed } = model;
  const { numeric, categorical } = schema;
  const [seen, asked] = [training, choosing].map((table) => encodeTable(schema, table));
  const [trainedOn, known] = [training, choosing].map((table) => knownCells(schema, table));
  const key = fold(keyOf(seed), "shrinkage");
  const order = permutation(fold(key, "parts"), known.length);
  const shares = { numeric: [] as NumberShrinkage[], categorical: [] as CategoryShrinkage[] };
  let done = 0;
  for (let part = 0; part < Math.min(PARTS, known.length); part++) {
    onProgress?.(done, known.length);
    // Lets progress be seen and Ctrl-C be heard between two parts.
    await new Promise((resolve) => setImmediate(resolve));
    const hidden = Array.from(order.filter((_, i) => i % PARTS === part)).sort((a, b) => a - b);
    const told = toldCells(model, asked, known, hidden, fold(key, part));
    for (const feature of hidden) {
      const cells = told(feature);
      const c = feature - numeric.length;
      if (c < 0) {
        const present = columnValues(tableShape(schema), seen, feature).filter(
          (_, row) => trainedOn[feature][row] === 1,
        );
        const marginal = fitPeakedGaussian(present.length > 0 ? present : [0]);
        shares.numeric[feature] = numberShrinkage(cells.filter(isNumber), marginal);
      } else {
        const classes = categorical[c].categories.length;
        const codes = seen.categorical.filter((code, i) => i % categorical.length === c && code < classes);
        shares.categorical[c] = categoryShrinkage(cells, Array.from(smoothedFrequencies(codes, classes)));
      }
    }
    done += hidden.length;
  }
  onProgress?.(done, known.length);
  return { rows: choosing.rows, ...shares };
}

/** Generates hidden features of all rows that have another known cell. @returns the cells of each of these features */
function toldCells(
  model: TableModel<VarTJepaConfig>,
  asked: EncodedTable,
  known: readonly Uint8Array[],
  hidden: readonly number[],
  key: Key,
): (feature: number) => ToldCells[] {
  const { table } = model.config;
  const given = [...known.keys()].filter((j) => !hidden.includes(j));
  const contexts = Array.from({ length: asked.rows }, (_, row) => given.filter((j) => known[j][row]));
  const rows = [...contexts.keys()].filter(
    (row) => contexts[row].length > 0 && hidden.some((j) => known[j][row]),
  );
  const own = rows.map((row) => contexts[row]);
  const parts = [...generateFromContexts(model, selectRows(table, asked, rows), own, hidden, SAMPLES, key)];
  const value = (row: number, feature: number) =>
    feature < table.numeric
      ? asked.numeric[row * table.numeric + feature]
      : asked.categorical[row * table.cardinalities.length + feature - table.numeric];
  return (feature) =>
    parts.map(({ places, generated }) => ({
      generated,
      entry: generated.hidden[hidden.indexOf(feature)],
      truth: Float64Array.from(places, (place) =>
        known[feature][rows[place]] ? value(rows[place], feature) : Number.NaN,
      ),
    }));
}

function isNumber(cells: ToldCells): cells is ToldCells<NumberCells> {
  return cells.entry.kind === "numeric";
}

type NumberCells = Extract<GeneratedFeature, { kind: "numeric" }>;

/**
 * ε, the tilt and the stretch of a number: the stretch with the best likelihood of its cells under (1 − ε) p(y|x) + ε m, whatever ε it
 * takes, and of the ε whose likelihood is within one standard error of the best the largest, so that a column of which the cells show
 * nothing for certain is its marginal. ε is at least 1 / (n + 1) for n cells, which do not show what one row in as many does,
 * and 1 where there are none. Where m has peaks, p is given them first, tilted as makes them likeliest at that stretch.
 */
export function numberShrinkage(
  cells: readonly ToldCells<NumberCells>[],
  marginal: PeakedGaussian,
): NumberShrinkage {
  const { share, stretch, tilt } = chooseForNumber(marginal, (stretch) =>
    cells.flatMap(({ generated, entry, truth }) => {
      const said = stretched(entry, stretch);
      const own = heldOutLogLikelihood(generated, said, truth);
      const logsAt = logsLookedUp(generated, said, marginal);
      return [...truth.keys()].flatMap((row) =>
        Number.isNaN(truth[row]) ? [] : { truth: truth[row], log: own[row], logsAt: logsAt[row] },
      );
    }),
  );
  return { share, stretch, marginal, tilt };
}

/** What a Gaussian, or a mixture of some, says of a number: log density of its true value and where they are `lookedUp`. */
export interface SaidNumber {
  readonly truth: number;
  readonly log: number;
  /** `[places]` */
  readonly logsAt: ArrayLike<number>;
}

/**
 * Chooses for what says numbers, be it a model or what it is compared with.
 * @param said of each cell, deviations so many times as wide
 * @returns the choice, and the best mean log-likelihood of the cells at any ε
 */
export function chooseForNumber(
  marginal: PeakedGaussian,
  said: (stretch: number) => readonly SaidNumber[],
): { readonly share: number; readonly stretch: number; readonly tilt: PeakTilt; readonly best: number } {
  let alike: number[] | undefined;
  const choices = STRETCHES.map((stretch) => {
    const cells = said(stretch);
    alike ??= cells.map(({ truth }) => logPeaked(marginal, truth));
    const tilt = fitPeakTilt(
      marginal,
      cells.map(({ logsAt }) => logsAt),
      cells.map(({ truth }) => truth),
    );
    const own = cells.map((cell) => logTilted(marginal, tilt, cell));
    return { ...chooseShare(own, alike), stretch, tilt };
  });
  return choices.reduce((best, own) => (own.best > best.best ? own : best));
}

/** log density of a number that is said with peaks. */
export function logTilted(
  marginal: PeakedGaussian,
  tilt: PeakTilt,
  { truth, log, logsAt }: SaidNumber,
): number {
  const shares = tiltedShares(marginal, tilt, logsAt);
  return logWithPeaks(marginal.peaks, shares, Math.log(shares[marginal.peaks.length]) + log, truth);
}

/**
 * ε of a category, chosen as that of a number.
 * @param marginal m, the probability of each of the schema's categories
 */
export function categoryShrinkage(
  cells: readonly ToldCells[],
  marginal: readonly number[],
): CategoryShrinkage {
  const own = logsOf(cells, ({ generated, entry, truth }) =>
    heldOutLogLikelihood(generated, entry, truth, { known: marginal.length }),
  );
  const alike = logsOf(cells, ({ truth }) => truth.map((category) => Math.log(marginal[category])));
  return { share: chooseShare(own, alike).share, marginal };
}

/** Of the cells that are known. */
function logsOf<Cells extends ToldCells>(
  cells: readonly Cells[],
  logs: (cells: Cells) => Float64Array,
): number[] {
  return cells.flatMap((some) => [...logs(some).filter((_, i) => !Number.isNaN(some.truth[i]))]);
}

/**
 * The largest share of the marginal within a standard error of the best, and the best mean log-likelihood.
 * @param own log-likelihood of each cell without the marginal
 * @param marginal with it alone
 */
export function chooseShare(
  own: readonly number[],
  marginal: readonly number[],
): { share: number; best: number } {
  const least = 1 / (own.length + 1);
  const choices = [least, ...SHARES.filter((share) => share > least)].map((share) => {
    const logs = own.map((log, i) => logMixture(log, marginal[i], share));
    return { share, logs, score: mean(logs) };
  });
  const best = choices.reduce((best, choice) => (choice.score > best.score ? choice : best));
  const asGood = choices.filter(({ share, logs }) => {
    const lost = logs.map((log, i) => best.logs[i] - log);
    return share >= best.share && !(mean(lost) > errorOfMean(lost));
  });
  return { share: asGood[asGood.length - 1].share, best: best.score };
}
