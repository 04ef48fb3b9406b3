/** The likelihood of simulated pairs under the world that made them: what any model of them can reach at most. */
import type { SimulatedWorld, SimulationConfig } from "../../data/simulation.js";
import { choleskyFactor } from "../../distributions/full-gaussian.js";
import { logMeanExp } from "../../distributions/log-mean-exp.js";
import { fold, type Key, normals, uniforms } from "../../engine/random.js";
import type { Pairs } from "../../families/var-jepa.js";
import type { ConditionalDensity } from "./conditional-density.js";
import type { Contexts } from "./draw-targets.js";
import {
  type ImportanceBound,
  importanceBound,
  importanceRatio,
  type RatioEstimate,
} from "./importance-bound.js";
import {
  type LaplaceRow,
  type LaplaceSettings,
  laplaceDefaults,
  laplaceRows,
  laplaceWeights,
  type NonlinearGaussian,
} from "./laplace.js";

/** log p(y|x) of the true world with what it is made of, in nats per row. */
export interface TrueLikelihood extends RatioEstimate {
  /** The bounds of log p(x, y) and log p(x), whose difference it is. */
  readonly joint: ImportanceBound;
  readonly context: ImportanceBound;
}

/**
 * The true log p(y|x) of simulated pairs (Section 6.1) by Laplace importance sampling. z is integrated out exactly,
 * s_y|s_x ~ N(s_x, A Aᵀ + v I) = s_x + C ε_2, and the class c is summed over, so that
 *
 *     p(x, y) = Σ_c ½ ∫ N(ε_1, ε_2; 0, I) N(x; h_x(s_x), σ² I) N(y; h_y(s_x + C ε_2), σ² I),   s_x = 2c + ε_1,
 *
 * with 2d latents, and p(x) likewise with the d of s_x; their logarithms' difference is log p(y|x). Both terms rise to
 * their limits with K, so the difference may approach its own from either side: look at K against 2K (`curve`).
 * @param world of the same key and configuration as the pairs
 * @throws when a setting makes no sense.
 */
export function trueLikelihood(
  world: SimulatedWorld,
  config: SimulationConfig,
  pairs: Pairs,
  key: Key,
  settings: LaplaceSettings = laplaceDefaults,
): TrueLikelihood {
  const { samples } = settings;
  const classes = [0, 1].map((c) => {
    const [own, centre] = [fold(key, c), c * config.separation];
    const weights = (part: string, model: NonlinearGaussian) =>
      laplaceWeights(model, fold(own, part), settings).logWeights;
    return {
      joint: weights("joint", jointObservation(world, config, pairs, centre)),
      context: weights("context", contextObservation(world, config, pairs, centre)),
    };
  });
  const summed = (part: "joint" | "context") =>
    classes[0][part].map((a, i) => logMeanExp(Float64Array.of(a, classes[1][part][i])));
  const [joint, context] = [summed("joint"), summed("context")];
  return {
    ...importanceRatio(joint, context, samples),
    joint: importanceBound(joint, samples),
    context: importanceBound(context, samples),
  };
}

/**
 * The true p(y|x) behind the interface of models and baselines: what their scores can reach at most. Draws are made of
 * s_x ~ p(s_x|x), which are K weighted draws of either class drawn again in proportion to their weights (sampling–importance
 * resampling, Rubin 1987), and s_y and y from the world.
 * @param key source of the weighted draws
 */
export function trueDensity(
  world: SimulatedWorld,
  config: SimulationConfig,
  key: Key,
  settings: LaplaceSettings = laplaceDefaults,
): ConditionalDensity {
  const { d, dObserved, separation, observationNoise } = config;
  const factor = couplingFactor(world, config);
  return {
    logLikelihood: (pairs) => trueLikelihood(world, config, pairs, fold(key, "likelihood"), settings).perRow,
    draw: (drawKey, contexts, draws, first = 0) => {
      const [zero, one] = [0, 1].map((c) =>
        laplaceRows(
          contextObservation(world, config, contexts, c * separation),
          fold(fold(key, "draw"), c),
          settings,
          { first },
        ),
      );
      const out = new Float32Array(contexts.rows * draws * dObserved);
      for (const own of zero) {
        const other = one.next().value as LaplaceRow;
        const noise = (label: string, columns: number) =>
          normals(fold(fold(drawKey, label), first + own.row), draws * columns);
        const logWeights = Float64Array.of(...own.logWeights, ...other.logWeights);
        const picked = resampled(fold(fold(drawKey, "s_x"), first + own.row), logWeights, draws);
        const sx = new Float32Array(draws * d);
        picked.forEach((at, draw) => {
          const inOther = at - settings.samples;
          const [from, place, centre] = inOther < 0 ? [own.draws, at, 0] : [other.draws, inOther, separation];
          for (let j = 0; j < d; j++) sx[draw * d + j] = centre + from[place * d + j];
        });
        const means = world.hy(coupled(sx, noise("s_y", d), 0, d, factor), draws);
        const ofY = noise("y", dObserved);
        out.set(
          means.map((mean, at) => mean + observationNoise * ofY[at]),
          own.row * draws * dObserved,
        );
      }
      return out;
    },
  };
}

