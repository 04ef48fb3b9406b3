/**
 * Component 6 of Var-T-JEPA (Section 5): p(x_j | s_x) and p(w_j | s_w), one affine head per feature and path.
 * A numeric feature has a mean (its scale σ_x or σ_y is one scalar per path), a categorical one logits.
 */

import {
  type DiagonalGaussian,
  isotropicLogProb,
  rsample,
} from "../../../distributions/diagonal-gaussian.js";
import { softmaxCrossEntropy } from "../../../engine/ops/cross-entropy.js";
import { gatherRows } from "../../../engine/ops/gather-rows.js";
import { fold, type Key, uniforms } from "../../../engine/random.js";
import * as tf from "../../../engine/tf.js";
import { applyDense, initialDense } from "../../../layers/mlp.js";
import type { InitialParameter, Parameters } from "../../../layers/parameters.js";
import type { Cells, DecoderPath } from "../../tokens/modality.js";
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
 * @param logSigma log σ_y
 * @param noise standard normal `[cells, d]` of draw i, asked for when there is a categorical cell
 * @param draws of s for categories
 */
export function decodeMarginal(
  parameters: Parameters,
  path: DecoderPath,
  shape: TableShape,
  q: DiagonalGaussian,
  cells: Cells,
  logSigma: tf.Scalar,
  noise: (draw: number) => tf.Tensor2D,
  draws: number,
): DecodedMarginal {
  const { numeric, categorical } = groupByHead(shape, cells);
  const exact = ({ places, cells }: HeadGroup) => {
    const square = tf.square(headOf(parameters, path, cells));
    const spread = tf.mul(tf.exp(gatherRows(q.logVariance, places)), square);
    return {
      cells,
      mean: numericMean(parameters, path, gatherRows(q.mean, places), cells),
      variance: tf.add<tf.Tensor2D>(tf.sum(spread, 1, true), tf.exp(tf.mul(logSigma, 2))),
    };
  };
  const noises = categorical.length > 0 ? Array.from({ length: draws }, (_, draw) => noise(draw)) : [];
  return {
    numeric: numeric && exact(numeric),
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
  logSigma: tf.Scalar,
): tf.Scalar {
  const columns = shape.cardinalities.length;
  const sums: tf.Scalar[] = [];
  let count = 0;
  if (decoded.numeric) {
    const { cells, mean } = decoded.numeric;
    const values = Float32Array.from(
      cells.row,
      (r, i) => input.numeric[r * shape.numeric + cells.feature[i]],
    );
    const log = isotropicLogProb(mean, logSigma, tf.tensor2d(values, [values.length, 1]));
    sums.push(tf.neg(tf.sum<tf.Scalar>(log)));
    count += values.length;
  }
  for (const { cells, logits } of decoded.categorical) {
    const codes = cells.row.map((r, i) => input.categorical[r * columns + cells.feature[i] - shape.numeric]);
    sums.push(tf.sum<tf.Scalar>(softmaxCrossEntropy(logits, codes)));
    count += codes.length;
  }
  return tf.mul(tf.addN(sums), 1 / count);
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
