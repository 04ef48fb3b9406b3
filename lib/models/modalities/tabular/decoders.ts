/**
 * Component 6 of Var-T-JEPA (Section 5): p(x_j | s_x) and p(w_j | s_w), one affine head per feature and path.
 * A numeric feature has a mean (its scale σ_x or σ_y is one scalar per path, or one per feature), a categorical one logits.
 */

import {
  type DiagonalGaussian,
  isotropicLogProb,
  logProb,
  rsample,
} from "../../../distributions/diagonal-gaussian.js";
import { softmaxCrossEntropy } from "../../../engine/ops/cross-entropy.js";
import { gatherRows } from "../../../engine/ops/gather-rows.js";
import { fold, type Key, uniforms } from "../../../engine/random.js";
import * as tf from "../../../engine/tf.js";
import { applyDense, initialDense } from "../../../layers/mlp.js";
import type { InitialParameter, Parameters } from "../../../layers/parameters.js";
import type { Cells, DecoderPath, LogSigma } from "../../tokens/modality.js";
import type { TableRows, TableShape } from "./table.js";

/** What the decoders say about some cells, grouped by kind and feature. */
export interface Decoded {
  /** Means `[cells, 1]` of the numeric cells; absent when there are none. */
  readonly numeric?: { readonly cells: Cells; readonly mean: tf.Tensor2D };
  /** Logits `[cells, categories]`, one entry per categorical feature that has cells. */
  readonly categorical: readonly { readonly cells: Cells; readonly logits: tf.Tensor2D }[];
}

/**
 * Start values of one path, uniform on ±1/√d as in `initialDense`.
 * @returns numeric heads as rows of `<path>.numeric` `[numeric, d]` and `<path>.numericBias` `[numeric]`; the
 *   categorical feature c (counted from 0) in `<path>.category.<c>`
 */
export function initialDecoder(
  key: Key,
  path: DecoderPath,
  table: TableShape,
  d: number,
): Record<string, InitialParameter> {
  const draw = (label: string, ...shape: number[]): InitialParameter => ({
    shape,
    values: () =>
      Float32Array.from(
        uniforms(
          fold(fold(key, path), label),
          shape.reduce((a, b) => a * b),
        ),
        (u) => (2 * u - 1) / Math.sqrt(d),
      ),
  });
  return Object.assign(
    table.numeric > 0
      ? {
          [`${path}.numeric`]: draw("numeric", table.numeric, d),
          [`${path}.numericBias`]: draw("numericBias", table.numeric),
        }
      : {},
    ...table.cardinalities.map((count, c) => initialDense(key, `${path}.category.${c}`, d, count)),
  );
}

/**
 * Decodes latents, each with the head of its feature.
 * @param s `[cells, d]`
 * @param cells the cell of each row of s
 */
export function decode(
  parameters: Parameters,
  path: DecoderPath,
  shape: TableShape,
  s: tf.Tensor2D,
  cells: Cells,
): Decoded {
  const { numeric, categorical } = groupByHead(shape, cells);
  return {
    numeric: numeric && {
      cells: numeric.cells,
      mean: numericMean(parameters, path, gatherRows(s, numeric.places), numeric.cells),
    },
    categorical: categorical.map(({ places, cells, column }) => ({
      cells,
      logits: applyDense(parameters, `${path}.category.${column}`, gatherRows(s, places)),
    })),
  };
}

/** What the decoders say about some cells when the latents are known up to a Gaussian, grouped as in `Decoded`. */
export interface DecodedMarginal {
  /** Mean and variance `[cells, 1]` of the numeric cells. */
  readonly numeric?: { readonly cells: Cells; readonly mean: tf.Tensor2D; readonly variance: tf.Tensor2D };
  /** Logarithms of probabilities `[cells, categories]`, one entry per categorical feature that has cells. */
  readonly categorical: readonly { readonly cells: Cells; readonly logProbabilities: tf.Tensor2D }[];
}

