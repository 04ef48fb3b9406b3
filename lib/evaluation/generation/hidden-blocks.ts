/** A hidden block of images as pairs: x are the pixels that are seen, y those that are hidden. Whatever fills in the block is then a density of y given x. */
import { fold, type Key, normals } from "../../engine/random.js";
import { generatePatches, patchLogLikelihood } from "../../families/generate-patches.js";
import type { Pairs } from "../../families/var-jepa.js";
import type { FlatParameters } from "../../layers/parameters.js";
import {
  cutPatches,
  type ImageRows,
  type ImageShape,
  pastePatches,
  patchCount,
} from "../../models/modalities/patches/images.js";
import { range } from "../../models/tokens/positions.js";
import type { VarIJepaConfig } from "../../models/var-i-jepa.js";
import type { ConditionalDensity } from "./conditional-density.js";
import type { Contexts } from "./draw-targets.js";

/** A density of y given x that says its mean too. */
export interface MeanDensity extends ConditionalDensity {
  /** E[y|x], row-major `[rows, dy]`. */
  readonly mean: (contexts: Contexts) => ArrayLike<number>;
}

/** Patches that are hidden, and those that are left. */
const parted = (image: ImageShape, hidden: readonly number[]) => ({
  hidden,
  given: [...range(0, patchCount(image))].filter((patch) => !hidden.includes(patch)),
});

const cellsOf = (rows: number, patches: readonly number[]) => ({
  row: Int32Array.from({ length: rows * patches.length }, (_, i) => Math.floor(i / patches.length)),
  feature: Int32Array.from({ length: rows * patches.length }, (_, i) => patches[i % patches.length]),
});

/**
 * Images as pairs of seen and hidden pixels, patch by patch.
 * @param hidden the hidden patches, numbered line by line
 */
export function blockPairs(image: ImageShape, images: ImageRows, hidden: readonly number[]): Pairs {
  const { given } = parted(image, hidden);
  const pixels = (patches: readonly number[]) => cutPatches(image, images, cellsOf(images.rows, patches));
  return { rows: images.rows, x: pixels(given), y: pixels(hidden) };
}

/** Images again; hidden pixels are 0 where they are left out. */
export function imagesOf(
  image: ImageShape,
  { rows, x, y }: Contexts & Partial<Pairs>,
  hidden: readonly number[],
): ImageRows {
  const { height, width } = image;
  const images = new Float32Array(rows * height * width);
  pastePatches(image, images, cellsOf(rows, parted(image, hidden).given), x);
  if (y) pastePatches(image, images, cellsOf(rows, hidden), y);
  return { rows, height, width, images };
}

/**
 * A Var-I-JEPA as a density of the pixels of a block: s_x ~ q(s_x|x), z ~ p(z), s_y ~ p(s_y|s_x,z), y ~ N(A s_y + b, σ_y² I).
 * @param samples s_x and z per row of the likelihood, which is a lower bound on average, and of the mean
 * @param key source of their noise
 */
export function blockDensity(
  { parameters, config }: { readonly parameters: FlatParameters; readonly config: VarIJepaConfig },
  hidden: readonly number[],
  samples: number,
  key: Key,
): MeanDensity {
  const { image } = config;
  const { given } = parted(image, hidden);
  const contextsOf = (rows: number) => Array<readonly number[]>(rows).fill(given);
  const blocksOf = (images: ImageRows) => cutPatches(image, images, cellsOf(images.rows, hidden));
  const generated = (contexts: Contexts, draws: number, own: Key) =>
    generatePatches(
      ...([parameters, config, imagesOf(image, contexts, hidden)] as const),
      ...([contextsOf(contexts.rows), hidden, draws, own] as const),
    );
  return {
    logLikelihood: (pairs) =>
      patchLogLikelihood(
        ...([parameters, config, imagesOf(image, pairs, hidden)] as const),
        ...([contextsOf(pairs.rows), hidden, samples, key] as const),
      ).joint.map((log) => log * hidden.length),
    mean: (contexts) => {
      const { mean } = generated(contexts, samples, key);
      return blocksOf({ ...image, rows: contexts.rows, images: mean });
    },
    // Rows that are drawn for in parts get noise of their own.
    draw: (drawKey, contexts, count, first = 0) => {
      const own = fold(drawKey, first);
      const { draws, sigma } = generated(contexts, count, fold(own, "latents"));
      const dy = hidden.length * image.patch ** 2;
      const size = contexts.rows * image.height * image.width;
      const noise = normals(fold(own, "pixels"), contexts.rows * count * dy);
      const out = new Float32Array(noise.length);
      for (let draw = 0; draw < count; draw++) {
        const drawn = draws.subarray(draw * size, (draw + 1) * size);
        const blocks = blocksOf({ ...image, rows: contexts.rows, images: drawn });
        for (let row = 0; row < contexts.rows; row++)
          out.set(blocks.subarray(row * dy, (row + 1) * dy), (row * count + draw) * dy);
      }
      return out.map((ink, i) => ink + sigma * noise[i]);
    },
  };
}
