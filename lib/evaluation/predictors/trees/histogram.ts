import {
  type Derivatives,
  type Grow,
  LEAST_GAIN,
  LEAST_WEIGHT,
  leafValue,
  nodeScore,
  type Split,
  splitGain,
  type TreeNode,
} from "./tree.js";

/** Bins of a column: a byte says which. */
const MOST_BINS = 256;

/** Columns cut into bins. */
interface Bins {
  readonly columns: number;
  readonly rows: number;
  /** Column-major `[columns, rows]`. */
  readonly of: Uint8Array;
  /** The smallest value of each bin but the first, by column. */
  readonly cuts: readonly Float32Array[];
  /** Place of each column's first bin among all bins, and their number at the end; `[columns + 1]`. */
  readonly offsets: Int32Array;
  /** Of each column of codes, the code of each bin. */
  readonly codes: readonly (Float32Array | undefined)[];
}

/**
 * Trees whose thresholds are values at which columns are cut into at most 256 bins: all values where they are so few,
 * quantiles otherwise. Sums of derivatives are kept by bin; of two children only the smaller is summed up, the other is
 * what it leaves of its parent.
 * @param values row-major `[n, columns]`
 * @param rows rows to learn from; derivatives are given in their order
 * @param isCode whether a column holds codes of categories, which have no order: each is set apart from all others, as if
 *   the column were one of 0 and 1 for every code (of at most 256; more are taken as numbers). By default all are numbers.
 */
export function histogramGrower(
  values: Float32Array,
  columns: number,
  rows: Int32Array,
  isCode?: (column: number) => boolean,
): Grow {
  const bins = cutIntoBins(values, columns, rows, isCode);
  const order = new Int32Array(rows.length);
  const aside = new Int32Array(rows.length);
  const free: Float64Array[] = [];
  const take = () => free.pop() ?? new Float64Array(2 * bins.offsets[columns]);

  return (derivatives, { maxDepth, learningRate }) => {
    /** Grows the node of the rows `order[from … to)`; its histogram is used up. */
    const grow = (
      from: number,
      to: number,
      depth: number,
      histogram: Float64Array | undefined,
      first: number,
      second: number,
    ): TreeNode => {
      const value = leafValue(first, second, learningRate);
      const split = histogram && bestSplit(bins, histogram, first, second);
      if (!split) {
        if (histogram) free.push(histogram);
        return { value };
      }
      const { column, threshold, isCode } = split;
      const middle = partition(bins, order, aside, from, to, split);
      const isLowerSmaller = middle - from < to - middle;
      let lower: Float64Array | undefined;
      let upper: Float64Array | undefined;
      if (depth + 1 < maxDepth) {
        const smaller = take();
        const [start, end] = isLowerSmaller ? [from, middle] : [middle, to];
        sumByBin(bins, derivatives, order, start, end, smaller);
        for (let i = 0; i < smaller.length; i++) histogram[i] -= smaller[i];
        [lower, upper] = isLowerSmaller ? [smaller, histogram] : [histogram, smaller];
      } else free.push(histogram);
      const below = grow(from, middle, depth + 1, lower, split.first, split.second);
      const above = grow(middle, to, depth + 1, upper, first - split.first, second - split.second);
      return { value, split: { column, threshold, isCode, below, above } };
    };
    for (let i = 0; i < order.length; i++) order[i] = i;
    const sum = (of: Float32Array) => of.reduce((total, v) => total + v, 0);
    let root: Float64Array | undefined;
    if (maxDepth > 0) {
      root = take();
      sumByBin(bins, derivatives, order, 0, order.length, root);
    }
    return grow(0, order.length, 0, root, sum(derivatives.first), sum(derivatives.second));
  };
}

function cutIntoBins(
  values: Float32Array,
  columns: number,
  rows: Int32Array,
  isCode: (column: number) => boolean = () => false,
): Bins {
  const count = rows.length;
  const of = new Uint8Array(columns * count);
  const offsets = new Int32Array(columns + 1);
  const codes: (Float32Array | undefined)[] = [];
  const cuts = Array.from({ length: columns }, (_, j) => {
    const own = Float32Array.from(rows, (row) => values[row * columns + j]);
    const sorted = own.slice().sort();
    const different = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
    const hasBinEach = different.length <= MOST_BINS;
    const found = hasBinEach ? different.subarray(1) : quantileCuts(sorted);
    codes.push(hasBinEach && isCode(j) ? different : undefined);
    offsets[j + 1] = offsets[j] + found.length + 1;
    for (let i = 0; i < count; i++) of[j * count + i] = cutsBelow(found, own[i]);
    return found;
  });
  return { columns, rows: count, of, cuts, offsets, codes };
}

