/** Rank statistics: ties share the mean of the ranks that they take up. */

/** The places of `values` in ascending order of value; equal values in their own order. NaN is refused. */
export function ascending(values: ArrayLike<number>): Int32Array {
  const bad = Array.prototype.findIndex.call(values, Number.isNaN);
  if (bad >= 0) throw new Error(`value ${bad} is NaN; only numbers can be put in order`);
  return Int32Array.from({ length: values.length }, (_, i) => i).sort((a, b) =>
    values[a] < values[b] ? -1 : values[a] > values[b] ? 1 : a - b,
  );
}

/** Stretches `[from, to)` of places in `order` whose values are equal. */
export function* ties(values: ArrayLike<number>, order: Int32Array): Generator<[number, number]> {
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    yield [from, to];
    from = to;
  }
}

/**
 * Ranks from 1, equal values sharing their mean rank.
 * @throws when a value is NaN.
 */
export function midRanks(values: ArrayLike<number>): Float64Array {
  const order = ascending(values);
  const ranks = new Float64Array(values.length);
  for (const [from, to] of ties(values, order))
    for (let i = from; i < to; i++) ranks[order[i]] = (from + 1 + to) / 2;
  return ranks;
}

/**
 * Spearman's rank correlation: Pearson's on mid-ranks, between −1 and 1; NaN where one side is constant.
 * @throws when the lengths differ or a value is NaN.
 */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length)
    throw new Error(`spearman compares ${a.length} with ${b.length} values; give as many`);
  const middle = (a.length + 1) / 2;
  const [x, y] = [a, b].map((values) => midRanks(values).map((rank) => rank - middle));
  const product = (u: Float64Array, v: Float64Array) => u.reduce((sum, value, i) => sum + value * v[i], 0);
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}

/** Spearman's correlation of two values whose correlations with a third are known, that third held fixed. */
export function partialCorrelation(both: number, first: number, second: number): number {
  return (both - first * second) / Math.sqrt((1 - first ** 2) * (1 - second ** 2));
}

/**
 * Spearman's rank correlation within groups, the mean of theirs weighted by rows: what the groups alone explain does not count, which, with
 * all rows in one ranking, it does. NaN where one side is constant in a group.
 * @param groups the group of each value, a whole number from 0
 */
export function spearmanWithin(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  groups: ArrayLike<number>,
): number {
  let sum = 0;
  for (const rows of rowsOfGroups(groups)) {
    const [own, other] = [a, b].map((values) => rows.map((row) => values[row]));
    sum += (rows.length / groups.length) * spearman(own, other);
  }
  return sum;
}

/** The rows of each group that has any, in ascending order. */
export function rowsOfGroups(groups: ArrayLike<number>): number[][] {
  const rows: number[][] = [];
  for (let row = 0; row < groups.length; row++) {
    rows[groups[row]] ??= [];
    rows[groups[row]].push(row);
  }
  return rows.filter((own) => own !== undefined);
}

/**
 * How much of the ranks of `values` their groups explain, between 0 (equal mean ranks) and 1: the correlation ratio η²,
 * the Kruskal–Wallis statistic divided by n − 1. NaN where `values` is constant.
 * @param groups the group of each value, a whole number from 0
 */
export function rankShareOfGroups(values: ArrayLike<number>, groups: ArrayLike<number>): number {
  const middle = (values.length + 1) / 2;
  const sums: number[] = [];
  const counts: number[] = [];
  let total = 0;
  midRanks(values).forEach((rank, i) => {
    const group = groups[i];
    sums[group] = (sums[group] ?? 0) + rank - middle;
    counts[group] = (counts[group] ?? 0) + 1;
    total += (rank - middle) ** 2;
  });
  return sums.reduce((explained, sum, group) => explained + sum ** 2 / counts[group], 0) / total;
}
