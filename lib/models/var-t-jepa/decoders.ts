/**
 * Component 6 of Var-T-JEPA (SPEC 4.6): p(x_j | s_x) and p(w_j | s_w), one affine head per feature and path.
 * A numeric feature has a mean (its scale σ_x or σ_y is one scalar per path), a categorical one logits.
 */
import * as tf from "@tensorflow/tfjs";
import { isotropicLogProb } from "../../distributions/diagonal-gaussian.js";
import { softmaxCrossEntropy } from "../../engine/ops/cross-entropy.js";
import { gatherRows } from "../../engine/ops/gather-rows.js";
import { fold, type Key, uniforms } from "../../engine/random.js";
import { applyDense, initialDense } from "../../layers/mlp.js";
import type { InitialParameter, Parameters } from "../../layers/weights.js";
import type { VarTJepaConfig } from "./config.js";
import type { TableRows, TableShape } from "./table.js";

/** The two sets of heads: on s_x for the context, on s_w (or a prediction of it) for targets. */
export type DecoderPath = "contextDecoder" | "targetDecoder";

/** Which cell of the table each row of latents stands for. */
export interface Cells {
  /** Row of the table. */
  readonly row: Int32Array;
  /** Feature, counted as everywhere: numeric ones first. */
  readonly feature: Int32Array;
}

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
  { table, encoder: { width: d } }: VarTJepaConfig,
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
  const groups = groupByHead(shape, cells);
  const at = (places: Int32Array): Cells => ({
    row: places.map((i) => cells.row[i]),
    feature: places.map((i) => cells.feature[i]),
  });
  const decodeNumeric = (places: Int32Array) => {
    const chosen = at(places);
    const weight = gatherRows(parameters[`${path}.numeric`] as tf.Tensor2D, chosen.feature);
    const biases = tf.reshape<tf.Rank.R2>(parameters[`${path}.numericBias`], [-1, 1]);
    const bias = gatherRows(biases, chosen.feature);
    const product = tf.sum<tf.Tensor2D>(tf.mul(gatherRows(s, places), weight), 1, true);
    return { cells: chosen, mean: tf.add<tf.Tensor2D>(product, bias) };
  };
  return {
    numeric: groups.numeric.length > 0 ? decodeNumeric(groups.numeric) : undefined,
    categorical: groups.categorical.flatMap((places, c) =>
      places.length === 0
        ? []
        : [
            {
              cells: at(places),
              logits: applyDense(parameters, `${path}.category.${c}`, gatherRows(s, places)),
            },
          ],
    ),
  };
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
  const sums: tf.Scalar[] = [];
  let count = 0;
  if (decoded.numeric) {
    const { cells, mean } = decoded.numeric;
    const values = numericValues(shape, input, cells);
    sums.push(
      tf.neg(tf.sum<tf.Scalar>(isotropicLogProb(mean, logSigma, tf.tensor2d(values, [values.length, 1])))),
    );
    count += values.length;
  }
  for (const { cells, logits } of decoded.categorical) {
    sums.push(tf.sum<tf.Scalar>(softmaxCrossEntropy(logits, categoryCodes(shape, input, cells))));
    count += cells.row.length;
  }
  return tf.mul(tf.addN(sums), 1 / count);
}

/** log σ of a path: a learned parameter, or the start value when the configuration fixes it. */
export function logSigma(parameters: Parameters, path: DecoderPath, config: VarTJepaConfig): tf.Scalar {
  return config.sigma === "learned"
    ? (parameters[`${path}.logSigma`] as tf.Scalar)
    : tf.scalar(config.initialLogSigma);
}

/** Values of numeric cells. */
export function numericValues(shape: TableShape, input: TableRows, { row, feature }: Cells): Float32Array {
  return Float32Array.from(row, (r, i) => input.numeric[r * shape.numeric + feature[i]]);
}

/** Codes of categorical cells. */
export function categoryCodes(shape: TableShape, input: TableRows, { row, feature }: Cells): Int32Array {
  const columns = shape.cardinalities.length;
  return row.map((r, i) => input.categorical[r * columns + feature[i] - shape.numeric]);
}

/** Places of the cells that share a head: all numeric ones together, each categorical feature by itself. */
function groupByHead(
  shape: TableShape,
  { feature }: Cells,
): { numeric: Int32Array; categorical: Int32Array[] } {
  const groups: number[][] = Array.from({ length: 1 + shape.cardinalities.length }, () => []);
  feature.forEach((j, i) => void groups[j < shape.numeric ? 0 : 1 + j - shape.numeric].push(i));
  const [numeric, ...categorical] = groups.map((places) => Int32Array.from(places));
  return { numeric, categorical };
}