/** `count` places of weights, each drawn with a probability in proportion to its weight. */
function resampled(key: Key, logWeights: Float64Array, count: number): Int32Array {
  const largest = logWeights.reduce((a, b) => Math.max(a, b));
  let total = 0;
  const sums = logWeights.map((v) => {
    total += Math.exp(v - largest);
    return total;
  });
  return Int32Array.from(uniforms(key, count), (u) => sums.findIndex((sum) => sum > u * total));
}

/** C with C Cᵀ = A Aᵀ + v I, the covariance of s_y given s_x. */
function couplingFactor(
  { coupling }: SimulatedWorld,
  { d, dz, couplingVariance, noiseSlope = 0 }: SimulationConfig,
): Float64Array {
  if (noiseSlope !== 0)
    throw new Error(
      `noiseSlope is ${noiseSlope}, but the true likelihood is known for noise that is the same everywhere; leave it out`,
    );
  const covariance = Float64Array.from({ length: d * d }, (_, at) => {
    const [i, j] = [Math.floor(at / d), at % d];
    let sum = i === j ? couplingVariance : 0;
    for (let k = 0; k < dz; k++) sum += coupling[i * dz + k] * coupling[j * dz + k];
    return sum;
  });
  const factor = choleskyFactor(covariance, d);
  if (!factor)
    throw new Error(
      `couplingVariance is ${couplingVariance}; use a number above 0, so that s_y has a density`,
    );
  return factor;
}

/** s_y = s_x + C ε, ε standing from place `from` on in rows of `latents`. */
function coupled(
  sx: Float32Array,
  latents: Float32Array,
  from: number,
  d: number,
  factor: Float64Array,
): Float32Array {
  const columns = latents.length / (sx.length / d);
  return sx.map((value, at) => {
    const [i, j] = [Math.floor(at / d), at % d];
    let sum = value;
    for (let k = 0; k <= j; k++) sum += factor[j * d + k] * latents[i * columns + from + k];
    return sum;
  });
}

/** s_x = centre + ε_1, the first d of each row of latents. */
function contextLatents(latents: Float32Array, rows: number, d: number, centre: number): Float32Array {
  const columns = latents.length / rows;
  const sx = new Float32Array(rows * d);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < d; j++) sx[i * d + j] = centre + latents[i * columns + j];
  return sx;
}

/** x of one class as an observation of the noise of s_x. */
function contextObservation(
  { hx }: SimulatedWorld,
  { d, dObserved, observationNoise }: SimulationConfig,
  { rows, x }: Contexts,
  centre: number,
): NonlinearGaussian {
  return {
    rows,
    latents: d,
    outputs: dObserved,
    observed: x,
    deviation: observationNoise,
    mean: (latents, { length }) => hx(contextLatents(latents, length, d, centre), length),
  };
}

/** (x, y) of one class as an observation of the noise of s_x and of s_y. */
function jointObservation(
  world: SimulatedWorld,
  config: SimulationConfig,
  { rows, x, y }: Pairs,
  centre: number,
): NonlinearGaussian {
  const { d, dObserved, observationNoise } = config;
  const factor = couplingFactor(world, config);
  return {
    rows,
    latents: 2 * d,
    outputs: 2 * dObserved,
    observed: sideBySide(x, y, dObserved),
    deviation: observationNoise,
    mean: (latents, { length }) => {
      const sx = contextLatents(latents, length, d, centre);
      return sideBySide(
        world.hx(sx, length),
        world.hy(coupled(sx, latents, d, d, factor), length),
        dObserved,
      );
    },
  };
}

/** Rows of two arrays beside each other: `[rows, 2 columns]`. */
function sideBySide(a: Float32Array, b: Float32Array, columns: number): Float32Array {
  const out = new Float32Array(2 * a.length);
  for (let row = 0; row < a.length / columns; row++) {
    out.set(a.subarray(row * columns, (row + 1) * columns), 2 * row * columns);
    out.set(b.subarray(row * columns, (row + 1) * columns), (2 * row + 1) * columns);
  }
  return out;
}
