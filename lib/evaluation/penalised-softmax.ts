/**
 * Softmax regression with a penalty on its weights, brought to its optimum: L-BFGS in double precision, whose metric
 * is made of the Newton blocks of single classes, on rows that are mostly indicators.
 */
import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { logSumExp } from "../distributions/log-sum-exp.js";
import type { SparseFeatures } from "./raw-features.js";

/** The weights that minimise Σ over rows −log p(label) + λ/2 · ‖weights without intercepts‖². */
export interface PenalisedSoftmax {
  /** Row-major `[columns + 1, classes]`; the last row are the intercepts, which are not penalised. */
  readonly weights: Float64Array;
  readonly classes: number;
  readonly lambda: number;
  /** Whether the gradient came down to `gradientLeft` of its norm at zero weights. */
  readonly converged: boolean;
  /** Steps of L-BFGS. */
  readonly iterations: number;
}

/** Share of the gradient's norm at zero weights below which a fit counts as converged. */
const GRADIENT_LEFT = 1e-7;

/** Gradient per row that is rounding, whatever it was at the start. */
const ROUNDING = 1e-12;

/** Steps before a fit is given up as not converged. */
const MOST_ITERATIONS = 1000;

/** Pairs of steps and gradient changes that L-BFGS remembers. */
const MEMORY = 20;

/** Steps after which the metric is computed again at the present weights. */
const METRIC_STEPS = 15;

/** Numbers in all Newton blocks together: 64 MiB. Wider problems get smaller blocks, in the end the diagonal. */
const BLOCK_NUMBERS = 2 ** 23;

/**
 * Fits the regression. Beside the rows given there is one of each class that shows nothing (all features 0): a class
 * without rows keeps a finite intercept, and for large λ the probabilities become the classes' frequencies with one row
 * added to each, which is what the marginal says.
 * @param features `[rows, columns]`, of about unit scale
 * @param labels a class per row, whole numbers from 0 to `classes` − 1, `[rows]`
 * @param lambda strength of the penalty in rows, above 0
 * @param start weights to begin with, such as those of a nearby λ; zeros by default
 * @param gradientLeft share of the gradient's norm at zero weights to come down to
 * @throws when λ is not above 0: separable classes would have no optimum.
 */
export function fitPenalisedSoftmax(
  features: SparseFeatures,
  labels: ArrayLike<number>,
  classes: number,
  lambda: number,
  start?: Float64Array,
  gradientLeft = GRADIENT_LEFT,
): PenalisedSoftmax {
  if (!(lambda > 0)) throw new Error(`lambda is ${lambda}; use a number above 0`);
  const size = (features.columns + 1) * classes;
  const objective = penalisedLoss(features, labels, classes, lambda);
  const enough = gradientLeft * norm(objective(new Float64Array(size)).gradient) + ROUNDING * features.rows;

  let weights: Float64Array = start?.slice() ?? new Float64Array(size);
  let { value, gradient } = objective(weights);
  let metric = newtonBlocks(features, classes, lambda, weights);
  const pairs: Pair[] = [];
  let iterations = 0;
  while (norm(gradient) > enough && iterations < MOST_ITERATIONS) {
    if (iterations > 0 && iterations % METRIC_STEPS === 0)
      metric = newtonBlocks(features, classes, lambda, weights);
    const direction = descent(gradient, pairs, metric);
    const next = lineSearch(objective, weights, value, gradient, direction);
    if (!next) break;
    const step = next.weights.map((w, i) => w - weights[i]);
    const change = next.gradient.map((g, i) => g - gradient[i]);
    const curvature = dot(step, change);
    if (curvature > 0) pairs.push({ step, change, curvature });
    if (pairs.length > MEMORY) pairs.shift();
    ({ weights, value, gradient } = next);
    iterations++;
  }
  return { weights, classes, lambda, converged: norm(gradient) <= enough, iterations };
}

