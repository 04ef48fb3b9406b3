/**
 * The gradient of a function by central differences in double precision, for tests of hand-written gradients.
 * @param f a scalar function of a vector
 * @param step distance to either side
 */
export function finiteDifferences(
  f: (x: Float64Array) => number,
  at: ArrayLike<number>,
  step = 1e-5,
): number[] {
  const x = Float64Array.from(at);
  return Array.from(x, (value, i) => {
    x[i] = value + step;
    const above = f(x);
    x[i] = value - step;
    const below = f(x);
    x[i] = value;
    return (above - below) / (2 * step);
  });
}

/**
 * @throws when two lists of numbers differ anywhere by more than `absolute + relative · |expected|`.
 */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { absolute = 1e-6, relative = 1e-4 } = {},
): void {
  if (actual.length !== expected.length)
    throw new Error(`${actual.length} numbers where ${expected.length} were expected`);
  for (let i = 0; i < actual.length; i++)
    if (!(Math.abs(actual[i] - expected[i]) <= absolute + relative * Math.abs(expected[i])))
      throw new Error(`number ${i} is ${actual[i]}, expected ${expected[i]}`);
}
