import * as tf from "../../engine/tf.js";
import { type Parameters, unpackWeights, type Weights } from "../../layers/weights.js";

/** Weights as named tensors outside training. The caller disposes of them: `tf.dispose(parameters)`. */
export function loadWeights({ values, layout }: Weights): Parameters & tf.NamedTensorMap {
  return tf.tidy(() => unpackWeights(tf.tensor1d(values), layout) as tf.NamedTensorMap);
}
