/** log((1 − share) e^a + share e^b): the log density of a mixture of two, from theirs. */
export function logMixture(a: number, b: number, share: number): number {
  const [first, second] = [Math.log1p(-share) + a, Math.log(share) + b];
  const largest = Math.max(first, second);
  return largest + Math.log(Math.exp(first - largest) + Math.exp(second - largest));
}