/**
 * p(y_j) = ∫ p(y_j | s) q(s) ds of each cell, for a Gaussian q(s) with mean μ and variances σ_s². A numeric head is
 * affine, so this is exact: y_j ~ N(aᵀμ + b, Σ a²σ_s² + σ_y²). A categorical one is averaged over draws of s; all in
 * logarithms, so that no probability becomes 0.
 * @param q `[cells, d]`
 * @param cells the cell of each row of q
 * @param logSigma log σ_y, one for all or `[features]`
 * @param noise standard normal `[cells, d]` of draw i, asked for when there is a categorical cell
 * @param draws of s for categories
 */
export function decodeMarginal(
  parameters: Parameters,
  path: DecoderPath,
  shape: TableShape,
  q: DiagonalGaussian,
  cells: Cells,
  logSigma: LogSigma,
  noise: (draw: number) => tf.Tensor2D,
  draws: number,
): DecodedMarginal {
  const { numeric, categorical } = groupByHead(shape, cells);
  const noises = categorical.length > 0 ? Array.from({ length: draws }, (_, draw) => noise(draw)) : [];
  return {
    numeric: numeric && numericMarginal(parameters, path, q, numeric, logSigma),
    categorical: categorical.map(({ places, cells, column }) => {
      const own = { mean: gatherRows(q.mean, places), logVariance: gatherRows(q.logVariance, places) };
      const drawn = tf.concat2d(
        noises.map((each) => rsample(own, gatherRows(each, places))),
        0,
      );
      const logits = applyDense(parameters, `${path}.category.${column}`, drawn);
      const each = tf.reshape(tf.logSoftmax(logits), [draws, places.length, -1]);
      return { cells, logProbabilities: tf.sub<tf.Tensor2D>(tf.logSumExp(each, 0), Math.log(draws)) };
    }),
  };
}

/** N(aᵀμ + b, Σ a²σ_s² + σ_y²) of numeric cells, `[cells, 1]` each. */
function numericMarginal(
  parameters: Parameters,
  path: DecoderPath,
  q: DiagonalGaussian,
  { places, cells }: HeadGroup,
  logSigma: LogSigma,
) {
  const square = tf.square(headOf(parameters, path, cells));
  const spread = tf.mul(tf.exp(gatherRows(q.logVariance, places)), square);
  return {
    cells,
    mean: numericMean(parameters, path, gatherRows(q.mean, places), cells),
    variance: tf.add<tf.Tensor2D>(tf.sum(spread, 1, true), tf.exp(tf.mul(scaleOf(logSigma, cells), 2))),
  };
}

/** log σ of numeric cells, `[cells, 1]`, or the one that all share. */
function scaleOf(logSigma: LogSigma, { feature }: Cells): tf.Scalar | tf.Tensor2D {
  return logSigma.rank === 0
    ? (logSigma as tf.Scalar)
    : gatherRows(tf.reshape<tf.Rank.R2>(logSigma, [-1, 1]), feature);
}

/** aᵀs + b of numeric cells, `[cells, 1]`. */
function numericMean(parameters: Parameters, path: DecoderPath, s: tf.Tensor2D, cells: Cells): tf.Tensor2D {
  const biases = tf.reshape<tf.Rank.R2>(parameters[`${path}.numericBias`], [-1, 1]);
  const product = tf.sum<tf.Tensor2D>(tf.mul(s, headOf(parameters, path, cells)), 1, true);
  return tf.add<tf.Tensor2D>(product, gatherRows(biases, cells.feature));
}

/** The vectors a of numeric cells, `[cells, d]`. */
function headOf(parameters: Parameters, path: DecoderPath, { feature }: Cells): tf.Tensor2D {
  return gatherRows(parameters[`${path}.numeric`] as tf.Tensor2D, feature);
}

/**
 * −log p(cell | s) averaged over all decoded cells: Gaussian with scale e^logSigma for numeric ones, categorical else.
 * @param input the values; `cells.row` counts in its rows
 */
