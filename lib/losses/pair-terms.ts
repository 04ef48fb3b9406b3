/** The names of the terms that a model of pairs can minimise, and which of them a configuration has no use for. */
import { choicesOf, type VarJepaConfig } from "../models/pairs/config.js";
import type { TermWeights } from "./term.js";

/** Their order is that of logs and of the sum that is minimised. */
export const pairTermNames = [
  "rec",
  "gen",
  "klSx",
  "klZ",
  "klSy",
  "crossEntropySy",
  "negativeEntropySy",
  "freeBitsSx",
  "freeBitsZ",
  "freeBitsSy",
  "prediction",
  "varianceSx",
  "varianceSy",
  "covarianceSx",
  "covarianceSy",
  "sigregSx",
  "sigregSy",
] as const;

export type PairTerm = (typeof pairTermNames)[number];

/** Terms that make no sense where the configuration is so, and the fix. */
interface Rule {
  readonly terms: readonly PairTerm[];
  readonly senseless: (config: VarJepaConfig) => boolean;
  readonly because: string;
}

const rules: readonly Rule[] = [
  {
    terms: [
      ...(["klSx", "klZ", "klSy", "crossEntropySy", "negativeEntropySy"] as const),
      ...(["freeBitsSx", "freeBitsZ", "freeBitsSy"] as const),
    ],
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
    terms: ["klZ", "freeBitsZ"],
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

/** The terms that a configuration has a use for. */
export function usefulPairTerms(config: VarJepaConfig): PairTerm[] {
  const senseless = rules.filter((rule) => rule.senseless(config)).flatMap(({ terms }) => terms);
  return pairTermNames.filter((term) => !senseless.includes(term));
}
