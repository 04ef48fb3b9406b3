/** What accuracy does not show of an embedding: how many directions it uses, and which of its units carry anything. */

import { Matrix } from "ml-matrix";
import { fullRows, type RowPosteriors, readPosterior } from "../families/embed-table.js";
import type { FlatParameters } from "../layers/parameters.js";
import type { TableRows } from "../models/modalities/tabular/table.js";
import type { VarTJepaConfig } from "../models/var-t-jepa.js";
import { effectiveRank } from "./latent-diagnostics.js";
import { spectrum } from "./symmetric-eigen.js";

/** How the columns of an embedding spread. */
export interface EmbeddingDiagnostics {
  readonly columns: number;
  /** exp of the entropy of the singular values of the centred rows: 1 … columns (Roy & Vetterli 2007). */
  readonly effectiveRank: number;
  /** Standard deviations of the columns over all rows: the smallest, … */
  readonly smallestDeviation: number;
  readonly medianDeviation: number;
  /** … and the share of columns below 1e-3, which are the same for all rows as good as. */
  readonly deadShare: number;
}

/** Which units of a Gaussian posterior carry information. */
export interface UnitActivity {
  /** KL(q(s_i|·) ‖ N(0, 1)) of each unit averaged over rows, in nats, `[units]`. */
  readonly kl: Float64Array;
  /** Variance over rows of each unit's posterior mean, `[units]`. */
  readonly meanVariance: Float64Array;
  /** Units with more than 0.01 nats of KL. */
  readonly activeByKl: number;
  /** Units whose mean varies by more than 0.01, as Burda, Grosse & Salakhutdinov (2016) count active units. */
  readonly activeByVariance: number;
}

/** A column with a smaller standard deviation is dead. */
const DEAD = 1e-3;
/** Above it a unit is active, in nats or as a variance. */
const ACTIVE = 1e-2;

/**
 * Spread of an embedding's columns.
 * @param values row-major `[rows, columns]`
 * @param rankRows rows, evenly spaced, that the effective rank looks at; it cannot exceed their number less 1, and
 *   its cost grows with the cube of the smaller of rows and columns
 * @throws when there are fewer than 2 rows, or a number is not finite.
 */
export function embeddingDiagnostics(
  values: Float32Array,
  columns: number,
  rankRows = 512,
): EmbeddingDiagnostics {
  const rows = values.length / columns;
  if (!Number.isInteger(rows) || rows < 2)
    throw new Error(`values holds ${values.length} numbers; give at least 2 rows of ${columns}`);
  const deviations = columnVariances(values, columns).map(Math.sqrt).sort();
  const middle = (columns - 1) / 2;
  return {
    columns,
    effectiveRank: effectiveRank(covarianceEigenvalues(evenRows(values, columns, rankRows))),
    smallestDeviation: deviations[0],
    medianDeviation: (deviations[Math.floor(middle)] + deviations[Math.ceil(middle)]) / 2,
    deadShare: deviations.filter((deviation) => deviation < DEAD).length / columns,
  };
}

/**
 * Active units of a posterior given piece by piece: q(s_w) from `rowPosteriors`, q(s_x) from `contextPosteriors`.
 * The prior of s_w in the model is the predictor, not N(0, 1); against N(0, 1) its KL says how far it is from there.
 * @throws when there is no row.
 */
export function unitActivity(pieces: Iterable<RowPosteriors>): UnitActivity {
  let rows = 0;
  let [kl, means, squares] = [0, 0, 0].map(() => new Float64Array(0));
  for (const { count, mean, deviation } of pieces) {
    const units = mean.length / count;
    if (rows === 0) [kl, means, squares] = [0, 0, 0].map(() => new Float64Array(units));
    for (let row = 0; row < count; row++) {
      rows++;
      for (let i = 0; i < units; i++) {
        const [m, s] = [mean[row * units + i], deviation[row * units + i]];
        kl[i] += 0.5 * (s * s + m * m - 1) - Math.log(s);
        const difference = m - means[i];
        means[i] += difference / rows;
        squares[i] += difference * (m - means[i]);
      }
    }
  }
  if (rows === 0) throw new Error("there is no row; give at least one piece of posteriors");
  const averageKl = kl.map((sum) => sum / rows);
  const meanVariance = squares.map((sum) => sum / rows);
  return {
    kl: averageKl,
    meanVariance,
    activeByKl: averageKl.filter((value) => value > ACTIVE).length,
    activeByVariance: meanVariance.filter((value) => value > ACTIVE).length,
  };
}

/**
 * q(s_x | x) of all rows with all features as context, as when a row is embedded: `[count, (clsTokens + D) · d]`.
 * @throws when the rows do not fit the model's table.
 */
export function contextPosteriors(
  parameters: FlatParameters,
  config: VarTJepaConfig,
  input: TableRows,
): Generator<RowPosteriors> {
  return fullRows(parameters, config, input, ({ qSx }) => readPosterior(qSx));
}

/** Variance of every column over all rows. */
function columnVariances(values: Float32Array, columns: number): Float64Array {
  const rows = values.length / columns;
  const mean = new Float64Array(columns);
  const squares = new Float64Array(columns);
  for (let row = 0; row < rows; row++)
    for (let j = 0; j < columns; j++) {
      const difference = values[row * columns + j] - mean[j];
      mean[j] += difference / (row + 1);
      squares[j] += difference * (values[row * columns + j] - mean[j]);
    }
  return squares.map((sum) => sum / rows);
}

/** At most `count` rows, evenly spaced over all. */
function evenRows(values: Float32Array, columns: number, count: number): Float64Array[] {
  const rows = values.length / columns;
  return Array.from({ length: Math.min(count, rows) }, (_, i) => {
    const row = Math.floor((i * rows) / Math.min(count, rows));
    return Float64Array.from(values.subarray(row * columns, (row + 1) * columns));
  });
}

/**
 * Eigenvalues of the rows' covariance that can differ from 0, in double precision: single precision would make up
 * small ones for a collapsed embedding. Where there are fewer rows than columns they are those of the rows' products,
 * which is smaller.
 */
function covarianceEigenvalues(rows: Float64Array[]): number[] {
  const columns = rows[0].length;
  const mean = new Float64Array(columns);
  for (const row of rows) for (let j = 0; j < columns; j++) mean[j] += row[j] / rows.length;
  const centred = rows.map((row) => row.map((v, j) => v - mean[j]));
  const vectors =
    rows.length < columns ? centred : Array.from({ length: columns }, (_, j) => columnOf(centred, j));
  const products = Matrix.zeros(vectors.length, vectors.length);
  vectors.forEach((a, i) => {
    for (let k = 0; k <= i; k++) {
      const b = vectors[k];
      let sum = 0;
      for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
      products.set(i, k, sum / (rows.length - 1));
      products.set(k, i, sum / (rows.length - 1));
    }
  });
  return spectrum(products).values;
}

function columnOf(rows: readonly Float64Array[], column: number): Float64Array {
  return Float64Array.from(rows, (row) => row[column]);
}
