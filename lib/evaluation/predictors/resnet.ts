import * as tf from "../../engine/tf.js";
import { applyDense, initialDense } from "../../layers/mlp.js";
import type { InitialParameter } from "../../layers/parameters.js";
import { applyLayerNorm, initialLayerNorm } from "../../layers/transformer.js";
import {
  columnsInput,
  drop,
  type Network,
  type NeuralTraining,
  neuralPredictor,
  neuralTraining,
} from "./neural.js";

/** Sizes of a residual network. */
export interface ResNetConfig extends NeuralTraining {
  readonly blocks: number;
  readonly width: number;
  /** Of the layer inside a block. */
  readonly hiddenWidth: number;
  /** Share of numbers dropped inside and at the end of a block. */
  readonly dropout: number;
}

/**
 * The network of `resnet`: h ← h + Linear(ReLU(Linear(Norm(h)))) in every block, Linear(ReLU(Norm(h))) at the end. Norm is a
 * layer norm where Gorishniy et al. (2021) take batch norm: rows do not depend on each other then.
 */
export const resnetNetwork: Network<ResNetConfig> = {
  name: "ResNet",
  defaults: { ...neuralTraining, blocks: 3, width: 128, hiddenWidth: 256, dropout: 0.1 },
  input: columnsInput,
  initial: (key, columns, classes, { blocks, width, hiddenWidth }) =>
    Object.assign(
      initialDense(key, "in", columns, width),
      ...Array.from(
        { length: blocks },
        (_, i): Record<string, InitialParameter> => ({
          ...initialLayerNorm(`${i}.norm`, width),
          ...initialDense(key, `${i}.up`, width, hiddenWidth),
          ...initialDense(key, `${i}.down`, hiddenWidth, width),
        }),
      ),
      initialLayerNorm("norm", width),
      initialDense(key, "head", width, classes),
    ),
  logits: (parameters, x, { blocks, dropout }, source) => {
    let h = applyDense(parameters, "in", x);
    for (let i = 0; i < blocks; i++) {
      const up = tf.relu(applyDense(parameters, `${i}.up`, applyLayerNorm(parameters, `${i}.norm`, h)));
      const down = applyDense(parameters, `${i}.down`, drop(up, dropout, `${i}.up`, source));
      h = tf.add(h, drop(down, dropout, `${i}.down`, source));
    }
    return applyDense(parameters, "head", tf.relu(applyLayerNorm(parameters, "norm", h)));
  },
};

/** Residual network (Gorishniy et al., Revisiting Deep Learning Models for Tabular Data, 2021), sizes of Appendix D.6.4. */
export const resnet = neuralPredictor(resnetNetwork);
