/** The ten objectives of the simulation study as data: a row of weights each (Table 1). */
import { elboWeights } from "../../losses/elbo-weights.js";
import type { TermWeights } from "../../losses/term.js";

/** The latents that Table 1 reports. */
export type Latent = "sx" | "sy";

/** A named objective. */
export interface Variant {
  readonly label: string;
  readonly objective: TermWeights;
}

const both = { sigregSx: 10, sigregSy: 10 };
const noReconstruction = { rec: 0, gen: 0 };
const noKl = { klSx: 0, klZ: 0, klSy: 0 };
const variant = (label: string, changes: TermWeights): Variant => ({
  label,
  objective: { ...elboWeights, ...changes },
});

/** The rows of Table 1 by letter: α = 1 where the label says nothing, λ = 10 of SIGReg. */
export const simulationVariants = {
  A: variant("ELBO (Var-JEPA)", {}),
  B: variant("ELBO + SIGReg on s_x", { sigregSx: 10 }),
  C: variant("ELBO + SIGReg on s_y", { sigregSy: 10 }),
  D: variant("ELBO + SIGReg on both", both),
  E: variant("no KL on s_x (α_sx = 0)", { klSx: 0 }),
  F: variant("no KL on s_y (α_sy = 0)", { klSy: 0 }),
  G: variant("no reconstruction (α_rec = α_gen = 0)", noReconstruction),
  H: variant("no reconstruction + SIGReg", { ...noReconstruction, ...both }),
  I: variant("no KL at all", noKl),
  J: variant("no KL at all + SIGReg", { ...noKl, ...both }),
} as const;

/** `A` … `J`. */
export type VariantName = keyof typeof simulationVariants;

/** The letters in their order. */
export const variantNames = Object.keys(simulationVariants) as VariantName[];

/**
 * The variant of a name.
 * @throws when there is none.
 */
export function variantOf(name: string): Variant {
  if (!(name in simulationVariants))
    throw new Error(`variant is "${name}"; use one of ${variantNames.join(", ")}`);
  return simulationVariants[name as VariantName];
}
