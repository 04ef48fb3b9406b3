/** A stack of transformer encoder blocks (Vaswani et al. 2017) on sequences laid out as rows `[sequences · T, width]`. */

import { checkChoice, checkRecord, checkWhole, shown } from "../checks.js";
import { attention } from "../engine/ops/attention.js";
import { dense, denseGelu } from "../engine/ops/dense.js";
import { dropout } from "../engine/ops/dropout.js";
import { layerNorm } from "../engine/ops/layer-norm.js";
import { fold, type Key, uniformsWithin } from "../engine/random.js";
import * as tf from "../engine/tf.js";
import { applyDense, initialDense } from "./mlp.js";
import type { InitialParameter, Parameters } from "./parameters.js";

/** Sizes and kind of a stack of blocks. */
export interface TransformerConfig {
  /** Columns of every token. */
  readonly width: number;
  readonly layers: number;
  /** Attention heads; they share the width, so `heads` divides it. */
  readonly heads: number;
  /** Columns of the hidden layer between the two affine maps of a block. */
  readonly ff: number;
  /** Where a block normalises: before each of its two parts, or after adding each part's result. */
  readonly norm: "pre" | "post";
  readonly activation: "gelu" | "relu";
  /** Share of numbers dropped after attention, inside and after the feed-forward part; 0 costs nothing. */
  readonly dropout: number;
}

/** What dropout is drawn from: without it nothing is dropped. */
export interface DropoutSource {
  readonly key: Key;
  /** Sequences of the whole batch that come before the first one given. */
  readonly firstSequence: number;
}

/**
 * Start values as in PyTorch's `TransformerEncoderLayer`: query, key and value weights Xavier-uniform over the joint
 * matrix with biases 0, the other affine maps uniform on ±1/√inputs (attention's output bias 0), norms 1 and 0.
 * @throws when a size is no whole number or beyond all reason, the heads do not divide the width, norm or activation is
 *   unknown, or dropout is not in [0, 1).
 */
export function initialTransformer(
  key: Key,
  name: string,
  config: TransformerConfig,
): Record<string, InitialParameter> {
  checkTransformer(name, config);
  const { width, ff, layers, norm } = config;
  const blocks = Array.from({ length: layers }, (_, i) => {
    const block = `${name}.${i}`;
    return {
      ...initialQkv(key, `${block}.qkv`, width),
      ...initialDense(key, `${block}.attentionOut`, width, width),
      [`${block}.attentionOut.bias`]: { shape: [width], values: () => new Float32Array(width) },
      ...initialLayerNorm(`${block}.norm1`, width),
      ...initialDense(key, `${block}.up`, width, ff),
      ...initialDense(key, `${block}.down`, ff, width),
      ...initialLayerNorm(`${block}.norm2`, width),
    };
  });
  return Object.assign({}, ...blocks, norm === "pre" ? initialLayerNorm(`${name}.norm`, width) : {});
}

/**
 * Runs the blocks of `name`. Every token sees all tokens of its own sequence; a pre-norm stack ends in one more norm.
 * @param x `[sequences · T, width]`, the tokens of a sequence one below the other; T may differ from call to call
 * @returns `[sequences · T, width]`
 */
export function applyTransformer(
  parameters: Parameters,
  name: string,
  config: TransformerConfig,
  x: tf.Tensor2D,
  sequences: number,
  source?: DropoutSource,
): tf.Tensor2D {
  const tokens = x.shape[0] / sequences;
  const drop = (x: tf.Tensor2D, place: string): tf.Tensor2D =>
    source && config.dropout > 0
      ? dropout(x, fold(source.key, `${name}.${place}`), config.dropout, source.firstSequence * tokens)
      : x;
  let h = x;
  for (let i = 0; i < config.layers; i++) {
    const block = `${name}.${i}`;
    const attend = (x: tf.Tensor2D) => {
      const mixed = attention(applyDense(parameters, `${block}.qkv`, x), sequences, config.heads);
      return drop(applyDense(parameters, `${block}.attentionOut`, mixed), `${i}.attention`);
    };
    const feedForward = (x: tf.Tensor2D) => {
      const hidden = drop(activated(parameters, `${block}.up`, config, x), `${i}.hidden`);
      return drop(applyDense(parameters, `${block}.down`, hidden), `${i}.feedForward`);
    };
    const normalise = (which: string, x: tf.Tensor2D, residual?: tf.Tensor2D) =>
      applyLayerNorm(parameters, `${block}.${which}`, x, residual);
    if (config.norm === "post") {
      h = normalise("norm1", attend(h), h);
      h = normalise("norm2", feedForward(h), h);
    } else {
      h = tf.add(h, attend(normalise("norm1", h)));
      h = tf.add(h, feedForward(normalise("norm2", h)));
    }
  }
  return config.norm === "pre" ? applyLayerNorm(parameters, `${name}.norm`, h) : h;
}

/** Scale 1 and shift 0 for a layer norm over `columns`. */
export function initialLayerNorm(name: string, columns: number): Record<string, InitialParameter> {
  return {
    [`${name}.scale`]: { shape: [columns], values: () => new Float32Array(columns).fill(1) },
    [`${name}.shift`]: { shape: [columns], values: () => new Float32Array(columns) },
  };
}

/** The layer norm `name` of x, or of x + residual: `[rows, columns]`. */
export function applyLayerNorm(
  parameters: Parameters,
  name: string,
  x: tf.Tensor2D,
  residual?: tf.Tensor2D,
): tf.Tensor2D {
  const scale = parameters[`${name}.scale`] as tf.Tensor1D;
  return layerNorm(x, scale, parameters[`${name}.shift`] as tf.Tensor1D, residual);
}

/** Beyond these a size is a slip, not a model for one computer. */
const largest = { width: 8192, layers: 512, heads: 1024, ff: 65_536 } as const;

/** @throws naming `name` and the field that makes no sense. */
export function checkTransformer(name: string, config: TransformerConfig): void {
  checkRecord(name, config);
  for (const [field, most] of Object.entries(largest))
    checkWhole(`${name}: ${field}`, config[field as keyof typeof largest], 1, most);
  checkChoice(`${name}: norm`, config.norm, ["pre", "post"]);
  checkChoice(`${name}: activation`, config.activation, ["gelu", "relu"]);
  if (config.width % config.heads !== 0)
    throw new Error(`${name}: heads is ${config.heads}; it must divide width, ${config.width}`);
  if (typeof config.dropout !== "number" || !(config.dropout >= 0 && config.dropout < 1))
    throw new Error(`${name}: dropout is ${shown(config.dropout)}; use a number in [0, 1)`);
}

function activated(
  parameters: Parameters,
  name: string,
  { activation }: TransformerConfig,
  x: tf.Tensor2D,
): tf.Tensor2D {
  const weight = parameters[`${name}.weight`] as tf.Tensor2D;
  const bias = parameters[`${name}.bias`] as tf.Tensor1D;
  return activation === "gelu" ? denseGelu(x, weight, bias) : tf.relu(dense(x, weight, bias));
}

/** Query, key and value maps side by side, `[width, 3 · width]`, Xavier-uniform: ±√(6 / (width + 3·width)). */
function initialQkv(key: Key, name: string, width: number): Record<string, InitialParameter> {
  const bound = Math.sqrt(6 / (4 * width));
  return {
    [`${name}.weight`]: {
      shape: [width, 3 * width],
      values: () => uniformsWithin(fold(fold(key, name), "weight"), 3 * width * width, bound),
    },
    [`${name}.bias`]: { shape: [3 * width], values: () => new Float32Array(3 * width) },
  };
}
