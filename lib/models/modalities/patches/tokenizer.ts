/**
 * One token per patch of an image: t_j = W·(pixels of patch j) + b + e_pos(j), with the fixed positions of every model on
 * tokens, counted line by line.
 */
import type { Key } from "../../../engine/random.js";
import * as tf from "../../../engine/tf.js";
import { applyDense, initialDense } from "../../../layers/mlp.js";
import type { InitialParameter, Parameters } from "../../../layers/parameters.js";
import { joinSequences } from "../../../layers/sequence.js";
import { fullMasks } from "../../tokens/masks.js";
import { cellsOf } from "../../tokens/pass.js";
import { range, sinusoidalPositions } from "../../tokens/positions.js";
import { cutPatches, type ImageRows, type ImageShape, patchCount } from "./images.js";

/** Start values of W `[patch · patch, d]` and b `[d]`, as in `initialDense`: `tokenizer.patch.weight` and `.bias`. */
export function initialTokenizer(
  key: Key,
  { patch }: ImageShape,
  d: number,
): Record<string, InitialParameter> {
  return initialDense(key, "tokenizer.patch", patch * patch, d);
}

/**
 * Tokens of all D patches of every image.
 * @param firstPosition position of an image's first patch
 * @returns `[rows · D, d]`
 */
export function tokenize(
  parameters: Parameters,
  shape: ImageShape,
  input: ImageRows,
  firstPosition: number,
): tf.Tensor2D {
  const { rows } = input;
  const D = patchCount(shape);
  const pixels = cutPatches(shape, input, cellsOf(fullMasks(D, rows).context, D, rows));
  const embedded = applyDense(
    parameters,
    "tokenizer.patch",
    tf.tensor2d(pixels, [rows * D, shape.patch ** 2]),
  );
  const positions = sinusoidalPositions(range(firstPosition, D), embedded.shape[1]);
  return tf.add(embedded, joinSequences(rows, [{ tokens: positions, rows: 1 }]));
}