/** Log probabilities of the classes, row-major `[rows, classes]`: finite for finite features. */
export function logProbabilities(
  { weights, classes }: Pick<PenalisedSoftmax, "weights" | "classes">,
  features: SparseFeatures,
): Float64Array {
  const out = new Float64Array(features.rows * classes);
  const logits = new Float64Array(classes);
  for (let row = 0; row < features.rows; row++) {
    rowLogits(features, row, weights, logits);
    const total = logSumExp(logits);
    for (let c = 0; c < classes; c++) out[row * classes + c] = logits[c] - total;
  }
  return out;
}

/** Value and gradient of the penalised loss at some weights. */
type Objective = (weights: Float64Array) => { value: number; gradient: Float64Array };

/** The loss that `fitPenalisedSoftmax` minimises, its added rows included. */
export function penalisedLoss(
  features: SparseFeatures,
  labels: ArrayLike<number>,
  classes: number,
  lambda: number,
): Objective {
  const { rows, columns, numbers, numberCount, indicators, indicatorCount } = features;
  const logits = new Float64Array(classes);
  const intercepts = columns * classes;
  return (weights) => {
    const gradient = new Float64Array(weights.length);
    let value = 0;
    for (let row = 0; row < rows; row++) {
      rowLogits(features, row, weights, logits);
      const total = logSumExp(logits);
      value += total - logits[labels[row]];
      for (let c = 0; c < classes; c++) logits[c] = Math.exp(logits[c] - total);
      logits[labels[row]]--;
      for (let j = 0; j < numberCount; j++) {
        const x = numbers[row * numberCount + j];
        for (let c = 0, at = j * classes; c < classes; c++) gradient[at++] += x * logits[c];
      }
      for (let j = 0; j < indicatorCount; j++) {
        let at = indicators[row * indicatorCount + j] * classes;
        for (let c = 0; c < classes; c++) gradient[at++] += logits[c];
      }
      for (let c = 0, at = intercepts; c < classes; c++) gradient[at++] += logits[c];
    }
    const total = logSumExp(weights.subarray(intercepts));
    for (let c = 0, at = intercepts; c < classes; c++, at++) {
      value += total - weights[at];
      gradient[at] += classes * Math.exp(weights[at] - total) - 1;
    }
    for (let i = 0; i < intercepts; i++) {
      value += 0.5 * lambda * weights[i] * weights[i];
      gradient[i] += lambda * weights[i];
    }
    return { value, gradient };
  };
}

function rowLogits(
  { columns, numbers, numberCount, indicators, indicatorCount }: SparseFeatures,
  row: number,
  weights: Float64Array,
  out: Float64Array,
): void {
  const classes = out.length;
  for (let c = 0, at = columns * classes; c < classes; c++) out[c] = weights[at++];
  for (let j = 0; j < numberCount; j++) {
    const x = numbers[row * numberCount + j];
    for (let c = 0, at = j * classes; c < classes; c++) out[c] += x * weights[at++];
  }
  for (let j = 0; j < indicatorCount; j++) {
    let at = indicators[row * indicatorCount + j] * classes;
    for (let c = 0; c < classes; c++) out[c] += weights[at++];
  }
}

/** Solves H d = g for the second derivatives within each class, all at once: `[columns + 1, classes]` in and out. */
type Metric = (gradient: Float64Array) => Float64Array;

