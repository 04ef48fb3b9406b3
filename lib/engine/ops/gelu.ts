import { fusedKernels } from "../fused.js";
import * as tf from "../tf.js";
import { withGradient } from "./with-gradient.js";

/** erfc(z) ≈ (a₁t + … + a₅t⁵) e^(−z²) for z ≥ 0, t = 1/(1 + pz), |error| ≤ 1.5e-7: Abramowitz & Stegun 7.1.26. */
const P = 0.3275911;
const A = [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429];

/**
 * Gaussian error linear unit x·Φ(x) with the exact Φ (Hendrycks & Gimpel 2016), not the tanh approximation.
 * The derivative Φ(x) + x·φ(x) is computed with the value and saved, so the backward pass is one product.
 * @param x any shape
 */
export function gelu<T extends tf.Tensor>(x: T): T {
  const fused = fusedKernels();
  if (fused) {
    const { run, at, output } = fused;
    return withGradient([x], () => {
      const [value, derivative] = [output<T>([...x.shape]), output([...x.shape])];
      run.geluWithDerivative(at(x), at(value), at(derivative), x.size);
      return {
        value,
        saved: [derivative],
        gradient: (upstream, [derivative]) => {
          const dx = output([...x.shape]);
          run.multiply(at(upstream), at(derivative), at(dx), x.size);
          return [dx];
        },
      };
    });
  }
  return withGradient([x], () => {
    const { cdf, pdf } = standardNormal(x);
    return {
      value: tf.mul<T>(x, cdf),
      saved: [tf.add(cdf, tf.mul(x, pdf))],
      gradient: (upstream, [derivative]) => [tf.mul(upstream, derivative)],
    };
  });
}

/** Φ(x) and φ(x) of the standard normal. */
function standardNormal(x: tf.Tensor): { cdf: tf.Tensor; pdf: tf.Tensor } {
  const z = tf.mul(tf.abs(x), Math.SQRT1_2);
  const t = tf.div(1, tf.add(tf.mul(z, P), 1));
  const exponential = tf.exp(tf.mul(tf.mul(x, x), -0.5));
  let erfc: tf.Tensor = tf.mul(t, A[4]);
  for (const a of [A[3], A[2], A[1], A[0]]) erfc = tf.mul(tf.add(erfc, a), t);
  erfc = tf.mul(erfc, exponential);
  // Clipping a steep line gives the sign of x faster than the backend's own Sign kernel.
  const sign = tf.clipByValue(tf.mul(x, 1e30), -1, 1);
  return {
    cdf: tf.add(tf.mul(tf.mul(tf.sub(1, erfc), sign), 0.5), 0.5),
    pdf: tf.mul(exponential, 1 / Math.sqrt(2 * Math.PI)),
  };
}
