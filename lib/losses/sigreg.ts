/**
 * SIGReg: how far random one-dimensional projections of a batch are from N(0, 1), measured between
 * characteristic functions (Epps–Pulley). The published forms differ in frequencies, quadrature weights and in a
 * factor N, so λ does not carry over from one form to the other; both stand here as data.
 */

import { characteristicDistance, type Frequencies } from "../engine/ops/characteristic-distance.js";
import * as tf from "../engine/tf.js";

/** One form: Σ_k weight_k · |ecf(t_k) − exp(−t_k²/2)|², averaged over directions, times N or not. */
export interface SigregForm extends Frequencies {
  readonly directions: number;
  readonly timesRows: boolean;
}

/** This paper's form: 64 directions, plain mean over 64 frequencies on [0, 5], no factor N (Section 6.1). */
const varJepaForm: SigregForm = {
  directions: 64,
  spacing: 5 / 63,
  weights: Array<number>(64).fill(1 / 64),
  timesRows: false,
};

/**
 * LeJEPA's form (Balestriero & LeCun 2025, its minimal example): 256 directions, 17 frequencies on [0, 3],
 * trapezoid rule over the symmetric interval (hence 2Δ inside), window exp(−t²/2), times N.
 */
const leJepaForm: SigregForm = {
  directions: 256,
  spacing: 3 / 16,
  weights: Array.from({ length: 17 }, (_, k) => {
    const t = (3 * k) / 16;
    const trapezoid = (k === 0 || k === 16 ? 1 : 2) * (3 / 16);
    return trapezoid * Math.exp((-t * t) / 2);
  }),
  timesRows: true,
};

/** Both forms by name. */
export const sigregForms = { "var-jepa": varJepaForm, lejepa: leJepaForm } as const;

/** Name of a form. */
export type SigregFormName = keyof typeof sigregForms;

/**
 * SIGReg of a batch.
 * @param s latents `[rows, d]`
 * @param directions unit vectors `[form.directions, d]`, row-major
 * @returns a scalar
 */
export function sigreg(s: tf.Tensor2D, directions: Float32Array, form: SigregForm): tf.Scalar {
  const distance = characteristicDistance(s, directions, form);
  return form.timesRows ? tf.mul(distance, s.shape[0]) : distance;
}
