/** What a model says of columns, shrunk towards their marginals. */
import { logMixture } from "../distributions/log-mixture.js";
import { logSumExp } from "../distributions/log-sum-exp.js";
import {
  lookedUp,
  type PeakedGaussian,
  type PeakTilt,
  SMALLEST_DEVIATION,
  tiltedShares,
  untilted,
} from "../distributions/peaked-gaussian.js";
import { type GeneratedFeature, type GeneratedTable, heldOutLogLikelihood } from "./generate-features.js";

/** How a model's number is said. */
export interface NumberShrinkage {
  /** ε_j, the marginal's share: above 0, and 1 where the column is its marginal. */
  readonly share: number;
  /** Factor on the deviation of what is generated around each sample's mean. */
  readonly stretch: number;
  /** m_j, in encoded units, and how the model's own shares of its peaks follow what it says of a row; models of before that was kept have neither, and m_j is N(0, 1). */
  readonly marginal?: PeakedGaussian;
  readonly tilt?: PeakTilt;
}

/** How a model's category is said. */
export interface CategoryShrinkage {
  /** ε_j, the marginal's share: above 0, and 1 where the column is its marginal. */
  readonly share: number;
  /** m_j, the probability of each of the schema's categories. */
  readonly marginal: readonly number[];
}

/**
 * p̃_j = (1 − ε_j) p(y_j | x) + ε_j m_j: what a model generates of a column, with the column's marginal mixed in. Of a number with
 * peaks, values that many rows have, p has them too: Σ_k π_k(x) N(v_k, .001²) + π_rest(x) p(y_j | x), see `PeakTilt`. ε_j,
 * π and the stretch of numbers are chosen with all other columns in sight (of more than 16: all but a sixteenth) and used whatever is in sight. Each list is in
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
        ? shrunkNumber(generated, entry, numeric[entry.feature])
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

const STANDARD: PeakedGaussian = { peaks: [], rest: { share: 1, mean: 0, deviation: 1, values: [0] } };

function shrunkNumber(
  generated: Omit<GeneratedTable, "hidden">,
  entry: Extract<GeneratedFeature, { kind: "numeric" }>,
  { share, stretch, marginal = STANDARD, tilt = untilted(marginal) }: NumberShrinkage,
): GeneratedFeature {
  const { peaks, rest } = marginal;
  const said = stretched(entry, stretch);
  const logsAt = logsLookedUp(generated, said, marginal);
  const shares = new Float64Array(generated.rows * (peaks.length + 2));
  for (let row = 0; row < generated.rows; row++) {
    const own = tiltedShares(marginal, tilt, logsAt[row]);
    const all = shares.subarray(row * (peaks.length + 2), (row + 1) * (peaks.length + 2));
    for (const [k, peak] of peaks.entries()) all[k] = (1 - share) * own[k] + share * peak.share;
    all[peaks.length] = (1 - share) * own[peaks.length];
    all[peaks.length + 1] = share * rest.share;
  }
  return { ...said, mixed: { peaks, rest, shares } };
}

/** Log densities that are said of each row where they are `lookedUp`, `[rows][places]`. */
export function logsLookedUp(
  generated: Omit<GeneratedTable, "hidden">,
  entry: GeneratedFeature,
  marginal: PeakedGaussian,
): Float64Array[] {
  const logs = lookedUp(marginal).map((value) =>
    heldOutLogLikelihood(generated, entry, new Float64Array(generated.rows).fill(value)),
  );
  return Array.from({ length: generated.rows }, (_, row) => Float64Array.from(logs, (own) => own[row]));
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
