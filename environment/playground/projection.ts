/** Latents seen in two dimensions, from a side that does not jump as they move. */

/** Two directions of length 1 at a right angle, `[2, d]`. */
export type Axes = readonly [first: Float64Array, second: Float64Array];

/** Turns of `followAxes` from one picture to the next; and until they are there, at the first. */
const turns = 4;
const turnsAtFirst = 200;

/**
 * The first two principal axes of rows; of rows in two dimensions, these two.
 * @param latents row-major `[rows, d]`
 */
export function firstAxes(latents: Float32Array, d: number): Axes {
  const unit = (k: number) => Float64Array.from({ length: d }, (_, j) => (j === k ? 1 : 0));
  if (d === 2) return [unit(0), unit(1)];
  // Any start that lies across no axis will do.
  const start = (k: number) => Float64Array.from({ length: d }, (_, j) => 1 / (1 + ((j + k) % d)));
  return turned(orthogonal(start(0), start(1)), latents, d, turnsAtFirst);
}

/**
 * The axes of the picture before, turned towards the principal axes of rows by orthogonal iteration: the sign of an axis stays,
 * and where two axes spread alike, they do not swap places.
 * @param latents row-major `[rows, d]`
 */
export function followAxes(before: Axes, latents: Float32Array, d: number): Axes {
  return d === 2 ? before : turned(before, latents, d, turns);
}

/** Where rows lie along axes, not centred: `[rows, 2]`. */
export function projected(latents: Float32Array, axes: Axes): Float32Array {
  const d = axes[0].length;
  const points = new Float32Array((latents.length / d) * 2);
  for (let i = 0; i < points.length; i++) points[i] = along(latents, Math.floor(i / 2) * d, axes[i % 2]);
  return points;
}

function turned(axes: Axes, latents: Float32Array, d: number, count: number): Axes {
  const covariance = scatterOf(latents, d);
  let [first, second] = axes;
  for (let i = 0; i < count; i++)
    [first, second] = orthogonal(times(covariance, first), times(covariance, second), [first, second]);
  return [first, second];
}

/** Rows' products about their mean, `[d, d]`, divided by their trace; 0 of rows that are all the same. */
function scatterOf(latents: Float32Array, d: number): Float64Array[] {
  const rows = latents.length / d;
  const mean = new Float64Array(d);
  for (let i = 0; i < latents.length; i++) mean[i % d] += latents[i] / rows;
  const products = Array.from({ length: d }, () => new Float64Array(d));
  for (let n = 0; n < rows; n++)
    for (let j = 0; j < d; j++) {
      const centred = latents[n * d + j] - mean[j];
      for (let k = 0; k < d; k++) products[j][k] += centred * (latents[n * d + k] - mean[k]);
    }
  const trace = products.reduce((sum, line, j) => sum + line[j], 0);
  if (trace > 0) for (const line of products) for (let k = 0; k < d; k++) line[k] /= trace;
  return products;
}

function times(matrix: readonly Float64Array[], vector: Float64Array): Float64Array {
  return Float64Array.from(matrix, (line) => along(line, 0, vector));
}

/** Two directions at a right angle; one that is not there is taken from those of before. */
function orthogonal(first: Float64Array, second: Float64Array, [a, b]: Axes = [first, second]): Axes {
  const one = across([first, a]);
  return [one, across([second, b, a], one)];
}

/** The first of some directions that has a part at a right angle to another one: that part, of length 1. */
function across(directions: readonly Float64Array[], other?: Float64Array): Float64Array {
  for (const direction of directions) {
    const shadow = other ? along(direction, 0, other) : 0;
    const part = other ? direction.map((value, j) => value - shadow * other[j]) : direction;
    const length = Math.sqrt(along(part, 0, part));
    if (length > 1e-9) return part.map((value) => value / length);
  }
  throw new Error("no direction has a length");
}

function along(values: Float32Array | Float64Array, from: number, axis: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < axis.length; j++) sum += values[from + j] * axis[j];
  return sum;
}
