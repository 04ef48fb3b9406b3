/** Laplace importance sampling: the likelihood of observations whose mean is a nonlinear function of Gaussian latents. */
import { checkWhole } from "../../checks.js";
import {
  choleskyFactor,
  halfLogDeterminant,
  solveLower,
  solveUpper,
  timesUpper,
} from "../../distributions/full-gaussian.js";
import { fold, type Key, normals, uniforms } from "../../engine/random.js";

/** p(ε) = N(0, I), p(o|ε) = N(g(ε), σ² I), with a g of its own for every row. */
export interface NonlinearGaussian {
  readonly rows: number;
  /** n, dimensions of ε. */
  readonly latents: number;
  /** Dimensions of an observation. */
  readonly outputs: number;
  /** o, row-major `[rows, outputs]`. */
  readonly observed: Float32Array;
  /** σ */
  readonly deviation: number;
  /**
   * g
   * @param latents `[count, n]`
   * @param row which row each of them belongs to, `[count]`
   * @returns `[count, outputs]`
   */
  readonly mean: (latents: Float32Array, row: Int32Array) => Float32Array;
}

/** How modes are searched and sampled around. */
export interface LaplaceSettings {
  /** K, draws per row. */
  readonly samples: number;
  /** Most Gauss–Newton steps to the mode. */
  readonly steps: number;
  /** What the covariance at the mode is multiplied by, at least 1: tails of the posterior are heavier than its top. */
  readonly inflation: number;
  /**
   * Share of draws from p(ε), which keeps every weight below p(o|ε)/share and so its variance finite (a defensive
   * mixture, Owen & Zhou 2000), even where the mode found is the wrong one.
   */
  readonly priorShare: number;
}

/** 20 steps, a covariance 1.2 times as large, one draw in ten from the prior. */
export const laplaceDefaults: LaplaceSettings = { samples: 1024, steps: 20, inflation: 1.2, priorShare: 0.1 };

/** Modes of p(ε|o) and log weights. */
export interface LaplaceWeights {
  readonly samples: number;
  /** log w in nats, row-major `[rows, samples]`, for `importanceBound`. */
  readonly logWeights: Float64Array;
  /** The mode found, `[rows, n]`. */
  readonly modes: Float32Array;
  /** Laplace's own approximation of log p(o), without any sampling, `[rows]`. */
  readonly laplace: Float64Array;
}

/** Numbers that are handed to g, or taken from it, at once. */
const NUMBERS_AT_ONCE = 2 ** 22;
/** Distance of the central differences. g may be in single precision: they lose 5 digits, and a proposal needs 3. */
const DIFFERENCE = 1e-2;
/** A step that lowers the objective by less, in nats, ends the search. */
const ENOUGH = 1e-4;
/** Shares of a Gauss–Newton step that are tried. */
const STEP_SHARES = [1, 0.5, 0.25, 0.0625, 0.015625];

/**
 * Log importance weights of log p(o) = log ∫ N(ε; 0, I) N(o; g(ε), σ² I) dε, with draws around the mode of the
 * integrand: ε ~ (1 − share) N(m, c H⁻¹) + share N(0, I), where H = I + JᵀJ/σ² and J is the Jacobian of g at m.
 * m is found by Gauss–Newton steps with a line search; H, Gauss–Newton's, is never indefinite. Modes and Jacobians only
 * shape the proposal: the weights w = N(ε; 0, I) N(o; g(ε), σ² I)/r(ε) are unbiased for p(o) wherever they lie. For an
 * affine g, inflation 1 and share 0, every weight is p(o) itself. A share of draws from the prior has hardly any weight
 * and spreads log w far: go by the effective samples, not by the variance of log w.
 * @param start where the search starts, `[rows, n]`; at 0, the mode of the prior, by default
 * @throws when a setting makes no sense, or start or observations have another size.
 */
export function laplaceWeights(
  model: NonlinearGaussian,
  key: Key,
  settings: LaplaceSettings = laplaceDefaults,
  start?: Float32Array,
): LaplaceWeights {
  const { rows, latents: n } = model;
  const { samples } = settings;
  const logWeights = new Float64Array(rows * samples);
  const modes = new Float32Array(rows * n);
  const laplace = new Float64Array(rows);
  for (const { row, ...own } of laplaceRows(model, key, settings, { start })) {
    logWeights.set(own.logWeights, row * samples);
    modes.set(own.mode, row * n);
    laplace[row] = own.laplace;
  }
  return { samples, logWeights, modes, laplace };
}

/** The weighted draws of one row. */
export interface LaplaceRow {
  readonly row: number;
  /** `[n]` */
  readonly mode: Float32Array;
  /** Laplace's approximation of log p(o). */
  readonly laplace: number;
  /** ε, `[samples, n]`; drawn again in proportion to their weights, they are draws of p(ε|o). */
  readonly draws: Float32Array;
  /** `[samples]` */
  readonly logWeights: Float64Array;
}

