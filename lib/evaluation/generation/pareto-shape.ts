/** Fewest weights in the tail that a shape is fitted to. */
const FEWEST = 5;

/**
 * Shape k̂ of the generalised Pareto distribution that the largest importance weights follow (Vehtari et al. 2024): moments
 * of the weights up to 1/k̂ exist. Up to 0.5 their variance is finite, above 0.7 a mean of them is not to be trusted at any
 * K that one can afford, above 1 it does not even exist as far as these samples can tell. Fitted to the
 * min(K/5, 3√K) largest weights by Zhang & Stephens' (2009) method, drawn a little towards 0.5 as that paper does.
 * @param logWeights log w, `[K]`
 * @returns k̂; −∞ where the largest weights are equal, NaN of fewer than 25 weights
 */
export function paretoShape(logWeights: Float64Array): number {
  const size = Math.floor(Math.min(logWeights.length / 5, 3 * Math.sqrt(logWeights.length)));
  if (size < FEWEST) return Number.NaN;
  const sorted = logWeights.toSorted();
  const largest = sorted[sorted.length - 1];
  const cut = Math.exp(sorted[sorted.length - size - 1] - largest);
  const tail = sorted.subarray(sorted.length - size).map((v) => Math.exp(v - largest) - cut);
  const quartile = tail[Math.floor(size / 4 + 0.5) - 1];
  if (!(quartile > 0)) return tail[size - 1] > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const shapeAt = (theta: number) => tail.reduce((sum, x) => sum + Math.log1p(-theta * x), 0) / size;
  const points = 30 + Math.floor(Math.sqrt(size));
  const thetas = Array.from(
    { length: points },
    (_, j) => 1 / tail[size - 1] + (1 - Math.sqrt(points / (j + 0.5))) / (3 * quartile),
  );
  const profile = thetas.map((theta) => {
    const k = shapeAt(theta);
    return size * (Math.log(-theta / k) - k - 1);
  });
  const top = Math.max(...profile);
  const trust = profile.map((v) => Math.exp(v - top));
  const total = trust.reduce((sum, v) => sum + v, 0);
  const theta = thetas.reduce((sum, v, j) => sum + (v * trust[j]) / total, 0);
  return (shapeAt(theta) * size + 5) / (size + 10);
}
