/** The negative ELBO of Var-T-JEPA as five named terms (Section 5; weights and annealing: Table 7 and Equations 53–55). */

import { kl, klToStandardNormal } from "../distributions/diagonal-gaussian.js";
import { fold } from "../engine/random.js";
import * as tf from "../engine/tf.js";
import type { Parameters } from "../layers/weights.js";
import { drawMasks } from "../models/modalities/tabular/masks.js";
import { featureCount, type TableRows } from "../models/modalities/tabular/table.js";
import type { TokenModelConfig } from "../models/tokens/config.js";
import type { TokenPass } from "../models/tokens/pass.js";
import { type PassSource, passVarTJepa, type VarTJepaConfig } from "../models/var-t-jepa.js";

/** Weights of the five terms. All are at least 0; 0 takes the term away. */
export interface TabularElboWeights {
  readonly alphaRec: number;
  readonly alphaGen: number;
  readonly alphaKlSx: number;
  readonly alphaKlZ: number;
  readonly alphaKlSy: number;
}

/** By how much each KL weight has risen, from 0 to 1. */
export interface KlAnnealing {
  readonly klSx: number;
  readonly klZ: number;
  readonly klSy: number;
}

/** KL weights at their final value. */
export const annealed: KlAnnealing = { klSx: 1, klZ: 1, klSy: 1 };

/**
 * The KL weights' rise at a step, linear from 0 (Equations 53–55, which count steps; Table 7 counts epochs).
 * @param epochs length of each rise; 0 starts at the full weight
 */
export function klAnnealing(
  step: number,
  stepsPerEpoch: number,
  epochs: { readonly klSx: number; readonly klZ: number; readonly klSy: number },
): KlAnnealing {
  const risen = (length: number) => (length <= 0 ? 1 : Math.min(1, step / (length * stepsPerEpoch)));
  return { klSx: risen(epochs.klSx), klZ: risen(epochs.klZ), klSy: risen(epochs.klSy) };
}

/** The five terms, each a scalar in nats, averaged over rows; every KL is summed over latent dimensions. */
export interface TabularElboTerms {
  /** L_rec = −E log p(x_j|s_x), mean over the features in the context. */
  readonly rec: tf.Scalar;
  /** L_gen = −E log p(w_j|s_w), mean over all D features and the samples of s_w. */
  readonly gen: tf.Scalar;
  /** KL(q(s_x|x) ‖ N(0, I)), mean over the features in the context. The CLS tokens are not charged. */
  readonly klSx: tf.Scalar;
  /** KL(q(z|s_x) ‖ N(0, I)) */
  readonly klZ: tf.Scalar;
  /** KL(q(s_yk|s_x,z,y_k) ‖ p(s_yk|s_x,z)), mean over the K targets and their features. */
  readonly klSy: tf.Scalar;
}

/** One weighted term, as a training task takes it; all are averages over the rows of a batch. */
export interface WeightedTerm {
  readonly weight: number;
  readonly value: tf.Scalar;
  readonly over: "rows";
}

/**
 * The five terms of a batch, or of a part of one: masks, noise and dropout all come from the step's key.
 * @param input the rows of this part
 */
export function varTJepaTerms(
  parameters: Parameters,
  config: VarTJepaConfig,
  input: TableRows,
  source: PassSource,
): TabularElboTerms {
  const masks = drawMasks(
    fold(source.key, "masks"),
    config.masks,
    featureCount(config.table),
    input.rows,
    source.firstRow,
  );
  return tabularElboTerms(passVarTJepa(parameters, config, input, masks, source), config);
}

/** Computes the five terms of a pass. */
export function tabularElboTerms(
  pass: TokenPass<unknown, unknown>,
  config: Pick<TokenModelConfig, "clsTokens">,
): TabularElboTerms {
  return {
    rec: pass.negativeLogX(),
    gen: pass.negativeLogW(),
    klSx: contextKl(pass, config.clsTokens),
    klZ: tf.mean(klToStandardNormal(pass.qZ)),
    klSy: tf.mean(kl(pass.qSy, pass.pSy)),
  };
}

/**
 * The terms with their weights, the KL weights risen as far as `annealing` says.
 * @returns entries `rec`, `gen`, `klSx`, `klZ`, `klSy`
 */
export function weightedTabularElbo(
  terms: TabularElboTerms,
  weights: TabularElboWeights,
  annealing: KlAnnealing,
): Record<keyof TabularElboTerms, WeightedTerm> {
  const weighted = (weight: number, value: tf.Scalar): WeightedTerm => ({ weight, value, over: "rows" });
  return {
    rec: weighted(weights.alphaRec, terms.rec),
    gen: weighted(weights.alphaGen, terms.gen),
    klSx: weighted(weights.alphaKlSx * annealing.klSx, terms.klSx),
    klZ: weighted(weights.alphaKlZ * annealing.klZ, terms.klZ),
    klSy: weighted(weights.alphaKlSy * annealing.klSy, terms.klSy),
  };
}

/** @throws when a weight is negative or not a number. */
export function checkTabularElbo(weights: TabularElboWeights): void {
  for (const [field, value] of Object.entries(weights))
    if (!(value >= 0 && Number.isFinite(value)))
      throw new Error(`${field} is ${value}; a weight must be a number of at least 0`);
}

/** KL of the context's tokens to N(0, I), averaged over rows and features, CLS tokens left out. */
function contextKl({ qSx, masks }: TokenPass<unknown, unknown>, clsTokens: number): tf.Scalar {
  const length = clsTokens + masks.contextSize;
  const share = 1 / (masks.rows * masks.contextSize);
  const weight = Float32Array.from({ length: masks.rows * length }, (_, i) =>
    i % length < clsTokens ? 0 : share,
  );
  return tf.sum(tf.mul(klToStandardNormal(qSx), tf.tensor1d(weight)));
}
