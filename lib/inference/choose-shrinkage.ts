/** How far what a model says of each column is shrunk towards its marginal, chosen on rows that no parameter was trained on. */
import { encodeTable } from "../data/tables/preprocess.js";
import type { Table } from "../data/tables/table.js";
import { smoothedFrequencies } from "../distributions/categorical.js";
import { logMixture } from "../distributions/log-mixture.js";
import { fold, keyOf } from "../engine/random.js";
import { type GeneratedTable, heldOutLogLikelihood, logNormal } from "../families/generate-features.js";
import {
  type CategoryShrinkage,
  type NumberShrinkage,
  type Shrinkage,
  withSigma,
} from "../families/shrinkage.js";
import { selectRows } from "../models/modalities/tabular/table.js";
import type { VarTJepaConfig } from "../models/var-t-jepa.js";
import { mean, squares } from "../moments.js";
import type { TableModel } from "../training/trained-model.js";
import { knownCells } from "./generate-columns.js";
import { generateFeature } from "./generate-encoded.js";

/** Shares of the marginal to choose from, beside the smallest. */
const SHARES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** σ_y to choose from: the trained one times e to these. */
const SIGMA_STEPS = [0, -0.25, 0.25, -0.5, 0.5, -0.75, 0.75, -1, 1, -1.5, 1.5, -2, -3, -4];

/** As of the regressions that a model is compared with: a column that is told exactly would have an infinite density. */
const SMALLEST_SIGMA = 1e-3;

/** Draws of s_x and z per cell. */
const SAMPLES = 16;

/** What was generated of a column's cells, the column alone, and what is true of them. */
export interface ToldCells {
  readonly generated: GeneratedTable;
  /** Numbers in encoded units, or codes of the schema's categories; `[rows]`. */
  readonly truth: Float64Array;
}

/**
 * Hides each column in turn in rows that were not trained on, all other known cells in sight, and chooses its ε and, of a
 * number, its σ_y (`numberShrinkage`, `categoryShrinkage`).
 * @param training the rows that were trained on: their frequencies are the marginals of categories
 * @param choosing rows that were not
 * @param onProgress called with columns done of all
 * @throws when a table lacks a column of the model.
 */
export function chooseShrinkage(
  model: TableModel<VarTJepaConfig>,
  { labels: _, ...training }: Table,
  { labels: __, ...choosing }: Table,
  onProgress?: (done: number, columns: number) => void,
): Shrinkage {
  const { schema, config } = model;
  const [seen, asked] = [training, choosing].map((table) => encodeTable(schema, table));
  const known = knownCells(schema, choosing);
  const [numbers, categories] = [schema.numeric.length, schema.categorical.length];
  const told = (feature: number): ToldCells[] => {
    onProgress?.(feature, known.length);
    const contexts = Array.from({ length: choosing.rows }, (_, row) =>
      [...known.keys()].filter((j) => j !== feature && known[j][row]),
    );
    const rows = [...contexts.keys()].filter((row) => known[feature][row] && contexts[row].length > 0);
    const input = selectRows(config.table, asked, rows);
    const given = rows.map((row) => contexts[row]);
    const key = fold(fold(keyOf(model.seed), "shrinkage"), feature);
    const parts = generateFeature(model, input, given, feature, SAMPLES, key);
    const truth = (place: number) =>
      feature < numbers
        ? input.numeric[place * numbers + feature]
        : input.categorical[place * categories + feature - numbers];
    return Array.from(parts, ({ places, generated }) => ({
      generated,
      truth: Float64Array.from(places, truth),
    }));
  };
  const shrinkage = {
    rows: choosing.rows,
    numeric: schema.numeric.map((_, j) => numberShrinkage(told(j), trainedSigma(model, j))),
    categorical: schema.categorical.map((feature, c) => {
      const codes = seen.categorical.filter((_, i) => i % categories === c);
      const occurring = codes.filter((code) => code < feature.categories.length);
      const marginal = Array.from(smoothedFrequencies(occurring, feature.categories.length));
      return categoryShrinkage(told(numbers + c), marginal);
    }),
  };
  onProgress?.(known.length, known.length);
  return shrinkage;
}

/**
 * ε and σ_y of a number: the σ_y with the best likelihood of its cells under (1 − ε) p(y|x) + ε N(0, 1), whatever ε it takes,
 * and of the ε whose likelihood is within one standard error of the best the largest, so that a column of which the cells show
 * nothing for certain is its marginal. ε is at least 1 / (n + 1) for n cells, which do not show what one row in as many does,
 * and 1 where there are none.
 * @param trained σ_y that the cells were generated with
 */
export function numberShrinkage(cells: readonly ToldCells[], trained: number): NumberShrinkage {
  const marginal = logsOf(cells, ({ truth }) => truth.map((value) => logNormal(value, 0, 1)));
  const choices = SIGMA_STEPS.map((step) => {
    const sigma = { trained, chosen: Math.max(SMALLEST_SIGMA, trained * Math.exp(step)) };
    const own = logsOf(cells, ({ generated, truth }) => {
      const [entry] = generated.hidden;
      if (entry.kind !== "numeric") throw new Error(`feature ${entry.feature} is no number`);
      return heldOutLogLikelihood(generated, step === 0 ? entry : withSigma(entry, sigma), truth);
    });
    return { ...chooseShare(own, marginal), sigma: step === 0 ? undefined : sigma };
  });
  const { share, sigma } = choices.reduce((best, own) => (own.best > best.best ? own : best));
  return { share, ...(sigma && { sigma }) };
}

/**
 * ε of a category, chosen as that of a number.
 * @param marginal m, the probability of each of the schema's categories
 */
export function categoryShrinkage(
  cells: readonly ToldCells[],
  marginal: readonly number[],
): CategoryShrinkage {
  const own = logsOf(cells, ({ generated, truth }) =>
    heldOutLogLikelihood(generated, generated.hidden[0], truth, { known: marginal.length }),
  );
  const alike = logsOf(cells, ({ truth }) => truth.map((category) => Math.log(marginal[category])));
  return { share: chooseShare(own, alike).share, marginal };
}

function logsOf(cells: readonly ToldCells[], logs: (cells: ToldCells) => Float64Array): number[] {
  return cells.flatMap((some) => [...logs(some)]);
}

/**
 * The largest share of the marginal within a standard error of the best, and the best mean log-likelihood.
 * @param own log-likelihood of each cell without the marginal
 * @param marginal with it alone
 */
function chooseShare(own: readonly number[], marginal: readonly number[]): { share: number; best: number } {
  const least = 1 / (own.length + 1);
  const choices = [least, ...SHARES.filter((share) => share > least)].map((share) => {
    const logs = own.map((log, i) => logMixture(log, marginal[i], share));
    return { share, logs, score: mean(logs) };
  });
  const best = choices.reduce((best, choice) => (choice.score > best.score ? choice : best));
  const asGood = choices.filter(({ share, logs }) => {
    const lost = logs.map((log, i) => best.logs[i] - log);
    const error = Math.sqrt(squares(lost) / Math.max(1, lost.length - 1) / lost.length);
    return share >= best.share && !(mean(lost) > error);
  });
  return { share: asGood[asGood.length - 1].share, best: best.score };
}

/** σ_y,j that a model's numbers are generated with. */
function trainedSigma({ parameters, config }: TableModel<VarTJepaConfig>, feature: number): number {
  const slot = parameters.layout.find(({ name }) => name === "targetDecoder.logSigma");
  if (!slot) return Math.exp(config.initialLogSigma);
  return Math.exp(parameters.values[slot.offset + (slot.shape.length > 0 ? feature : 0)]);
}
