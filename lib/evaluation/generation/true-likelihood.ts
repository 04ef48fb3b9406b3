/** The likelihood of simulated pairs under the world that made them: what any model of them can reach at most. */
import type { SimulatedWorld, SimulationConfig } from "../../data/simulation.js";
import { choleskyFactor } from "../../distributions/full-gaussian.js";
import { logMeanExp } from "../../distributions/log-mean-exp.js";
import { fold, type Key } from "../../engine/random.js";
import type { Pairs } from "../../families/var-jepa.js";
import {
  type ImportanceBound,
  importanceBound,
  importanceRatio,
  type RatioEstimate,
} from "./importance-bound.js";
import { type LaplaceSettings, laplaceDefaults, laplaceWeights, type NonlinearGaussian } from "./laplace.js";

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
  views: Pairs,
  key: Key,
  settings: LaplaceSettings = laplaceDefaults,
): TrueLikelihood {
  const { samples } = settings;
  const classes = [0, 1].map((c) => {
    const models = trueObservations(world, config, views, c * config.separation);
    const own = fold(key, c);
    return {
      joint: laplaceWeights(models.joint, fold(own, "joint"), settings).logWeights,
      context: laplaceWeights(models.context, fold(own, "context"), settings).logWeights,
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

/** (x, y) and x of one class as observations of Gaussian latents. */
function trueObservations(
  { coupling, hx, hy }: SimulatedWorld,
  { d, dz, dObserved, couplingVariance, observationNoise }: SimulationConfig,
  { rows, x, y }: Pairs,
  centre: number,
): { readonly joint: NonlinearGaussian; readonly context: NonlinearGaussian } {
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
  const contextOf = (latents: Float32Array, columns: number) =>
    Float32Array.from(
      { length: (latents.length / columns) * d },
      (_, at) => centre + latents[Math.floor(at / d) * columns + (at % d)],
    );
  const targetOf = (latents: Float32Array, sx: Float32Array) =>
    sx.map((value, at) => {
      const [i, j] = [Math.floor(at / d), at % d];
      let sum = value;
      for (let k = 0; k <= j; k++) sum += factor[j * d + k] * latents[i * 2 * d + d + k];
      return sum;
    });
  const same = { rows, deviation: observationNoise };
  return {
    joint: {
      ...same,
      latents: 2 * d,
      outputs: 2 * dObserved,
      observed: sideBySide(x, y, dObserved),
      mean: (latents, { length }) => {
        const sx = contextOf(latents, 2 * d);
        return sideBySide(hx(sx, length), hy(targetOf(latents, sx), length), dObserved);
      },
    },
    context: {
      ...same,
      latents: d,
      outputs: dObserved,
      observed: x,
      mean: (latents, { length }) => hx(contextOf(latents, d), length),
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
