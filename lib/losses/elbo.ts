/** The negative ELBO: five named terms, of pairs (Section 3) and of tables (Section 5). */
import type { VarJepaPass } from "../models/var-jepa.js";
import type { VarTJepaConfig } from "../models/var-t-jepa/config.js";
import type { VarTJepaPass } from "../models/var-t-jepa/var-t-jepa.js";
import { contextKlSx, klSx, klSy, klZ } from "./kl.js";
import { gen, rec, tableGen, tableRec } from "./reconstruction.js";
import type { Term } from "./term.js";

type ElboTerms<Pass, Config> = Readonly<Record<"rec" | "gen" | "klSx" | "klZ" | "klSy", Term<Pass, Config>>>;

/** Of pairs: summed over dimensions, averaged over rows. */
export const elboTerms: ElboTerms<VarJepaPass, unknown> = { rec, gen, klSx, klZ, klSy };

/** Of tables: likelihoods averaged over features too. */
export const tabularElboTerms: ElboTerms<VarTJepaPass, VarTJepaConfig> = {
  rec: tableRec,
  gen: tableGen,
  klSx: contextKlSx,
  klZ,
  klSy,
};

/** The plain ELBO: every weight is 1. */
export const elboWeights = { rec: 1, gen: 1, klSx: 1, klZ: 1, klSy: 1 } as const;
