import { attention } from "../../engine/ops/attention.js";
import * as tf from "../../engine/tf.js";
import { applyDense, initialDense } from "../../layers/mlp.js";
import type { InitialParameter } from "../../layers/parameters.js";
import {
  applyTokens,
  initialTokens,
  type TokenRows,
  type TokenSizes,
  tokensInput,
} from "./feature-tokens.js";
import { type Network, type NeuralTraining, neuralPredictor, neuralTraining } from "./neural.js";

/** Sizes of AutoInt. */
export interface AutoIntConfig extends NeuralTraining {
  /** Of a token. */
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
}

/**
 * The network of `autoInt`: t ← ReLU(attention(t) + W t) in every interacting layer, then one affine map of all tokens side by
 * side. Attention divides by √(width / heads), which the article leaves out.
 */
export const autoIntNetwork: Network<AutoIntConfig, TokenSizes, TokenRows> = {
  name: "AutoInt",
  defaults: { ...neuralTraining, width: 128, heads: 2, layers: 3 },
  input: tokensInput,
  initial: (key, sizes, classes, { width, layers }) =>
    Object.assign(
      initialTokens(key, sizes, width),
      ...Array.from(
        { length: layers },
        (_, i): Record<string, InitialParameter> => ({
          ...initialDense(key, `${i}.qkv`, width, 3 * width),
          ...initialDense(key, `${i}.own`, width, width),
        }),
      ),
      initialDense(key, "head", sizes.tokens * width, classes),
    ),
  logits: (parameters, x, { width, heads, layers }) => {
    let t = applyTokens(parameters, x);
    for (let i = 0; i < layers; i++) {
      const mixed = attention(applyDense(parameters, `${i}.qkv`, t), x.rows, heads);
      t = tf.relu(tf.add<tf.Tensor2D>(mixed, applyDense(parameters, `${i}.own`, t)));
    }
    return applyDense(parameters, "head", tf.reshape(t, [x.rows, x.tokens * width]));
  },
};

/** AutoInt (Song et al., Automatic Feature Interaction Learning, 2019), sizes of Appendix D.6.4. */
export const autoInt = neuralPredictor(autoIntNetwork);
