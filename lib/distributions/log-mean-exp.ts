/** log of the mean of exponentials, without overflow. */
export function logMeanExp(values: Float64Array): number {
  const largest = values.reduce((max, v) => Math.max(max, v), Number.NEGATIVE_INFINITY);
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  const sum = values.reduce((total, v) => total + Math.exp(v - largest), 0);
  return largest + Math.log(sum / values.length);
}
