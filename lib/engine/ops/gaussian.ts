/** Arithmetic of diagonal Gaussians as ops; the distributions themselves stand in `lib/distributions`. */

import { fusedKernels } from "../fused.js";
import * as tf from "../tf.js";
import { withGradient } from "./with-gradient.js";

/**
 * mean + e^(logVariance/2) ⊙ noise. `noise` is a constant: it gets no gradient.
 * All `[rows, d]`.
 */
export function gaussianSample(mean: tf.Tensor2D, logVariance: tf.Tensor2D, noise: tf.Tensor2D): tf.Tensor2D {
  const fused = fusedKernels();
  if (!fused) return tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise));
  const { run, at, output } = fused;
  return withGradient<tf.Tensor2D>([mean, logVariance], () => {
    const out = output([...mean.shape]);
    run.sample(at(mean), at(logVariance), at(noise), at(out), mean.size);
    return {
      value: out,
      saved: [logVariance, noise],
      gradient: (upstream, [logVariance, noise]) => {
        const dLogVariance = output([...upstream.shape]);
        run.sampleGradient(at(upstream), at(logVariance), at(noise), at(dLogVariance), upstream.size);
        return [tf.clone(upstream), dLogVariance];
      },
    };
  });
}

/**
 * ½ Σ e^v + m² − v − 1 per row: KL(N(m, e^v) ‖ N(0, I)).
 * @returns `[rows]`
 */
export function gaussianKlToStandard(mean: tf.Tensor2D, logVariance: tf.Tensor2D): tf.Tensor1D {
  const fused = fusedKernels();
  if (!fused) {
    const terms = tf.sub(tf.add(tf.exp(logVariance), tf.square(mean)), tf.add(logVariance, 1));
    return tf.mul(tf.sum(terms, 1), 0.5);
  }
  const { run, at, output } = fused;
  const [rows, columns] = mean.shape;
  return withGradient<tf.Tensor1D>([mean, logVariance], () => {
    const out = output<tf.Tensor1D>([rows]);
    run.klToStandardNormal(at(mean), at(logVariance), at(out), rows, columns);
    return {
      value: out,
      saved: [mean, logVariance],
      gradient: (upstream, saved) => {
        const gradients = saved.map(() => output([rows, columns]));
        const [dMean, dLogVariance] = gradients.map(at);
        const [mean, logVariance] = saved.map(at);
        run.klToStandardNormalGradient(at(upstream), mean, logVariance, dMean, dLogVariance, rows, columns);
        return gradients;
      },
    };
  });
}

/**
 * ½ Σ e^(vq − vp) + (mq − mp)² e^(−vp) + vp − vq − 1 per row: KL(q ‖ p).
 * @returns `[rows]`
 */
export function gaussianKl(
  qMean: tf.Tensor2D,
  qLogVariance: tf.Tensor2D,
  pMean: tf.Tensor2D,
  pLogVariance: tf.Tensor2D,
): tf.Tensor1D {
  const fused = fusedKernels();
  if (!fused) {
    const difference = tf.sub(qLogVariance, pLogVariance);
    const squared = tf.mul(tf.square(tf.sub(qMean, pMean)), tf.exp(tf.neg(pLogVariance)));
    return tf.mul(tf.sum(tf.sub(tf.add(tf.exp(difference), squared), tf.add(difference, 1)), 1), 0.5);
  }
  const { run, at, output } = fused;
  const [rows, columns] = qMean.shape;
  const inputs = [qMean, qLogVariance, pMean, pLogVariance];
  return withGradient<tf.Tensor1D>(inputs, () => {
    const out = output<tf.Tensor1D>([rows]);
    const [qm, qv, pm, pv] = inputs.map(at);
    run.kl(qm, qv, pm, pv, at(out), rows, columns);
    return {
      value: out,
      saved: inputs,
      gradient: (upstream, saved) => {
        const gradients = saved.map(() => output([rows, columns]));
        run.klGradient(at(upstream), ...saved.map(at), ...gradients.map(at), rows, columns);
        return gradients;
      },
    };
  });
}

/**
 * log N(value; mean, σ²I) per row: −½ (Σ (value − mean)²/σ² + d (2 log σ + log 2π)).
 * @param mean `[rows, d]`
 * @param logScale log σ, a scalar
 * @param value `[rows, d]`
 * @returns `[rows]`
 */
export function gaussianIsotropicLogProb(
  mean: tf.Tensor2D,
  logScale: tf.Scalar,
  value: tf.Tensor2D,
): tf.Tensor1D {
  const fused = fusedKernels();
  const [rows, columns] = mean.shape;
  if (!fused) {
    const scaled = tf.mul(tf.sum(tf.square(tf.sub(value, mean)), 1), tf.exp(tf.mul(logScale, -2)));
    const constant = tf.add(tf.mul(logScale, 2 * columns), columns * Math.log(2 * Math.PI));
    return tf.mul(tf.add(scaled, constant), -0.5);
  }
  const { run, at, output } = fused;
  return withGradient<tf.Tensor1D>([mean, logScale, value], () => {
    const out = output<tf.Tensor1D>([rows]);
    run.isotropicLogProb(at(mean), at(logScale), at(value), at(out), rows, columns);
    return {
      value: out,
      saved: [mean, logScale, value],
      gradient: (upstream, saved) => {
        const [dMean, dLogScale] = [output([rows, columns]), output<tf.Scalar>([])];
        const [mean, logScale, value] = saved.map(at);
        run.isotropicLogProbGradient(
          at(upstream),
          mean,
          logScale,
          value,
          at(dMean),
          at(dLogScale),
          rows,
          columns,
        );
        return [dMean, dLogScale, tf.neg(dMean)];
      },
    };
  });
}

/** bound · tanh(x / bound): x near 0, ±bound far out. Any shape. */
export function softBound<T extends tf.Tensor>(x: T, bound: number): T {
  const fused = fusedKernels();
  if (!fused) return tf.mul(tf.tanh(tf.div(x, bound)), bound);
  const { run, at, output } = fused;
  return withGradient<T>([x], () => {
    const y = output<T>([...x.shape]);
    run.softBound(at(x), at(y), x.size, bound);
    return {
      value: y,
      saved: [y],
      gradient: (upstream, [y]) => {
        const dx = output([...x.shape]);
        run.softBoundGradient(at(upstream), at(y), at(dx), x.size, bound);
        return [dx];
      },
    };
  });
}
