/** One token per patch of an image: t_j = W·(pixels of patch j) + b + e_pos(j), with fixed positions in two dimensions. */
import type { Key } from "../../../engine/random.js";
import * as tf from "../../../engine/tf.js";
import { applyDense, initialDense } from "../../../layers/mlp.js";
import type { InitialParameter, Parameters } from "../../../layers/parameters.js";
import { joinSequences } from "../../../layers/sequence.js";
import { fullMasks } from "../../tokens/masks.js";
import { cellsOf } from "../../tokens/pass.js";
import { sinusoidalPositions } from "../../tokens/positions.js";
import { cutPatches, type ImageRows, type ImageShape, patchCount, patchGrid } from "./images.js";

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
 * @returns `[rows · D, d]`
 */
export function tokenize(parameters: Parameters, shape: ImageShape, input: ImageRows): tf.Tensor2D {
  const { rows } = input;
  const D = patchCount(shape);
  const pixels = cutPatches(shape, input, cellsOf(fullMasks(D, rows).context, D, rows));
  const embedded = applyDense(
    parameters,
    "tokenizer.patch",
    tf.tensor2d(pixels, [rows * D, shape.patch ** 2]),
  );
  const positions = patchPositions(shape, embedded.shape[1]);
  return tf.add(embedded, joinSequences(rows, [{ tokens: positions, rows: 1 }]));
}

/** Longest of the wavelengths of positions, divided by 2π, in patches. */
const LONGEST = 100;

/**
 * Fixed positions of all patches, as in I-JEPA's published code: half of the columns hold the sinusoids of the patch's line,
 * the others those of its place in the line, so that patches below each other are as near as patches side by side. Wavelengths
 * end at that of 100 patches: with the usual 10000 most columns are the same for all patches of a small image.
 * @returns `[D, width]`
 */
export function patchPositions(shape: ImageShape, width: number): tf.Tensor2D {
  const D = patchCount(shape);
  const [, across] = patchGrid(shape);
  const ofLine = Math.ceil(width / 2);
  const along = (place: (patch: number) => number, columns: number) =>
    sinusoidalPositions(
      Int32Array.from({ length: D }, (_, patch) => place(patch)),
      columns,
      LONGEST,
    );
  return tf.concat2d(
    [along((patch) => Math.floor(patch / across), ofLine), along((patch) => patch % across, width - ofLine)],
    1,
  );
}
