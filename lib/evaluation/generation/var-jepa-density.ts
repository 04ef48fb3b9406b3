import { fold, type Key } from "../../engine/random.js";
import type { FlatParameters } from "../../layers/parameters.js";
import type { VarJepaConfig } from "../../models/var-jepa.js";
import type { ConditionalDensity } from "./conditional-density.js";
import { drawTargets } from "./draw-targets.js";
import { generatorObservation } from "./generator-observation.js";
import { importanceBound } from "./importance-bound.js";
import { importanceWeights, type Proposal } from "./importance-weights.js";
import { laplaceDefaults, laplaceWeights } from "./laplace.js";

/** How the likelihood of a trained model is estimated: K samples from a named proposal, or around a mode. */
export interface LikelihoodSettings {
  readonly samples: number;
  readonly proposal: Proposal | "laplace";
}

/**
 * What a trained model generates, behind the interface of the baselines. Its log-likelihood is the bound with K samples;
 * whether it has converged is said by `importanceBound` of the same weights, not here.
 * @param key source of the likelihood's samples; draws have their own
 */
export function varJepaDensity(
  weights: FlatParameters,
  config: VarJepaConfig,
  key: Key,
  { samples, proposal }: LikelihoodSettings,
): ConditionalDensity {
  const own = fold(key, "likelihood");
  return {
    draw: (drawKey, contexts, draws, first) => drawTargets(weights, config, contexts, draws, drawKey, first),
    logLikelihood: (pairs) => {
      if (proposal !== "laplace") {
        const { target } = importanceWeights(weights, config, pairs, own, { samples, proposal });
        return importanceBound(target, samples).perRow;
      }
      const { dispose, ...model } = generatorObservation(weights, config, pairs);
      try {
        const { logWeights } = laplaceWeights(model, own, { ...laplaceDefaults, samples });
        return importanceBound(logWeights, samples).perRow;
      } finally {
        dispose();
      }
    },
  };
}
