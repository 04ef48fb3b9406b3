/** Every term that a model of pairs can minimise, and which of them a configuration has no use for. */
import { choicesOf, type VarJepaConfig } from "../models/pairs/config.js";
import type { VarJepaPass } from "../models/var-jepa.js";
import { elboTerms } from "./elbo.js";
import { crossEntropySy, negativeEntropySy } from "./kl.js";
import { pairPrediction } from "./prediction.js";
import { sigregSx, sigregSy } from "./sigreg-terms.js";
import type { Term, TermWeights } from "./term.js";
import { covarianceSx, covarianceSy, varianceSx, varianceSy } from "./variance-covariance.js";

type PairTerm =
  | keyof typeof elboTerms
  | "crossEntropySy"
  | "negativeEntropySy"
  | "prediction"
  | `${"variance" | "covariance" | "sigreg"}${"Sx" | "Sy"}`;

/** The five of the ELBO (Section 3), the two parts of KL_sy, a JEPA's squared error, and what keeps latents from collapse. */
export const pairTerms: Readonly<Record<PairTerm, Term<VarJepaPass>>> = {
  ...elboTerms,
  crossEntropySy,
  negativeEntropySy,
  prediction: pairPrediction,
  varianceSx,
  varianceSy,
  covarianceSx,
  covarianceSy,
  sigregSx,
  sigregSy,
};

/** Terms that make no sense where the configuration is so, and the fix. */
interface Rule {
  readonly terms: readonly PairTerm[];
  readonly senseless: (config: VarJepaConfig) => boolean;
  readonly because: string;
}

const rules: readonly Rule[] = [
  {
    terms: ["klSx", "klZ", "klSy", "crossEntropySy", "negativeEntropySy"],
    senseless: (config) => choicesOf(config).latents === "deterministic",
    because: 'needs densities, which points do not have; set latents to "gaussian", or use prediction',
  },
  {
    terms: ["rec"],
    senseless: (config) => !choicesOf(config).decodes.x,
    because: 'needs a decoder of x; set decoders to "both" or "x"',
  },
  {
    terms: ["gen"],
    senseless: (config) => !choicesOf(config).decodes.y,
    because: 'needs a decoder of y; set decoders to "both" or "y"',
  },
  {
    terms: ["klZ"],
    senseless: ({ dz }) => dz === 0,
    because: "needs the auxiliary latent z; set dz to at least 1",
  },
  {
    terms: ["prediction"],
    senseless: (config) => choicesOf(config).prior === "standard",
    because: 'needs the predictor; set prior to "predictor"',
  },
  {
    terms: ["negativeEntropySy", "varianceSy", "covarianceSy", "sigregSy"],
    senseless: ({ targetDecay }) => targetDecay !== undefined,
    because: "cannot move a target that no gradient reaches; leave it out, or leave targetDecay out",
  },
];

/**
 * Checks that a model of pairs has what its objective asks for.
 * @throws naming the term that the configuration has no use for, and the fix.
 */
export function checkPairObjective(config: VarJepaConfig, objective: TermWeights): void {
  for (const { terms, senseless, because } of rules) {
    const term = terms.find((name) => name in objective);
    if (term !== undefined && senseless(config)) throw new Error(`${term} ${because}`);
  }
}
