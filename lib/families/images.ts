/** What families of models of images have in common. */
import type { TransformerConfig } from "../layers/transformer.js";
import {
  checkImages,
  type ImageRows,
  type ImageShape,
  patchCount,
} from "../models/modalities/patches/images.js";
import { type Pooling, pooledTokens } from "./pooling.js";

/** The pixels alone, checked: labels and what else there is do not reach training. */
export function imageRows(
  { image }: { readonly image: ImageShape },
  { rows, height, width, images }: ImageRows,
): ImageRows {
  const pixels = { rows, height, width, images };
  checkImages(image, pixels);
  return pixels;
}

/** Tokens of one image's embedding: those of its D patches, their average, or the CLS tokens, d wide each. */
export function patchesShape(
  { image, clsTokens, encoder }: { image: ImageShape; clsTokens: number; encoder: TransformerConfig },
  pooling: Pooling,
): readonly [tokens: number, width: number] {
  return [pooledTokens(pooling, patchCount(image), clsTokens), encoder.width];
}
