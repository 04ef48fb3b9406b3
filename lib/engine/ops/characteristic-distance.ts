import { type Fused, fusedKernels } from "../fused.js";
import * as tf from "../tf.js";
import { withGradient } from "./with-gradient.js";

/** Where characteristic functions are compared: frequency k is k · spacing, its squared difference counts `weights[k]`. */
export interface Frequencies {
  readonly spacing: number;
  readonly weights: readonly number[];
}

/**
 * How far one-dimensional projections of a sample are from N(0, 1): the mean over directions u of
 * Σ_k weights[k] |ecf(t_k) − e^(−t_k²/2)|², ecf(t) = mean over rows n of e^(i t ⟨s_n, u⟩) (Epps & Pulley 1983).
 * @param s `[rows, d]`
 * @param directions unit vectors `[count, d]`, row-major
 * @returns a scalar
 */
export function characteristicDistance(
  s: tf.Tensor2D,
  directions: Float32Array,
  frequencies: Frequencies,
): tf.Scalar {
  const fused = fusedKernels();
  return fused
    ? fusedDistance(fused, s, directions, frequencies)
    : composedDistance(s, directions, frequencies);
}

function fusedDistance(
  { run, at, output, scratch }: Fused,
  s: tf.Tensor2D,
  directions: Float32Array,
  { spacing, weights }: Frequencies,
): tf.Scalar {
  const [rows, d] = s.shape;
  return withGradient<tf.Scalar>([s], () => {
    const gradient = output([rows, d]);
    const value = run.sigreg(
      at(s),
      at(tf.tensor1d(directions)),
      at(tf.tensor1d([...weights])),
      at(tf.tensor1d(gaussianCharacteristic(spacing, weights.length))),
      at(gradient),
      rows,
      d,
      directions.length / d,
      weights.length,
      spacing,
      scratch(run.sigregScratch(rows, weights.length)),
    );
    return {
      value: tf.scalar(value),
      saved: [gradient],
      gradient: (upstream, [gradient]) => [tf.mul(gradient, upstream)],
    };
  });
}

function composedDistance(
  s: tf.Tensor2D,
  directions: Float32Array,
  { spacing, weights }: Frequencies,
): tf.Scalar {
  const d = s.shape[1];
  const count = directions.length / d;
  const t = tf.tensor2d(
    weights.map((_, k) => k * spacing),
    [1, weights.length],
  );
  const target = tf.tensor1d(gaussianCharacteristic(spacing, weights.length));
  const perDirection = Array.from({ length: count }, (_, m) => {
    const direction = tf.tensor2d(directions.subarray(m * d, (m + 1) * d), [d, 1]);
    const angles = tf.matMul(tf.matMul(s, direction), t);
    const re = tf.sub(tf.mean(tf.cos(angles), 0), target);
    const im = tf.mean(tf.sin(angles), 0);
    return tf.sum<tf.Scalar>(tf.mul(tf.add(tf.square(re), tf.square(im)), tf.tensor1d([...weights])));
  });
  return tf.mean(tf.stack(perDirection));
}

/** e^(−t²/2) at t = k · spacing: the characteristic function of N(0, 1). */
function gaussianCharacteristic(spacing: number, count: number): number[] {
  return Array.from({ length: count }, (_, k) => Math.exp(-((k * spacing) ** 2) / 2));
}
