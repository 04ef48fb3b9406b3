/** What the model is told about images: their size, the patches they are cut into, and the pixels of some of them. */
import { checkRecord, checkWhole } from "../../../checks.js";
import type { Cells } from "../../tokens/modality.js";

/** Grey images of one size, cut into square patches; a patch is a token. */
export interface ImageShape {
  /** In pixels. */
  readonly height: number;
  readonly width: number;
  /** Side of a patch in pixels; it divides height and width. */
  readonly patch: number;
}

/** Some images. */
export interface ImageRows {
  readonly rows: number;
  readonly height: number;
  readonly width: number;
  /** Ink from 0 (paper) to 1, row-major `[rows, height, width]`. */
  readonly images: Float32Array;
}

/** Patches down and across; they are numbered line by line, as the pixels of a picture. */
export function patchGrid({ height, width, patch }: ImageShape): readonly [down: number, across: number] {
  return [height / patch, width / patch];
}

/** D, the patches of an image. */
export function patchCount(shape: ImageShape): number {
  const [down, across] = patchGrid(shape);
  return down * across;
}

/** Pixels of some patches, row-major `[cells, patch · patch]`, each line by line. */
export function cutPatches(shape: ImageShape, { images }: ImageRows, { row, feature }: Cells): Float32Array {
  const { height, width, patch } = shape;
  const pixels = new Float32Array(row.length * patch * patch);
  for (let cell = 0; cell < row.length; cell++) {
    const corner = row[cell] * height * width + cornerOf(shape, feature[cell]);
    for (let line = 0; line < patch; line++) {
      const from = corner + line * width;
      pixels.set(images.subarray(from, from + patch), (cell * patch + line) * patch);
    }
  }
  return pixels;
}

/** Writes patches into images `[rows, height, width]`: the inverse of `cutPatches`. */
export function pastePatches(
  shape: ImageShape,
  images: Float32Array,
  { row, feature }: Cells,
  pixels: Float32Array,
): void {
  const { height, width, patch } = shape;
  for (let cell = 0; cell < row.length; cell++) {
    const corner = row[cell] * height * width + cornerOf(shape, feature[cell]);
    for (let line = 0; line < patch; line++) {
      const from = (cell * patch + line) * patch;
      images.set(pixels.subarray(from, from + patch), corner + line * width);
    }
  }
}

/** Place of a patch's first pixel in its image. */
function cornerOf({ width, patch }: ImageShape, token: number): number {
  const across = width / patch;
  return Math.floor(token / across) * patch * width + (token % across) * patch;
}

/** The images with the given indices, in that order. */
export function selectImages({ height, width, images }: ImageRows, indices: ArrayLike<number>): ImageRows {
  const pixels = height * width;
  const chosen = new Float32Array(indices.length * pixels);
  for (let i = 0; i < indices.length; i++)
    chosen.set(images.subarray(indices[i] * pixels, (indices[i] + 1) * pixels), i * pixels);
  return { rows: indices.length, height, width, images: chosen };
}

/** @throws when a size is none that an image can have, or patches do not fill it. */
export function checkImageShape(shape: ImageShape): void {
  checkRecord("image", shape);
  for (const field of ["height", "width", "patch"] as const)
    checkWhole(`image: ${field}`, shape[field], 1, 4096);
  for (const field of ["height", "width"] as const)
    if (shape[field] % shape.patch !== 0)
      throw new Error(`image: patch is ${shape.patch}; use a side that divides ${field}, ${shape[field]}`);
  if (patchCount(shape) < 2)
    throw new Error(`image: it is one patch; a context and a target need at least 2, use a smaller patch`);
}

/**
 * Checks images before they enter a model.
 * @throws naming the field of a size that is not the model's, or the image and place of the first number that is not finite.
 */
export function checkImages(shape: ImageShape, { rows, height, width, images }: ImageRows): void {
  for (const [field, value] of [
    ["height", height],
    ["width", width],
  ] as const)
    if (value !== shape[field])
      throw new Error(
        `${field} is ${value}; the model takes images of ${shape.height} × ${shape.width}: scale or crop them to that`,
      );
  if (images.length !== rows * height * width)
    throw new Error(
      `images holds ${images.length} values; ${rows} images of ${height} × ${width} need ${rows * height * width}`,
    );
  const bad = images.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const place = bad % (height * width);
    throw new Error(
      `images holds ${images[bad]} in image ${Math.floor(bad / (height * width))} at line ${Math.floor(place / width)}, column ${place % width}; use ink from 0 to 1`,
    );
  }
}
