/** Two-sample statistic: how far two sets of rows are from being drawn from one distribution. */
import { fold, type Key, permutation } from "../../engine/random.js";
import { euclidean } from "./draw-scores.js";

/** An energy distance with what it would be between equal distributions. */
export interface EnergyDistance {
  /** 2 E‖A − B‖ − E‖A − A′‖ − E‖B − B′‖, without bias: around 0, and maybe below it, for equal distributions. */
  readonly distance: number;
  /** Standard deviation of the distance when rows are dealt to the two sets at random, so for equal distributions. */
  readonly error: number;
  /** Share of random deals, this one counted, whose distance is as large: a permutation test's p-value. */
  readonly pValue: number;
}

/**
 * Energy distance of two samples (Székely & Rizzo 2013), 0 if and only if their distributions are equal, in units of the
 * numbers, beside those of random deals of the same rows.
 * @param a row-major `[n, d]`, n at least 2
 * @param b `[m, d]`, m at least 2; time and memory go with (n + m)²: thin out thousands of rows
 * @param key source of the deals
 * @throws when a sample is no whole number of rows, or has fewer than 2.
 */
export function energyDistance(
  a: Float32Array,
  b: Float32Array,
  d: number,
  key: Key,
  deals = 99,
): EnergyDistance {
  const [n, m] = [a.length / d, b.length / d];
  for (const rows of [n, m])
    if (!Number.isInteger(rows) || rows < 2)
      throw new Error(`a sample has ${rows} rows of ${d} numbers; give at least 2 whole ones`);
  const all = new Float32Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  const count = n + m;
  const between = new Float64Array(count * count);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < i; j++)
      between[i * count + j] = between[j * count + i] = euclidean(all, i * d, all, j * d, d);
  const total = between.reduce((sum, v) => sum + v, 0) / 2;
  const inA = new Float64Array(count);
  /** The statistic where the rows that `order` names first are A. */
  const of = (order: ArrayLike<number>) => {
    for (let i = 0; i < count; i++) inA[order[i]] = i < n ? 1 : 0;
    let [within, across] = [0, 0];
    for (let i = 0; i < count; i++) {
      let toA = 0;
      for (let j = 0; j < count; j++) toA += between[i * count + j] * inA[j];
      if (inA[i]) within += toA / 2;
      else across += toA;
    }
    const within2 = total - within - across;
    return (2 * across) / (n * m) - (2 * within) / (n * (n - 1)) - (2 * within2) / (m * (m - 1));
  };
  const distance = of(Array.from({ length: count }, (_, i) => i));
  const dealt = Array.from({ length: deals }, (_, i) => of(permutation(fold(key, i), count)));
  const error = Math.sqrt(dealt.reduce((sum, v) => sum + v * v, 0) / deals);
  const pValue = (1 + dealt.filter((v) => v >= distance).length) / (1 + deals);
  return { distance, error, pValue };
}
