import type { DiagonalGaussian } from "../distributions/diagonal-gaussian.js";
import { softBound } from "../engine/ops/gaussian.js";
import type { Key } from "../engine/random.js";
import type * as tf from "../engine/tf.js";
import { applyDense, initialDense } from "./mlp.js";
import type { InitialParameter, Parameters } from "./parameters.js";

/** Start values of two affine heads `<name>.mean` and `<name>.logVariance`, as in `initialDense`. */
export function initialGaussianHead(
  key: Key,
  name: string,
  inputs: number,
  outputs: number,
): Record<string, InitialParameter> {
  return {
    ...initialDense(key, `${name}.mean`, inputs, outputs),
    ...initialDense(key, `${name}.logVariance`, inputs, outputs),
  };
}

/**
 * The diagonal Gaussian that two affine heads read off each row: μ and log σ², the latter bounded smoothly
 * as B·tanh(v/B).
 * @param x `[rows, inputs]`
 * @param bound B, the largest |log σ²|
 * @returns mean and log variance, `[rows, outputs]` each
 */
export function applyGaussianHead(
  parameters: Parameters,
  name: string,
  x: tf.Tensor2D,
  bound: number,
): DiagonalGaussian {
  const raw = applyDense(parameters, `${name}.logVariance`, x);
  return {
    mean: applyDense(parameters, `${name}.mean`, x),
    logVariance: softBound(raw, bound),
  };
}
