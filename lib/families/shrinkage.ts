/** What a model says of columns, shrunk towards their marginals. */
import { logMixture } from "../distributions/log-mixture.js";
import { type GeneratedFeature, type GeneratedTable, logSumExp } from "./generate-features.js";

/**
 * The smallest standard deviation that is claimed, by a shrunk model and by what it is compared with, in those of the encoded column:
 * one that is told exactly (a constant, a copy of a visible column) would have an infinite density. It caps what is said of a cell
 * at log(1000 / √(2π)) = 6 nats.
 */
export const SMALLEST_DEVIATION = 1e-3;

/** How a model's number is said; m_j is N(mean, deviation²) of the training rows, N(0, 1) in encoded units, and not their histogram. */
export interface NumberShrinkage {
  /** ε_j, the marginal's share: above 0, and 1 where the column is its marginal. */
  readonly share: number;
  /** Factor on the deviation of what is generated around each sample's mean. */
  readonly stretch: number;
}

/** How a model's category is said. */
export interface CategoryShrinkage {
  /** ε_j, the marginal's share: above 0, and 1 where the column is its marginal. */
  readonly share: number;
  /** m_j, the probability of each of the schema's categories. */
  readonly marginal: readonly number[];
}

/**
 * p̃_j = (1 − ε_j) p(y_j | x) + ε_j m_j: what a model generates of a column, with the column's marginal mixed in. ε_j and
 * the stretch of numbers are chosen with all other columns in sight (of more than 16: all but a sixteenth) and used whatever is in sight. Each list is in
 * the schema's order.
 */
export interface Shrinkage {
  /** Rows that it was chosen on, which no parameter was trained on. */
  readonly rows: number;
  readonly numeric: readonly NumberShrinkage[];
  readonly categorical: readonly CategoryShrinkage[];
}

/** What was generated, shrunk: everything that is told of a feature afterwards is told of the mixture. */
export function shrunk({ hidden, ...generated }: GeneratedTable, shrinkage: Shrinkage): GeneratedTable {
  const { numeric, categorical } = shrinkage;
  return {
    ...generated,
    hidden: hidden.map((entry) =>
      entry.kind === "numeric"
        ? shrunkNumber(entry, numeric[entry.feature])
        : shrunkCategory(entry, categorical[entry.feature - numeric.length]),
    ),
  };
}

/** The same number, its spread around each sample's mean so many times as wide, and no narrower than a rival claims. */
export function stretched(
  entry: Extract<GeneratedFeature, { kind: "numeric" }>,
  stretch: number,
): Extract<GeneratedFeature, { kind: "numeric" }> {
  return { ...entry, deviation: entry.deviation.map((d) => Math.max(SMALLEST_DEVIATION, stretch * d)) };
}

function shrunkNumber(
  entry: Extract<GeneratedFeature, { kind: "numeric" }>,
  { share, stretch }: NumberShrinkage,
): GeneratedFeature {
  return { ...stretched(entry, stretch), marginalShare: share };
}

/** Mixed among the schema's categories, which keep their probability in all; "missing" and "unseen" keep theirs. */
function shrunkCategory(
  entry: Extract<GeneratedFeature, { kind: "categorical" }>,
  { share, marginal }: CategoryShrinkage,
): GeneratedFeature {
  const logMarginal = marginal.map(Math.log);
  const logProbabilities = entry.logProbabilities.slice();
  for (let first = 0; first < logProbabilities.length; first += entry.categories) {
    const known = logProbabilities.subarray(first, first + marginal.length);
    const all = logSumExp(known);
    for (const [c, log] of logMarginal.entries()) known[c] = logMixture(known[c], all + log, share);
  }
  return { ...entry, logProbabilities };
}
