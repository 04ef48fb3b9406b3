/** Every term that a model of pairs can minimise. */
import type { VarJepaPass } from "../models/var-jepa.js";
import { elboTerms } from "./elbo.js";
import { freeBitsSx, freeBitsSy, freeBitsZ } from "./free-bits.js";
import { crossEntropySy, negativeEntropySy } from "./kl.js";
import type { PairTerm } from "./pair-terms.js";
import { pairPrediction } from "./prediction.js";
import { sigregSx, sigregSy } from "./sigreg-terms.js";
import type { Term } from "./term.js";
import { covarianceSx, covarianceSy, varianceSx, varianceSy } from "./variance-covariance.js";

/**
 * The five of the ELBO (Section 3), the two parts of KL_sy, its KLs with free bits, a JEPA's squared error, and what keeps latents
 * from collapse.
 */
export const pairTerms: Readonly<Record<PairTerm, Term<VarJepaPass>>> = {
  ...elboTerms,
  crossEntropySy,
  negativeEntropySy,
  freeBitsSx,
  freeBitsZ,
  freeBitsSy,
  prediction: pairPrediction,
  varianceSx,
  varianceSy,
  covarianceSx,
  covarianceSy,
  sigregSx,
  sigregSy,
};