/** The second derivatives of the loss within single classes, in blocks of neighbouring columns. */
function newtonBlocks(
  features: SparseFeatures,
  classes: number,
  lambda: number,
  weights: Float64Array,
): Metric {
  const { rows, columns, numbers, numberCount, indicators, indicatorCount } = features;
  const width = columns + 1;
  const size = Math.max(1, Math.min(width, Math.floor(BLOCK_NUMBERS / (width * classes))));
  // Entry (j, k of j's block, class) of the lower triangles.
  const entries = new Float64Array(width * size * classes);
  const active = numberCount + indicatorCount + 1;
  const place = new Int32Array(active).map((_, i) => (i < active - 1 ? i : columns));
  const x = new Float64Array(active).fill(1);
  const curvature = new Float64Array(classes);
  for (let row = 0; row < rows; row++) {
    rowLogits(features, row, weights, curvature);
    const total = logSumExp(curvature);
    for (let c = 0; c < classes; c++) {
      const p = Math.exp(curvature[c] - total);
      curvature[c] = p * (1 - p);
    }
    for (let j = 0; j < numberCount; j++) x[j] = numbers[row * numberCount + j];
    for (let j = 0; j < indicatorCount; j++) place[numberCount + j] = indicators[row * indicatorCount + j];
    for (let a = 0; a < active; a++) {
      const j = place[a];
      const first = j - (j % size);
      for (let b = a; b >= 0 && place[b] >= first; b--) {
        const product = x[a] * x[b];
        let at = (j * size + place[b] - first) * classes;
        for (let c = 0; c < classes; c++) entries[at++] += product * curvature[c];
      }
    }
  }
  const total = logSumExp(weights.subarray(columns * classes));
  const blocks: { first: number; solvers: CholeskyDecomposition[] }[] = [];
  for (let first = 0; first < width; first += size) {
    const count = Math.min(size, width - first);
    const solvers = Array.from({ length: classes }, (_, c) => {
      const block = Matrix.zeros(count, count);
      for (let j = 0; j < count; j++) {
        for (let k = 0; k <= j; k++) {
          const entry = entries[((first + j) * size + k) * classes + c];
          block.set(j, k, entry);
          block.set(k, j, entry);
        }
        const p = Math.exp(weights[columns * classes + c] - total);
        const own = first + j < columns ? lambda : Math.max(classes * p * (1 - p), 1e-9);
        block.set(j, j, block.get(j, j) + own);
      }
      return new CholeskyDecomposition(block);
    });
    blocks.push({ first, solvers });
  }
  return (gradient) => {
    const out = new Float64Array(gradient.length);
    for (const { first, solvers } of blocks)
      solvers.forEach((solver, c) => {
        const count = Math.min(size, width - first);
        const right = Matrix.zeros(count, 1);
        for (let j = 0; j < count; j++) right.set(j, 0, gradient[(first + j) * classes + c]);
        const solved = solver.solve(right);
        for (let j = 0; j < count; j++) out[(first + j) * classes + c] = solved.get(j, 0);
      });
    centreClasses(out, classes);
    return out;
  };
}

function centreClasses(values: Float64Array, classes: number): void {
  for (let first = 0; first < values.length; first += classes) {
    let mean = 0;
    for (let c = 0; c < classes; c++) mean += values[first + c] / classes;
    for (let c = 0; c < classes; c++) values[first + c] -= mean;
  }
}

/** A step of the past, how it changed the gradient, and the product of both. */
interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  readonly curvature: number;
}

/** The two loops of L-BFGS with a metric in their middle. */
function descent(gradient: Float64Array, pairs: readonly Pair[], metric: Metric): Float64Array {
  const left = gradient.slice();
  const alphas = new Float64Array(pairs.length);
  for (let i = pairs.length - 1; i >= 0; i--) {
    const { step, change, curvature } = pairs[i];
    alphas[i] = dot(step, left) / curvature;
    addTo(left, change, -alphas[i]);
  }
  const direction = metric(left);
  pairs.forEach(({ step, change, curvature }, i) => {
    addTo(direction, step, alphas[i] - dot(change, direction) / curvature);
  });
  return direction.map((v) => -v);
}

/**
 * Shortens the step until the loss falls (Armijo), to where a parabola has its least value but by 2 to 10 times;
 * undefined when rounding leaves nothing to gain.
 */
function lineSearch(
  objective: Objective,
  weights: Float64Array,
  value: number,
  gradient: Float64Array,
  direction: Float64Array,
): { weights: Float64Array; value: number; gradient: Float64Array } | undefined {
  const slope = dot(gradient, direction);
  const slack = 1e-14 * Math.abs(value);
  for (let length = 1; length > 1e-10; ) {
    const tried = weights.map((w, i) => w + length * direction[i]);
    const next = objective(tried);
    const rise = next.value - value;
    if (rise <= 1e-4 * length * slope + slack) return { weights: tried, ...next };
    const least = (-slope * length) / (2 * (rise - slope * length));
    length *= Math.min(0.5, Math.max(0.1, least));
  }
  return undefined;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function norm(values: Float64Array): number {
  return Math.sqrt(dot(values, values));
}

function addTo(to: Float64Array, values: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i] += factor * values[i];
}