/**
 * Row by row what `laplaceWeights` sums up, with the draws themselves.
 * @param first place of the first row in the data: its draws go by that
 */
export function* laplaceRows(
  model: NonlinearGaussian,
  key: Key,
  settings: LaplaceSettings,
  { start = new Float32Array(model.rows * model.latents), first: offset = 0 }: LaplacePlace = {},
): Generator<LaplaceRow> {
  checkSettings(model, settings, start);
  const { rows, latents: n, outputs } = model;
  const size = Math.max(1, Math.floor(NUMBERS_AT_ONCE / (2 * n * (n + outputs))));
  for (let first = 0; first < rows; first += size) {
    const own = Int32Array.from({ length: Math.min(size, rows - first) }, (_, i) => first + i);
    const modes = findModes(model, own, start.subarray(first * n, (first + own.length) * n), settings.steps);
    const jacobians = differences(model, own, modes);
    const logJoints = logJoint(model, modes, own);
    for (const [i, row] of own.entries()) {
      const mode = modes.subarray(i * n, (i + 1) * n);
      const factor = curvature(jacobians, i, model);
      const laplace = logJoints[i] + (n / 2) * LOG_2PI - halfLogDeterminant(factor, n);
      yield {
        row,
        mode,
        laplace,
        ...sampleAround(model, row, mode, factor, fold(key, offset + row), settings),
      };
    }
  }
}

/** Where a search starts, and rows stand in their data. */
interface LaplacePlace {
  readonly start?: Float32Array;
  readonly first?: number;
}

const LOG_2PI = Math.log(2 * Math.PI);

/** log N(ε; 0, I) N(o; g(ε), σ² I) of latents `[count, n]`. */
function logJoint(
  { latents: n, outputs, observed, deviation, mean }: NonlinearGaussian,
  latents: Float32Array,
  row: Int32Array,
): Float64Array {
  const means = mean(latents, row);
  const constant = (n + outputs) * LOG_2PI + 2 * outputs * Math.log(deviation);
  return Float64Array.from(row, (of, i) => {
    let [prior, likelihood] = [0, 0];
    for (let j = 0; j < n; j++) prior += latents[i * n + j] ** 2;
    for (let j = 0; j < outputs; j++)
      likelihood += (observed[of * outputs + j] - means[i * outputs + j]) ** 2;
    return -0.5 * (prior + likelihood / deviation ** 2 + constant);
  });
}

/** Jacobians of g at one place per row by central differences: `[rows, n, outputs]`. */
function differences(
  { latents: n, outputs, mean }: NonlinearGaussian,
  row: Int32Array,
  places: Float32Array,
): Float64Array {
  const tried = new Float32Array(row.length * 2 * n * n);
  const of = new Int32Array(row.length * 2 * n);
  for (let i = 0; i < of.length; i++) {
    const at = Math.floor(i / (2 * n));
    of[i] = row[at];
    tried.set(places.subarray(at * n, (at + 1) * n), i * n);
    tried[i * n + (Math.floor(i / 2) % n)] += i % 2 ? -DIFFERENCE : DIFFERENCE;
  }
  const means = mean(tried, of);
  return Float64Array.from({ length: row.length * n * outputs }, (_, at) => {
    const above = 2 * Math.floor(at / outputs) * outputs + (at % outputs);
    return (means[above] - means[above + outputs]) / (2 * DIFFERENCE);
  });
}

/** The Cholesky factor of H = I + JᵀJ/σ², `[n, n]`. */
function curvature(
  jacobians: Float64Array,
  i: number,
  { latents: n, outputs, deviation }: NonlinearGaussian,
): Float64Array {
  const h = new Float64Array(n * n);
  const own = jacobians.subarray(i * n * outputs, (i + 1) * n * outputs);
  for (let a = 0; a < n; a++)
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let j = 0; j < outputs; j++) sum += own[a * outputs + j] * own[b * outputs + j];
      h[a * n + b] = sum / deviation ** 2 + (a === b ? 1 : 0);
    }
  const factor = choleskyFactor(h, n);
  if (!factor)
    throw new Error("the mean of the observations is not finite; check the model's weights and its start");
  return factor;
}

/**
 * Modes of the rows by Gauss–Newton with a line search from `start` on, `[rows, n]`. Each row ends its own search, so that
 * it does not see which others there are.
 */
function findModes(
  model: NonlinearGaussian,
  row: Int32Array,
  start: Float32Array,
  steps: number,
): Float32Array {
  const { latents: n } = model;
  const places = start.slice();
  const best = logJoint(model, places, row);
  let searching = Array.from(row.keys());
  for (let step = 0; step < steps && searching.length > 0; step++) {
    const at = new Float32Array(searching.length * n);
    searching.forEach((i, s) => {
      at.set(places.subarray(i * n, (i + 1) * n), s * n);
    });
    const tried = triedSteps(
      model,
      Int32Array.from(searching, (i) => row[i]),
      at,
    );
    const shares = STEP_SHARES.length;
    const found = logJoint(
      model,
      tried,
      Int32Array.from(
        { length: searching.length * shares },
        (_, t) => row[searching[Math.floor(t / shares)]],
      ),
    );
    searching = searching.filter((i, s) => {
      let top = s * shares;
      for (let t = top; t < (s + 1) * shares; t++) if (found[t] > found[top]) top = t;
      const gain = found[top] - best[i];
      if (!(gain > 0)) return false;
      places.set(tried.subarray(top * n, (top + 1) * n), i * n);
      best[i] = found[top];
      return gain >= ENOUGH;
    });
  }
  return places;
}

