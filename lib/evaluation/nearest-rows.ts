/** The training rows nearest to others, and what a hidden column is among them: exact search, one asked row at a time. */
import type { TableRows, TableShape } from "../models/modalities/tabular/table.js";
import { sparseFeatures } from "./raw-features.js";

/** Squared distance of two different categories: what two random rows differ by in a standardised number, on average. */
const MISMATCH = 2;

/** A hidden column among the k nearest training rows of every asked row. */
export interface NeighbourStatistics {
  readonly k: number;
  /** Mean of a hidden number, `[asked rows]`; empty of categories. */
  readonly mean: Float64Array;
  /** Variance of a hidden number around that mean, `[asked rows]`; empty of categories. */
  readonly variance: Float64Array;
  /** Share of each category, row-major `[asked rows, classes]`; empty of a number. */
  readonly shares: Float64Array;
}

/**
 * Looks up the nearest training rows by squared distance: Σ over visible numbers, standardised over the training rows,
 * of (a − b)², and 2 for every visible category that differs. Rows at the distance of the k-th nearest count alike,
 * each by the same fraction, so that the order of the rows does not matter.
 * @param target the hidden column in the training rows, `[training rows]`
 * @param counts values of k, ascending, at most the training rows
 * @param classes of a hidden categorical column; undefined of a number
 * @returns one entry per value of k
 */
export function neighbourStatistics(
  shape: TableShape,
  training: TableRows,
  target: Float64Array,
  asked: TableRows,
  visible: readonly number[],
  counts: readonly number[],
  classes: number | undefined,
): NeighbourStatistics[] {
  const [seen, questions] = sparseFeatures(shape, [training, asked], visible);
  const { rows, numberCount, indicatorCount } = seen;
  const numbers = columnsOf(seen.numbers, numberCount);
  const indicators = columnsOf(seen.indicators, indicatorCount);
  const each = classes === undefined ? asked.rows : 0;
  const all = counts.map((k) => ({
    k,
    mean: new Float64Array(each),
    variance: new Float64Array(each),
    shares: new Float64Array(asked.rows * (classes ?? 0)),
  }));
  const distances = new Float64Array(rows);
  for (let row = 0; row < asked.rows; row++) {
    distances.fill(0);
    numbers.forEach((column, j) => {
      const own = questions.numbers[row * numberCount + j];
      for (let i = 0; i < rows; i++) distances[i] += (column[i] - own) ** 2;
    });
    indicators.forEach((column, j) => {
      const own = questions.indicators[row * indicatorCount + j];
      for (let i = 0; i < rows; i++) if (column[i] !== own) distances[i] += MISMATCH;
    });
    const farthest = kthSmallest(distances.slice(), counts[counts.length - 1]);
    const near: number[] = [];
    for (let i = 0; i < rows; i++) if (distances[i] <= farthest) near.push(i);
    near.sort((a, b) => distances[a] - distances[b]);
    for (const statistics of all) {
      const { mean, variance, shares, k } = statistics;
      const weights = tiedWeights(near, distances, k);
      if (classes === undefined) {
        let sum = 0;
        weights.forEach((w, i) => {
          sum += w * target[near[i]];
        });
        mean[row] = sum / k;
        weights.forEach((w, i) => {
          variance[row] += (w * (target[near[i]] - mean[row]) ** 2) / k;
        });
      } else
        weights.forEach((w, i) => {
          shares[row * classes + target[near[i]]] += w / k;
        });
    }
  }
  return all;
}

/** Weights of the first rows of `near`, which is sorted by distance, that make k together: 1, and less where tied. */
function tiedWeights(near: readonly number[], distances: Float64Array, k: number): Float64Array {
  const last = distances[near[k - 1]];
  let first = k - 1;
  while (first > 0 && distances[near[first - 1]] === last) first--;
  let end = k;
  while (end < near.length && distances[near[end]] === last) end++;
  return new Float64Array(end).fill(1).fill((k - first) / (end - first), first);
}

/** The k-th smallest value, from 1; reorders the values. */
function kthSmallest(values: Float64Array, k: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1];
    let [i, j] = [low, high];
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i <= j) {
        [values[i], values[j]] = [values[j], values[i]];
        i++;
        j--;
      }
    }
    if (k - 1 <= j) high = j;
    else if (k - 1 >= i) low = i;
    else break;
  }
  return values[k - 1];
}

/** Columns of a row-major matrix. */
function columnsOf<A extends Float64Array | Int32Array>(values: A, columns: number): A[] {
  return Array.from({ length: columns }, (_, j) => values.filter((_, i) => i % columns === j) as A);
}
