/** SIGReg as a term of an objective: how far the samples of a latent are from N(0, I) over a whole batch. */
import { fold, unitVectors } from "../engine/random.js";
import type * as tf from "../engine/tf.js";
import { sigreg, sigregForms } from "./sigreg.js";
import type { Term } from "./term.js";

/** The term of a batch's samples of one latent, on directions drawn anew at every step. */
const sigregTerm = <Latent extends "sx" | "sy">(
  name: string,
  latent: Latent,
): Term<Record<Latent, tf.Tensor2D>> => ({
  over: "batch",
  value: (pass, _, { key, sigregForm }) => {
    const form = sigregForms[sigregForm];
    const samples = pass[latent];
    return sigreg(samples, unitVectors(fold(key, name), form.directions, samples.shape[1]), form);
  },
});

/** SIGReg of s_x. */
export const sigregSx = sigregTerm("sigregSx", "sx");
/** SIGReg of s_y. */
export const sigregSy = sigregTerm("sigregSy", "sy");