/** Places along one Gauss–Newton step of every row: `[rows, shares, n]`. */
function triedSteps(model: NonlinearGaussian, row: Int32Array, places: Float32Array): Float32Array {
  const { latents: n, outputs, observed, deviation, mean } = model;
  const jacobians = differences(model, row, places);
  const means = mean(places, row);
  const shares = STEP_SHARES.length;
  const tried = new Float32Array(row.length * shares * n);
  row.forEach((of, i) => {
    const direction = Float64Array.from({ length: n }, (_, a) => {
      let pull = 0;
      for (let j = 0; j < outputs; j++)
        pull += jacobians[(i * n + a) * outputs + j] * (observed[of * outputs + j] - means[i * outputs + j]);
      return pull / deviation ** 2 - places[i * n + a];
    });
    const factor = curvature(jacobians, i, model);
    solveUpper(factor, solveLower(factor, direction));
    STEP_SHARES.forEach((share, s) => {
      for (let a = 0; a < n; a++) tried[(i * shares + s) * n + a] = places[i * n + a] + share * direction[a];
    });
  });
  return tried;
}

/** Draws around one row's mode, and their log weights. */
function sampleAround(
  model: NonlinearGaussian,
  row: number,
  mode: Float32Array,
  factor: Float64Array,
  key: Key,
  { samples, inflation, priorShare }: LaplaceSettings,
): Pick<LaplaceRow, "draws" | "logWeights"> {
  const n = mode.length;
  const constant = halfLogDeterminant(factor, n) - (n / 2) * Math.log(inflation);
  const fromPrior = uniforms(fold(key, "component"), samples);
  const size = Math.max(1, Math.floor(NUMBERS_AT_ONCE / (n + model.outputs)));
  const draws = new Float32Array(samples * n);
  const logWeights = new Float64Array(samples);
  for (let first = 0, piece = 0; first < samples; first += size, piece++) {
    const count = Math.min(size, samples - first);
    const noise = normals(fold(fold(key, "noise"), piece), count * n);
    const drawn = draws.subarray(first * n, (first + count) * n);
    const logProposal = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const own = Float64Array.from(noise.subarray(i * n, (i + 1) * n));
      const scattered =
        fromPrior[first + i] < priorShare
          ? own
          : solveUpper(factor, own).map((v, a) => mode[a] + Math.sqrt(inflation) * v);
      drawn.set(scattered, i * n);
      const rounded = drawn.subarray(i * n, (i + 1) * n);
      const around = timesUpper(
        factor,
        Float64Array.from(rounded, (v, a) => v - mode[a]),
      );
      const [squared, prior] = [around, rounded].map((v) =>
        (v as Float64Array).reduce((s, e) => s + e * e, 0),
      );
      logProposal[i] =
        logAdd(
          Math.log1p(-priorShare) + constant - (0.5 * squared) / inflation,
          Math.log(priorShare) - 0.5 * prior,
        ) -
        (n / 2) * LOG_2PI;
    }
    const joint = logJoint(model, drawn, new Int32Array(count).fill(row));
    for (let i = 0; i < count; i++) logWeights[first + i] = joint[i] - logProposal[i];
  }
  return { draws, logWeights };
}

/** log (e^a + e^b); either may be −∞. */
function logAdd(a: number, b: number): number {
  const [low, high] = a < b ? [a, b] : [b, a];
  return high + Math.log1p(Math.exp(low - high));
}

function checkSettings(
  { rows, latents, outputs, observed, deviation }: NonlinearGaussian,
  { samples, steps, inflation, priorShare }: LaplaceSettings,
  start: Float32Array,
): void {
  checkWhole("samples", samples, 1, 2 ** 24);
  checkWhole("steps", steps, 0, 10_000);
  if (!(inflation >= 1)) throw new Error(`inflation is ${inflation}; use a number of at least 1`);
  if (!(priorShare >= 0 && priorShare < 1))
    throw new Error(`priorShare is ${priorShare}; use a number from 0 to below 1`);
  if (!(deviation > 0)) throw new Error(`deviation is ${deviation}; use a number above 0`);
  if (observed.length !== rows * outputs)
    throw new Error(
      `observed holds ${observed.length} values; ${rows} rows of ${outputs} need ${rows * outputs}`,
    );
  if (start.length !== rows * latents)
    throw new Error(`start holds ${start.length} values; ${rows} rows of ${latents} need ${rows * latents}`);
}
