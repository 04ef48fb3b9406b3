/**
 * SIGReg: how far random one-dimensional projections of a batch are from N(0, 1), measured between
 * characteristic functions (Epps–Pulley). The published forms differ in frequencies, quadrature weights and in a
 * factor N, so λ does not carry over from one form to the other; both stand here as data.
 */
import * as tf from "@tensorflow/tfjs";
import { withGradient } from "../engine/ops/with-gradient.js";

/** One form: Σ_k weight_k · |ecf(t_k) − exp(−t_k²/2)|², averaged over directions, times N or not. */
export interface SigregForm {
  readonly directions: number;
  /** Frequencies t_k = k · spacing, k = 0 … weights.length − 1. */
  readonly spacing: number;
  readonly weights: readonly number[];
  readonly timesRows: boolean;
}

/** This paper's form: 64 directions, plain mean over 64 frequencies on [0, 5], no factor N (SPEC 3). */
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
 * SIGReg of a batch with its gradient.
 * @param s latents `[rows, d]`
 * @param directions unit vectors `[form.directions, d]`, row-major
 * @returns a scalar
 */
export function sigreg(s: tf.Tensor2D, directions: Float32Array, form: SigregForm): tf.Scalar {
  const [rows, d] = s.shape;
  return withGradient([s], () => {
    const latents = s.dataSync<"float32">();
    const projections = project(latents, rows, d, directions);
    const ecf = characteristicFunction(projections, rows, form);
    return {
      value: tf.scalar(distance(ecf, rows, form)),
      saved: [tf.tensor2d(gradient(projections, ecf, rows, d, directions, form), [rows, d])],
      gradient: (upstream, [ds]) => [tf.mul(ds, upstream)],
    };
  });
}

/** SIGReg of a plain array `[rows, d]`, without gradient: the diagnostic "SIGReg-MSE" with the paper's form. */
export function sigregValue(
  latents: Float32Array,
  rows: number,
  d: number,
  directions: Float32Array,
  form: SigregForm,
): number {
  return distance(characteristicFunction(project(latents, rows, d, directions), rows, form), rows, form);
}

/** Empirical characteristic function per direction and frequency, `[directions, frequencies]`. */
interface Ecf {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** ⟨s_n, u_m⟩ as `[directions, rows]`. */
function project(latents: Float32Array, rows: number, d: number, directions: Float32Array): Float64Array {
  const count = directions.length / d;
  const out = new Float64Array(count * rows);
  for (let m = 0; m < count; m++)
    for (let n = 0; n < rows; n++) {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += latents[n * d + j] * directions[m * d + j];
      out[m * rows + n] = sum;
    }
  return out;
}

/** Powers of e^{iΔh} give every frequency with one cosine and one sine per projection. */
function characteristicFunction(projections: Float64Array, rows: number, form: SigregForm): Ecf {
  const frequencies = form.weights.length;
  const count = projections.length / rows;
  const re = new Float64Array(count * frequencies);
  const im = new Float64Array(count * frequencies);
  for (let m = 0; m < count; m++) {
    const at = m * frequencies;
    for (let n = 0; n < rows; n++) {
      const angle = projections[m * rows + n] * form.spacing;
      const stepRe = Math.cos(angle);
      const stepIm = Math.sin(angle);
      let c = 1;
      let s = 0;
      for (let k = 0; k < frequencies; k++) {
        re[at + k] += c;
        im[at + k] += s;
        const next = c * stepRe - s * stepIm;
        s = s * stepRe + c * stepIm;
        c = next;
      }
    }
  }
  for (let i = 0; i < re.length; i++) {
    re[i] /= rows;
    im[i] /= rows;
  }
  return { re, im };
}

function distance({ re, im }: Ecf, rows: number, form: SigregForm): number {
  const frequencies = form.weights.length;
  let sum = 0;
  for (let i = 0; i < re.length; i++) {
    const k = i % frequencies;
    sum += form.weights[k] * ((re[i] - gaussianCf(k, form)) ** 2 + im[i] ** 2);
  }
  return (sum * frequencies * (form.timesRows ? rows : 1)) / re.length;
}

/** ∂/∂s of the distance, `[rows, d]`. */
function gradient(
  projections: Float64Array,
  { re, im }: Ecf,
  rows: number,
  d: number,
  directions: Float32Array,
  form: SigregForm,
): Float32Array {
  const frequencies = form.weights.length;
  const count = projections.length / rows;
  const scale = (2 * (form.timesRows ? rows : 1)) / (count * rows);
  const out = new Float64Array(rows * d);
  const onSine = new Float64Array(frequencies);
  const onCosine = new Float64Array(frequencies);
  for (let m = 0; m < count; m++) {
    for (let k = 0; k < frequencies; k++) {
      const factor = scale * form.weights[k] * k * form.spacing;
      onSine[k] = -factor * (re[m * frequencies + k] - gaussianCf(k, form));
      onCosine[k] = factor * im[m * frequencies + k];
    }
    for (let n = 0; n < rows; n++) {
      const angle = projections[m * rows + n] * form.spacing;
      const stepRe = Math.cos(angle);
      const stepIm = Math.sin(angle);
      let c = 1;
      let s = 0;
      let slope = 0;
      for (let k = 0; k < frequencies; k++) {
        slope += onSine[k] * s + onCosine[k] * c;
        const next = c * stepRe - s * stepIm;
        s = s * stepRe + c * stepIm;
        c = next;
      }
      for (let j = 0; j < d; j++) out[n * d + j] += slope * directions[m * d + j];
    }
  }
  return Float32Array.from(out);
}

/** Characteristic function of N(0, 1) at t_k. */
function gaussianCf(k: number, { spacing }: SigregForm): number {
  return Math.exp(-((k * spacing) ** 2) / 2);
}
