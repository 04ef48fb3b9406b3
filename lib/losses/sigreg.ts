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

/**
 * cos(kΔh) and sin(kΔh) follow from k − 1 and k − 2 (Chebyshev: f_k = 2 cos(Δh) f_{k−1} − f_{k−2}), so every
 * frequency costs two products. Two rows at a time keep the processor from waiting for one chain.
 */
function characteristicFunction(projections: Float64Array, rows: number, form: SigregForm): Ecf {
  const frequencies = form.weights.length;
  const count = projections.length / rows;
  const re = new Float64Array(count * frequencies);
  const im = new Float64Array(count * frequencies);
  for (let m = 0; m < count; m++) {
    const at = m * frequencies;
    for (let n = 0; n < rows; n += 2) {
      const angle1 = projections[m * rows + n] * form.spacing;
      const paired = n + 1 < rows ? 1 : 0;
      const angle2 = paired * projections[m * rows + n + paired] * form.spacing;
      const twice1 = 2 * Math.cos(angle1);
      const twice2 = 2 * Math.cos(angle2);
      let c1 = 1;
      let c2 = paired;
      let s1 = 0;
      let s2 = 0;
      let cosBefore1 = twice1 / 2;
      let cosBefore2 = (paired * twice2) / 2;
      let sinBefore1 = -Math.sin(angle1);
      let sinBefore2 = -Math.sin(angle2);
      for (let k = at; k < at + frequencies; k++) {
        re[k] += c1 + c2;
        im[k] += s1 + s2;
        const c1Next = twice1 * c1 - cosBefore1;
        const c2Next = twice2 * c2 - cosBefore2;
        const s1Next = twice1 * s1 - sinBefore1;
        const s2Next = twice2 * s2 - sinBefore2;
        cosBefore1 = c1;
        cosBefore2 = c2;
        sinBefore1 = s1;
        sinBefore2 = s2;
        c1 = c1Next;
        c2 = c2Next;
        s1 = s1Next;
        s2 = s2Next;
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
      // Clenshaw's recurrence: Σ_k onCosine_k cos(kΔh) + onSine_k sin(kΔh) from the last k down.
      const cosine = Math.cos(angle);
      let a = 0;
      let b = 0;
      let aBefore = 0;
      let bBefore = 0;
      for (let k = frequencies - 1; k > 0; k--) {
        const aNext = onCosine[k] + 2 * cosine * a - aBefore;
        const bNext = onSine[k] + 2 * cosine * b - bBefore;
        aBefore = a;
        bBefore = b;
        a = aNext;
        b = bNext;
      }
      const slope = onCosine[0] + a * cosine - aBefore + b * Math.sin(angle);
      for (let j = 0; j < d; j++) out[n * d + j] += slope * directions[m * d + j];
    }
  }
  return Float32Array.from(out);
}

/** Characteristic function of N(0, 1) at t_k. */
function gaussianCf(k: number, { spacing }: SigregForm): number {
  return Math.exp(-((k * spacing) ** 2) / 2);
}
