import type { Key } from "../../engine/random.js";
import * as tf from "../../engine/tf.js";
import { applyDense, initialMlp } from "../../layers/mlp.js";
import type { InitialParameter, Parameters } from "../../layers/parameters.js";
import type { DropoutSource } from "../../layers/transformer.js";
import {
  columnsInput,
  drop,
  type Network,
  type NeuralTraining,
  neuralPredictor,
  neuralTraining,
} from "./neural.js";

/** Sizes of a multilayer perceptron. */
export interface MlpConfig extends NeuralTraining {
  readonly hiddenLayers: number;
  readonly hiddenWidth: number;
  /** Share of hidden numbers that are dropped. */
  readonly dropout: number;
}

/** Hidden layers `name`.0, … of an MLP, each followed by ReLU and dropout; `[rows, hiddenWidth]`. */
export function applyHidden(
  parameters: Parameters,
  name: string,
  x: tf.Tensor2D,
  { hiddenLayers, dropout }: Pick<MlpConfig, "hiddenLayers" | "dropout">,
  source?: DropoutSource,
): tf.Tensor2D {
  let h = x;
  for (let i = 0; i < hiddenLayers; i++)
    h = drop(tf.relu(applyDense(parameters, `${name}.${i}`, h)), dropout, `${name}.${i}`, source);
  return h;
}

/** Start values of the hidden layers. */
export function initialHidden(
  key: Key,
  name: string,
  columns: number,
  { hiddenLayers, hiddenWidth }: Pick<MlpConfig, "hiddenLayers" | "hiddenWidth">,
): Record<string, InitialParameter> {
  return initialMlp(key, name, [columns, ...Array<number>(hiddenLayers).fill(hiddenWidth)]);
}

/** The network of `mlp`. */
export const mlpNetwork: Network<MlpConfig> = {
  name: "MLP",
  defaults: { ...neuralTraining, hiddenLayers: 2, hiddenWidth: 128, dropout: 0.1 },
  input: columnsInput,
  initial: (key, columns, classes, settings) => ({
    ...initialHidden(key, "hidden", columns, settings),
    ...initialMlp(key, "head", [settings.hiddenWidth, classes]),
  }),
  logits: (parameters, x, settings, source) =>
    applyDense(parameters, "head.0", applyHidden(parameters, "hidden", x, settings, source)),
};

/** Multilayer perceptron with the sizes of Appendix D.6.4. */
export const mlp = neuralPredictor(mlpNetwork);
