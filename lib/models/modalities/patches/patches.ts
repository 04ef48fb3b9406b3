/** Images as a modality: one token per square patch. */
import type * as tf from "../../../engine/tf.js";
import type { Modality } from "../../tokens/modality.js";
import {
  type DecodedPatches,
  decode,
  initialDecoder,
  meanNegativeLogLikelihood,
  meanNegativeLogMarginal,
} from "./decoder.js";
import {
  checkImageShape,
  checkImages,
  type ImageRows,
  type ImageShape,
  patchCount,
  selectImages,
} from "./images.js";
import { type BlockMaskConfig, checkBlockMasks, drawBlockMasks } from "./masks.js";
import { initialTokenizer, patchPositions, tokenize } from "./tokenizer.js";

/** What a model must know of the images that it is for, and of its masks. */
export interface PatchesConfig {
  readonly image: ImageShape;
  readonly masks: BlockMaskConfig;
}

/** @throws naming the field that makes no sense. */
export function checkPatches({ image, masks }: PatchesConfig): void {
  checkImageShape(image);
  checkBlockMasks(masks, image);
}

/** Images of the given size, masked as given. */
export function patches({ image, masks }: PatchesConfig): Modality<ImageRows, DecodedPatches> {
  return {
    tokens: patchCount(image),
    initialTokenizer: (key, width) => initialTokenizer(key, image, width),
    positions: (width) => patchPositions(image, width),
    tokenize: (parameters, rows) => tokenize(parameters, image, rows),
    drawMasks: (key, rows, firstRow) => drawBlockMasks(key, masks, image, rows, firstRow),
    initialDecoder: (key, path, width) => initialDecoder(key, path, image, width),
    decode,
    negativeLogLikelihood: (decoded, rows, logSigma) =>
      meanNegativeLogLikelihood(decoded, image, rows, logSigma as tf.Scalar),
    negativeLogMarginal: (parameters, path, q, cells, rows, logSigma, noise) =>
      meanNegativeLogMarginal(parameters, path, image, q, cells, rows, logSigma as tf.Scalar, noise),
    select: selectImages,
    check: (rows) => checkImages(image, rows),
  };
}
