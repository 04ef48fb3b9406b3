import { dense, denseGelu } from "../engine/ops/dense.js";
import { fold, type Key, uniformsWithin } from "../engine/random.js";
import * as tf from "../engine/tf.js";
import type { InitialParameter, Parameters } from "./parameters.js";

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
  const draw = (label: string, count: number) => () =>
    uniformsWithin(fold(fold(key, name), label), count, bound);
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

const weightOf = (parameters: Parameters, name: string) => parameters[`${name}.weight`] as tf.Tensor2D;
const biasOf = (parameters: Parameters, name: string) => parameters[`${name}.bias`] as tf.Tensor1D;

/** The affine layer `name`: `[rows, inputs]` → `[rows, outputs]`. */
export function applyDense(parameters: Parameters, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return dense(x, weightOf(parameters, name), biasOf(parameters, name));
}

/** Name of a nonlinearity between affine layers. */
export type ActivationName = "gelu" | "relu" | "tanh";

/** The affine layer `name` followed by a nonlinearity: `[rows, inputs]` → `[rows, outputs]`. */
export function applyActivatedDense(
  parameters: Parameters,
  name: string,
  x: tf.Tensor2D,
  activation: ActivationName,
): tf.Tensor2D {
  if (activation === "gelu") return denseGelu(x, weightOf(parameters, name), biasOf(parameters, name));
  const y = applyDense(parameters, name, x);
  return activation === "relu" ? tf.relu(y) : tf.tanh(y);
}

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
  let h = x;
  for (let i = 0; `${name}.${i}.weight` in parameters; i++) {
    const isLast = !(`${name}.${i + 1}.weight` in parameters);
    h =
      isLast && !activateLast
        ? applyDense(parameters, `${name}.${i}`, h)
        : applyActivatedDense(parameters, `${name}.${i}`, h, activation);
  }
  return h;
}
