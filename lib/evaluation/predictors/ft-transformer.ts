import { gatherRows } from "../../engine/ops/gather-rows.js";
import { fold, uniformsWithin } from "../../engine/random.js";
import * as tf from "../../engine/tf.js";
import { applyDense, initialDense } from "../../layers/mlp.js";
import { applyTransformer, initialTransformer, type TransformerConfig } from "../../layers/transformer.js";
import {
  applyTokens,
  initialTokens,
  type TokenRows,
  type TokenSizes,
  tokensInput,
} from "./feature-tokens.js";
import { type Network, type NeuralTraining, neuralPredictor, neuralTraining } from "./neural.js";

/** Sizes of an FT-Transformer. */
export interface FtTransformerConfig extends NeuralTraining {
  readonly encoder: TransformerConfig;
}

/** The network of `ftTransformer`: tokens and one CLS token through a transformer, Linear(ReLU(CLS)) at the end. */
export const ftTransformerNetwork: Network<FtTransformerConfig, TokenSizes, TokenRows> = {
  name: "FT-Transformer",
  // The paper gives no sizes; these are the defaults of Gorishniy et al. (2021), with ReLU for their ReGLU.
  defaults: {
    ...neuralTraining,
    encoder: { width: 192, layers: 3, heads: 8, ff: 256, norm: "pre", activation: "relu", dropout: 0.1 },
  },
  input: tokensInput,
  initial: (key, sizes, classes, { encoder }) => ({
    ...initialTokens(key, sizes, encoder.width),
    cls: {
      shape: [1, encoder.width],
      values: () => uniformsWithin(fold(key, "cls"), encoder.width, 1 / Math.sqrt(encoder.width)),
    },
    ...initialTransformer(key, "encoder", encoder),
    ...initialDense(key, "head", encoder.width, classes),
  }),
  logits: (parameters, x, { encoder }, source) => {
    const { rows, tokens } = x;
    const all = tf.concat([applyTokens(parameters, x), parameters.cls as tf.Tensor2D], 0);
    // A row's sequence is its CLS token and its own tokens.
    const places = Int32Array.from({ length: rows * (tokens + 1) }, (_, i) => {
      const [row, at] = [Math.floor(i / (tokens + 1)), i % (tokens + 1)];
      return at === 0 ? rows * tokens : row * tokens + at - 1;
    });
    const h = applyTransformer(parameters, "encoder", encoder, gatherRows(all, places), rows, source);
    const cls = Int32Array.from({ length: rows }, (_, row) => row * (tokens + 1));
    return applyDense(parameters, "head", tf.relu(gatherRows(h, cls)));
  },
};

/** FT-Transformer (Gorishniy et al., Revisiting Deep Learning Models for Tabular Data, 2021). */
export const ftTransformer = neuralPredictor(ftTransformerNetwork);
