/** log N(value; mean, deviation²). */
export function logNormal(value: number, mean: number, deviation: number): number {
  return -0.5 * ((value - mean) / deviation) ** 2 - Math.log(deviation) - 0.5 * Math.log(2 * Math.PI);
}
