/** The negative ELBO: five named terms, of pairs (Section 3) and of tokens (Section 5). */

import type { TokenPass } from "../models/tokens/pass.js";
import type { VarJepaPass } from "../models/var-jepa.js";
import { contextKlSx, klSx, klSy, klZ } from "./kl.js";
import { gen, rec, tokenGen, tokenRec } from "./reconstruction.js";
import type { Term } from "./term.js";

export { elboWeights } from "./elbo-weights.js";

type ElboTerms<Pass, Config> = Readonly<Record<"rec" | "gen" | "klSx" | "klZ" | "klSy", Term<Pass, Config>>>;

/** Of pairs: summed over dimensions, averaged over rows. */
export const elboTerms: ElboTerms<VarJepaPass, unknown> = { rec, gen, klSx, klZ, klSy };

/** Of tokens, such as the features of a table: likelihoods averaged over tokens too. */
export const tokenElboTerms: ElboTerms<TokenPass<unknown, unknown>, { readonly clsTokens: number }> = {
  rec: tokenRec,
  gen: tokenGen,
  klSx: contextKlSx,
  klZ,
  klSy,
};
