/** Where numbers lie, and how far apart. Sums run from the first value to the last, so that a result keeps its bits. */

/** Σ value / n; NaN of an empty list. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/** Σ (value − centre)²; around the mean unless a centre is given. */
export function squares(values: ArrayLike<number>, centre = mean(values)): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] - centre) ** 2;
  return sum;
}

/** The sample variance Σ (value − mean)² / (n − 1); NaN of fewer than two values. */
export function variance(values: ArrayLike<number>): number {
  return squares(values) / (values.length - 1);
}

/** Mean and standard deviation of numbers that differ; the deviation is above 0, however small they are. */
export function meanAndDeviation(values: Float64Array): { readonly mean: number; readonly std: number } {
  const centre = mean(values);
  const deviation = (unit: number) => {
    let scaled = 0;
    for (const value of values) scaled += ((value - centre) / unit) ** 2;
    return Math.sqrt(scaled / values.length) * unit;
  };
  // The squares of numbers below 1e-162 are 0.
  return {
    mean: centre,
    std: deviation(1) || deviation(Math.max(...rangeOf(values).map((v) => Math.abs(v - centre)))),
  };
}

/** The smallest and the largest of some numbers. */
export function rangeOf(values: ArrayLike<number>): [number, number] {
  let [least, most] = [values[0], values[0]];
  for (let i = 1; i < values.length; i++) {
    if (values[i] < least) least = values[i];
    if (values[i] > most) most = values[i];
  }
  return [least, most];
}

/** Standard error of a mean over independent values; 0 of a single one. */
export function errorOfMean(values: ArrayLike<number>): number {
  return Math.sqrt(squares(values) / Math.max(1, values.length - 1) / values.length);
}

/** Standard error of a share that was counted over so many cases, √(p (1 − p) / n). */
export function shareError(share: number, cases: number): number {
  return Math.sqrt((share * (1 - share)) / cases);
}
