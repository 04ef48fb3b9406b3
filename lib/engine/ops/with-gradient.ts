import * as tf from "../tf.js";

/** A value, what its gradient will need, and the gradient with respect to each input. */
export interface Differentiated<T extends tf.Tensor> {
  readonly value: T;
  /** Tensors kept alive until the backward pass; every other intermediate is freed. */
  readonly saved: tf.Tensor[];
  /** From the gradient of the loss with respect to `value` to one gradient per input. */
  readonly gradient: (upstream: T, saved: tf.Tensor[]) => tf.Tensor[];
}

/** Runs an op whose gradient is written by hand. `compute` sees the inputs by closure, the gradient only `saved`. */
export function withGradient<T extends tf.Tensor>(inputs: tf.Tensor[], compute: () => Differentiated<T>): T {
  const op = tf.customGrad((...args) => {
    const save = args[args.length - 1] as (tensors: tf.Tensor[]) => void;
    const { value, saved, gradient } = compute();
    save(saved);
    return { value, gradFunc: (upstream: tf.Tensor, kept: tf.Tensor[]) => gradient(upstream as T, kept) };
  });
  return op(...inputs) as T;
}
