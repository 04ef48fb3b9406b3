import * as tf from "../engine/tf.js";
import { type SigregForm, sigreg } from "../losses/sigreg.js";

/** SIGReg of a plain array `[rows, d]`: the diagnostic "SIGReg-MSE" with the paper's form. */
export function sigregValue(
  latents: Float32Array,
  rows: number,
  d: number,
  directions: Float32Array,
  form: SigregForm,
): number {
  return tf.tidy(() => sigreg(tf.tensor2d(latents, [rows, d]), directions, form).dataSync()[0]);
}
