/** Where numbers lie, and how far apart. */

/** Mean and standard deviation of numbers that differ; the deviation is above 0, however small they are. */
export function meanAndDeviation(values: Float64Array): { readonly mean: number; readonly std: number } {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  const deviation = (unit: number) => {
    let squares = 0;
    for (const value of values) squares += ((value - mean) / unit) ** 2;
    return Math.sqrt(squares / values.length) * unit;
  };
  // The squares of numbers below 1e-162 are 0.
  return {
    mean,
    std: deviation(1) || deviation(Math.max(...rangeOf(values).map((v) => Math.abs(v - mean)))),
  };
}

/** The smallest and the largest of some numbers. */
export function rangeOf(values: Float64Array): [number, number] {
  let [least, most] = [values[0], values[0]];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}