export function meanNegativeLogLikelihood(
  decoded: Decoded,
  shape: TableShape,
  input: TableRows,
  logSigma: LogSigma,
): tf.Scalar {
  const logs = decoded.categorical.map((cells) => categoryCost(shape, input, cells));
  if (decoded.numeric) {
    const { cells, mean } = decoded.numeric;
    const values = numbersOf(shape, input, cells);
    const scale = scaleOf(logSigma, cells);
    const log =
      scale.rank === 0
        ? isotropicLogProb(mean, scale as tf.Scalar, values)
        : logProb({ mean, logVariance: tf.mul(scale as tf.Tensor2D, 2) }, values);
    logs.unshift(tf.neg(log));
  }
  return meanOf(logs);
}

/**
 * −log p(cell) averaged over cells whose latents are known up to a Gaussian q(s): of a number with s integrated out, of a category
 * for one draw of s, on average an upper bound.
 * @param q `[cells, d]`
 * @param noise standard normal `[cells, d]`
 */
export function meanNegativeLogMarginal(
  parameters: Parameters,
  path: DecoderPath,
  shape: TableShape,
  q: DiagonalGaussian,
  cells: Cells,
  input: TableRows,
  logSigma: LogSigma,
  noise: tf.Tensor2D | undefined,
): tf.Scalar {
  const { numeric, categorical } = groupByHead(shape, cells);
  const s = noise ? rsample(q, noise) : q.mean;
  const logs = categorical.map(({ places, cells, column }) => {
    const logits = applyDense(parameters, `${path}.category.${column}`, gatherRows(s, places));
    return categoryCost(shape, input, { cells, logits });
  });
  if (numeric) {
    const { mean, variance } = numericMarginal(parameters, path, q, numeric, logSigma);
    logs.unshift(
      tf.neg(logProb({ mean, logVariance: tf.log(variance) }, numbersOf(shape, input, numeric.cells))),
    );
  }
  return meanOf(logs);
}

/** −log p of categorical cells of one feature, `[cells]`. */
function categoryCost(
  { numeric, cardinalities }: TableShape,
  input: TableRows,
  { cells, logits }: Decoded["categorical"][number],
): tf.Tensor1D {
  const codes = cells.row.map(
    (r, i) => input.categorical[r * cardinalities.length + cells.feature[i] - numeric],
  );
  return softmaxCrossEntropy(logits, codes);
}

/** Values of numeric cells, `[cells, 1]`. */
function numbersOf({ numeric }: TableShape, input: TableRows, { row, feature }: Cells): tf.Tensor2D {
  const values = Float32Array.from(row, (r, i) => input.numeric[r * numeric + feature[i]]);
  return tf.tensor2d(values, [values.length, 1]);
}

/** The mean over all entries. */
function meanOf(parts: readonly tf.Tensor1D[]): tf.Scalar {
  const count = parts.reduce((sum, { size }) => sum + size, 0);
  return tf.mul(tf.addN(parts.map((part) => tf.sum<tf.Scalar>(part))), 1 / count);
}

/** The cells that share a head, and their places among those that were asked for. */
interface HeadGroup {
  readonly places: Int32Array;
  readonly cells: Cells;
}

/** All numeric cells together, each categorical column (counted from 0) by itself; groups without cells are left out. */
function groupByHead(
  { numeric, cardinalities }: TableShape,
  { row, feature }: Cells,
): { numeric?: HeadGroup; categorical: (HeadGroup & { readonly column: number })[] } {
  const groups: number[][] = Array.from({ length: 1 + cardinalities.length }, () => []);
  feature.forEach((j, i) => void groups[j < numeric ? 0 : 1 + j - numeric].push(i));
  const [first, ...rest] = groups.map((found) => {
    const places = Int32Array.from(found);
    return { places, cells: { row: places.map((i) => row[i]), feature: places.map((i) => feature[i]) } };
  });
  return {
    numeric: first.places.length > 0 ? first : undefined,
    categorical: rest
      .map((group, column) => ({ ...group, column }))
      .filter(({ places }) => places.length > 0),
  };
}
