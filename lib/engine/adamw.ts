import { fusedKernels } from "./fused.js";
import * as tf from "./tf.js";

/** Adam with decoupled weight decay: Loshchilov & Hutter, "Decoupled weight decay regularization", ICLR 2019, Algorithm 2. */
export interface AdamWConfig {
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** The defaults of the paper's training (β and ε are PyTorch's, which the paper does not change). */
export const adamwDefaults: AdamWConfig = { weightDecay: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** Parameters and both moments, each one flat vector `[parameters]`, and how many updates were made. */
export interface AdamWState {
  readonly theta: tf.Tensor1D;
  readonly firstMoment: tf.Tensor1D;
  readonly secondMoment: tf.Tensor1D;
  readonly updates: number;
}

/** The state before the first update. */
export function adamwStart(theta: tf.Tensor1D): AdamWState {
  return { theta, firstMoment: tf.zerosLike(theta), secondMoment: tf.zerosLike(theta), updates: 0 };
}

/**
 * One update.
 * @param gradient `[parameters]`
 * @param decayMask `[parameters]`: 1 where weight decay applies (weights), 0 where not (biases, norms, scales).
 */
export function adamwUpdate(
  state: AdamWState,
  gradient: tf.Tensor1D,
  decayMask: tf.Tensor1D,
  learningRate: number,
  { weightDecay, beta1, beta2, epsilon }: AdamWConfig,
): AdamWState {
  const updates = state.updates + 1;
  const fused = fusedKernels();
  if (fused) {
    const { run, at, output } = fused;
    const fresh = [0, 1, 2].map(() => output<tf.Tensor1D>([state.theta.size]));
    run.adamw(
      ...[state.theta, state.firstMoment, state.secondMoment, gradient, decayMask, ...fresh].map(at),
      state.theta.size,
      learningRate / (1 - beta1 ** updates),
      beta1,
      beta2,
      epsilon,
      learningRate * weightDecay,
      1 / (1 - beta2 ** updates),
    );
    const [theta, firstMoment, secondMoment] = fresh;
    return { theta, firstMoment, secondMoment, updates };
  }
  const firstMoment = mix(state.firstMoment, gradient, beta1);
  const secondMoment = mix(state.secondMoment, tf.mul(gradient, gradient), beta2);
  const denominator = tf.add(tf.sqrt(tf.mul(secondMoment, 1 / (1 - beta2 ** updates))), epsilon);
  const direction = tf.div(tf.mul(firstMoment, learningRate / (1 - beta1 ** updates)), denominator);
  const kept = tf.sub(state.theta, tf.mul(tf.mul(state.theta, decayMask), learningRate * weightDecay));
  return { theta: tf.sub(kept, direction), firstMoment, secondMoment, updates };
}

/**
 * Exponential moving average decay · old + (1 − decay) · fresh of flat vectors `[parameters]`, as a target encoder
 * follows its online encoder.
 */
export function movingAverage(old: tf.Tensor1D, fresh: tf.Tensor1D, decay: number): tf.Tensor1D {
  const fused = fusedKernels();
  if (!fused) return tf.tidy(() => mix(old, fresh, decay));
  const { run, at, output } = fused;
  const out = output<tf.Tensor1D>([old.size]);
  run.movingAverage(at(old), at(fresh), at(out), old.size, decay);
  return out;
}

/** β·old + (1 − β)·new. */
function mix(old: tf.Tensor1D, fresh: tf.Tensor1D, beta: number): tf.Tensor1D {
  return tf.add(tf.mul(old, beta), tf.mul(fresh, 1 - beta));
}
