import { fold, type Key } from "../../engine/random.js";
import type { Pairs } from "../../families/var-jepa.js";
import type { FlatParameters } from "../../layers/parameters.js";
import type { VarJepaConfig } from "../../models/var-jepa.js";
import type { ConditionalDensity } from "./conditional-density.js";
import { drawTargets } from "./draw-targets.js";
import { generatorObservation } from "./generator-observation.js";
import { type ImportanceBound, importanceBound } from "./importance-bound.js";
import { importanceWeights, type Proposal } from "./importance-weights.js";
import { laplaceDefaults, laplaceWeights } from "./laplace.js";

/** How the likelihood of a trained model is estimated: K samples from a named proposal, or around the mode with y in sight. */
export interface LikelihoodSettings {
  readonly samples: number;
  readonly proposal: Proposal | "mode";
}

/** A density whose log-likelihood is estimated. */
export interface EstimatedDensity extends ConditionalDensity {
  /** The bound whose `perRow` is the log-likelihood, with what tells whether it has converged. */
  readonly bound: (pairs: Pairs) => ImportanceBound;
}

/**
 * The bound of log p(y|x) of some pairs under a trained model.
 * @param key source of the samples
 */
export function likelihoodBound(
  weights: FlatParameters,
  config: VarJepaConfig,
  pairs: Pairs,
  key: Key,
  { samples, proposal }: LikelihoodSettings,
): ImportanceBound {
  if (proposal !== "mode") {
    const { target } = importanceWeights(weights, config, pairs, key, { samples, proposal });
    return importanceBound(target, samples);
  }
  const { dispose, ...model } = generatorObservation(weights, config, pairs);
  try {
    const { logWeights } = laplaceWeights(model, key, { ...laplaceDefaults, samples });
    return importanceBound(logWeights, samples);
  } finally {
    dispose();
  }
}

/**
 * What a trained model generates, behind the interface of the baselines. Its log-likelihood is the bound with K samples;
 * whether it has converged is said by `bound`.
 * @param key source of the likelihood's samples; draws have their own
 */
export function varJepaDensity(
  weights: FlatParameters,
  config: VarJepaConfig,
  key: Key,
  settings: LikelihoodSettings,
): EstimatedDensity {
  const own = fold(key, "likelihood");
  const bound = (pairs: Pairs) => likelihoodBound(weights, config, pairs, own, settings);
  return {
    bound,
    draw: (drawKey, contexts, draws, first) => drawTargets(weights, config, contexts, draws, drawKey, first),
    logLikelihood: (pairs) => bound(pairs).perRow,
  };
}
