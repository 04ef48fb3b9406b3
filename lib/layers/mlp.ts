import * as tf from "@tensorflow/tfjs";
import { dense } from "../engine/ops/dense.js";
import { gelu } from "../engine/ops/gelu.js";
import { fold, type Key, uniforms } from "../engine/random.js";
import type { InitialParameter, Parameters } from "./weights.js";

/**
 * Start values of one affine layer: weights and biases uniform on ±1/√inputs (PyTorch's default for Linear).
 * @returns parameters `<name>.weight` `[inputs, outputs]` and `<name>.bias` `[outputs]`
 */
export function initialDense(
  key: Key,
  name: string,
  inputs: number,
  outputs: number,
): Record<string, InitialParameter> {
  const bound = 1 / Math.sqrt(inputs);
  const draw = (label: string, count: number) =>
    Float32Array.from(uniforms(fold(fold(key, name), label), count), (u) => (2 * u - 1) * bound);
  return {
    [`${name}.weight`]: { shape: [inputs, outputs], values: draw("weight", inputs * outputs) },
    [`${name}.bias`]: { shape: [outputs], values: draw("bias", outputs) },
  };
}

/** Start values of a multilayer perceptron with layer widths `widths` (inputs first, outputs last). */
export function initialMlp(
  key: Key,
  name: string,
  widths: readonly number[],
): Record<string, InitialParameter> {
  return Object.assign(
    {},
    ...widths.slice(1).map((outputs, i) => initialDense(key, `${name}.${i}`, widths[i], outputs)),
  );
}

/** The affine layer `name`: `[rows, inputs]` → `[rows, outputs]`. */
export function applyDense(parameters: Parameters, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return dense(x, parameters[`${name}.weight`] as tf.Tensor2D, parameters[`${name}.bias`] as tf.Tensor1D);
}

/** The nonlinearities between affine layers. */
export const activations = { gelu, tanh: tf.tanh } as const;

/** Name of a nonlinearity. */
export type ActivationName = keyof typeof activations;

/**
 * The multilayer perceptron `name`: affine layers with a nonlinearity between them.
 * @param x `[rows, widths[0]]`
 * @param activateLast also apply it after the last layer (a trunk that heads follow)
 * @returns `[rows, widths[last]]`
 */
export function applyMlp(
  parameters: Parameters,
  name: string,
  x: tf.Tensor2D,
  activation: ActivationName,
  activateLast = false,
): tf.Tensor2D {
  const activate = activations[activation];
  let h = x;
  for (let i = 0; `${name}.${i}.weight` in parameters; i++) {
    const isLast = !(`${name}.${i + 1}.weight` in parameters);
    h = applyDense(parameters, `${name}.${i}`, h);
    if (!isLast || activateLast) h = activate(h);
  }
  return h;
}
