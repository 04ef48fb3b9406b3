import * as tf from "../../engine/tf.js";
import { applyDense, initialDense } from "../../layers/mlp.js";
import type { InitialParameter } from "../../layers/parameters.js";
import { applyHidden, initialHidden, type MlpConfig, mlpNetwork } from "./mlp.js";
import { columnsInput, type Network, neuralPredictor } from "./neural.js";

/** Sizes of a deep & cross network. */
export interface DcnV2Config extends MlpConfig {
  readonly crossLayers: number;
}

/**
 * The network of `dcnV2`: cross layers x_{l+1} = x_0 ⊙ (W x_l + b) + x_l beside an MLP, and one affine map of both. The paper
 * gives the number of cross layers alone; the MLP is its own MLP.
 */
export const dcnV2Network: Network<DcnV2Config> = {
  name: "DCNv2",
  defaults: { ...mlpNetwork.defaults, crossLayers: 2 },
  input: columnsInput,
  initial: (key, columns, classes, settings) =>
    Object.assign(
      {},
      ...Array.from(
        { length: settings.crossLayers },
        (_, i): Record<string, InitialParameter> => initialDense(key, `cross.${i}`, columns, columns),
      ),
      initialHidden(key, "deep", columns, settings),
      initialDense(key, "head", columns + settings.hiddenWidth, classes),
    ),
  logits: (parameters, x, settings, source) => {
    let crossed = x;
    for (let i = 0; i < settings.crossLayers; i++)
      crossed = tf.add(tf.mul(x, applyDense(parameters, `cross.${i}`, crossed)), crossed);
    const deep = applyHidden(parameters, "deep", x, settings, source);
    return applyDense(parameters, "head", tf.concat([crossed, deep], 1));
  },
};

/** Deep & cross network (Wang et al., DCN V2, 2021). */
export const dcnV2 = neuralPredictor(dcnV2Network);
