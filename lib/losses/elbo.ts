/** The negative ELBO of Var-JEPA as five named terms with five weights (Section 3). */

import {
  crossEntropy,
  entropy,
  isotropicLogProb,
  kl,
  klToStandardNormal,
} from "../distributions/diagonal-gaussian.js";
import * as tf from "../engine/tf.js";
import type { VarJepaPass } from "../models/var-jepa.js";

/** Weights of the five ELBO terms and of SIGReg on each latent. All are at least 0; 0 takes the term away. */
export interface ObjectiveWeights {
  readonly alphaRec: number;
  readonly alphaGen: number;
  readonly alphaKlSx: number;
  readonly alphaKlZ: number;
  readonly alphaKlSy: number;
  readonly lambdaSx: number;
  readonly lambdaSy: number;
}

/** The plain ELBO: every α is 1, no SIGReg. */
export const elboWeights: ObjectiveWeights = {
  alphaRec: 1,
  alphaGen: 1,
  alphaKlSx: 1,
  alphaKlZ: 1,
  alphaKlSy: 1,
  lambdaSx: 0,
  lambdaSy: 0,
};

/** The five terms, each a scalar: summed over dimensions, averaged over rows, in nats. */
export interface ElboTerms {
  /** L_rec = −E log p(x|s_x) */
  readonly rec: tf.Scalar;
  /** L_gen = −E log p(y|s_y) */
  readonly gen: tf.Scalar;
  /** KL(q(s_x|x) ‖ N(0, I)) */
  readonly klSx: tf.Scalar;
  /** KL(q(z|s_x) ‖ N(0, I)) */
  readonly klZ: tf.Scalar;
  /** KL(q(s_y|s_x,z,y) ‖ p(s_y|s_x,z)) */
  readonly klSy: tf.Scalar;
}

/**
 * Computes the five terms of a pass.
 * @param x `[rows, dx]`
 * @param y `[rows, dy]`
 */
export function elboTerms(pass: VarJepaPass, x: tf.Tensor2D, y: tf.Tensor2D): ElboTerms {
  const average = (perRow: tf.Tensor1D) => tf.mean<tf.Scalar>(perRow);
  return {
    rec: tf.neg(average(isotropicLogProb(pass.xMean, pass.logSigmaX, x))),
    gen: tf.neg(average(isotropicLogProb(pass.yMean, pass.logSigmaY, y))),
    klSx: average(klToStandardNormal(pass.qSx)),
    klZ: average(klToStandardNormal(pass.qZ)),
    klSy: average(kl(pass.qSy, pass.pSy)),
  };
}

/**
 * The s_y term in its two parts: KL = prediction − entropy, with (a) prediction −E_q log p(s_y|s_x,z), which a
 * plain JEPA keeps as its squared error, and (b) the entropy of q(s_y|s_x,z,y), which a plain JEPA lacks.
 */
export function splitSyTerm({ qSy, pSy }: VarJepaPass): { prediction: tf.Scalar; entropy: tf.Scalar } {
  return {
    prediction: tf.mean(crossEntropy(qSy, pSy)),
    entropy: tf.mean(entropy(qSy)),
  };
}

/** @throws when a weight is negative or not a number. */
export function checkObjective(weights: ObjectiveWeights): void {
  for (const [field, value] of Object.entries(weights))
    if (!(value >= 0 && Number.isFinite(value)))
      throw new Error(`${field} is ${value}; a weight must be a number of at least 0`);
}