/** Where a column of many values is cut. @param sorted its values in ascending order */
function quantileCuts(sorted: Float32Array): Float32Array {
  const quantiles = Float32Array.from(
    { length: MOST_BINS - 1 },
    (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / MOST_BINS)],
  );
  return quantiles.filter((value, i) => value > (i > 0 ? quantiles[i - 1] : sorted[0]));
}

/** How many cuts a value has reached: its bin. */
function cutsBelow(cuts: Float32Array, value: number): number {
  let [low, high] = [0, cuts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cuts[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Sums of both derivatives by bin over the rows `order[from … to)`, side by side: `[bins, 2]`. */
function sumByBin(
  { columns, rows, of, offsets }: Bins,
  { first, second }: Derivatives,
  order: Int32Array,
  from: number,
  to: number,
  into: Float64Array,
): void {
  into.fill(0);
  // Four columns at once, so that a row's derivatives are read once for all of them.
  let j = 0;
  for (; j + 4 <= columns; j += 4) {
    const [a, b, c, d] = [2 * offsets[j], 2 * offsets[j + 1], 2 * offsets[j + 2], 2 * offsets[j + 3]];
    const column = j * rows;
    for (let i = from; i < to; i++) {
      const row = order[i];
      const g = first[row];
      const h = second[row];
      const at = column + row;
      const inA = a + 2 * of[at];
      into[inA] += g;
      into[inA + 1] += h;
      const inB = b + 2 * of[at + rows];
      into[inB] += g;
      into[inB + 1] += h;
      const inC = c + 2 * of[at + 2 * rows];
      into[inC] += g;
      into[inC + 1] += h;
      const inD = d + 2 * of[at + 3 * rows];
      into[inD] += g;
      into[inD + 1] += h;
    }
  }
  for (; j < columns; j++)
    for (let i = from; i < to; i++) {
      const row = order[i];
      const at = 2 * (offsets[j] + of[j * rows + row]);
      into[at] += first[row];
      into[at + 1] += second[row];
    }
}

/** The best split, if any gains something. Of equal gains the lower column and then the smaller threshold wins. */
function bestSplit(
  { columns, cuts, offsets, codes }: Bins,
  histogram: Float64Array,
  wholeFirst: number,
  wholeSecond: number,
): Split | undefined {
  const score = nodeScore(wholeFirst, wholeSecond);
  let best: Split | undefined;
  let most = LEAST_GAIN;
  for (let j = 0; j < columns; j++) {
    let first = 0;
    let second = 0;
    const start = 2 * offsets[j];
    const own = codes[j];
    if (own) {
      for (let k = 0; k < own.length; k++) {
        first = wholeFirst - histogram[start + 2 * k];
        second = wholeSecond - histogram[start + 2 * k + 1];
        if (second < LEAST_WEIGHT || wholeSecond - second < LEAST_WEIGHT) continue;
        const gain = splitGain(first, second, wholeFirst, wholeSecond, score);
        if (gain <= most) continue;
        most = gain;
        best = { column: j, threshold: own[k], isCode: true, gain, first, second };
      }
      continue;
    }
    for (let k = 0; k < cuts[j].length; k++) {
      first += histogram[start + 2 * k];
      second += histogram[start + 2 * k + 1];
      if (second < LEAST_WEIGHT) continue;
      if (wholeSecond - second < LEAST_WEIGHT) break;
      const gain = splitGain(first, second, wholeFirst, wholeSecond, score);
      if (gain <= most) continue;
      most = gain;
      best = { column: j, threshold: cuts[j][k], isCode: false, gain, first, second };
    }
  }
  return best;
}

/** Puts the rows that go below first, either side in its order. @returns where the others begin */
function partition(
  { rows, of, cuts }: Bins,
  order: Int32Array,
  aside: Int32Array,
  from: number,
  to: number,
  { column, threshold, isCode }: Split,
): number {
  const bin = cutsBelow(cuts[column], threshold);
  let low = from;
  let high = 0;
  for (let i = from; i < to; i++) {
    const own = of[column * rows + order[i]];
    if (isCode ? own !== bin : own < bin) order[low++] = order[i];
    else aside[high++] = order[i];
  }
  order.set(aside.subarray(0, high), low);
  return low;
}
