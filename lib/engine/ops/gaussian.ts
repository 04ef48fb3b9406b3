/** Arithmetic of diagonal Gaussians as ops; the distributions themselves stand in `lib/distributions`. */
import * as tf from "@tensorflow/tfjs";
import { fusedKernels } from "../fused.js";
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
 * Σ (value − mean)² per row.
 * @returns `[rows]`
 */
export function squaredError(mean: tf.Tensor2D, value: tf.Tensor2D): tf.Tensor1D {
  const fused = fusedKernels();
  if (!fused) return tf.sum(tf.square(tf.sub(value, mean)), 1);
  const { run, at, output } = fused;
  const [rows, columns] = mean.shape;
  return withGradient<tf.Tensor1D>([mean, value], () => {
    const out = output<tf.Tensor1D>([rows]);
    run.squaredError(at(mean), at(value), at(out), rows, columns);
    return {
      value: out,
      saved: [mean, value],
      gradient: (upstream, [mean, value]) => {
        const dMean = output([rows, columns]);
        run.squaredErrorGradient(at(upstream), at(mean), at(value), at(dMean), rows, columns);
        return [dMean, tf.neg(dMean)];
      },
    };
  });
}
