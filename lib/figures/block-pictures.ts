/** Digits with a hidden block, and what a model makes of it. */
import { blockPairs, imagesOf } from "../evaluation/generation/hidden-blocks.js";
import type { ImageRows } from "../models/modalities/patches/images.js";
import { rangeOf } from "../moments.js";
import type { VisionStudy } from "../studies/vision-study.js";
import type { Figure } from "./drawing/figure.js";
import { imageGrid } from "./images.js";

/** Grey of what is hidden. */
const HIDDEN = 0.45;

/**
 * The digits of the study's pictures in columns; below each what is seen of it, the mean of the hidden pixels, draws of them, and
 * how wide the intervals of single pixels are, from the narrowest of all (white) to the widest (black).
 * @param test MNIST's test part, or the first of it
 * @throws when the study has no pictures of that place, or `test` has too few digits.
 */
export function blockPictures(
  { pictures, provenance }: Pick<VisionStudy, "pictures" | "provenance">,
  place: string,
  test: ImageRows,
): Figure {
  const own = pictures.find((one) => one.place === place);
  if (!own) throw new Error(`pictures hold no place "${place}"; run the study of images with its first seed`);
  const { scoring, models } = provenance.config;
  const { image } = models.models["var-i-jepa"].model;
  const hidden = scoring.blocks.places[place];
  const size = image.height * image.width;
  const [narrowest, widest] = rangeOf(own.digits.flatMap(({ deviation }) => deviation));
  const digits = own.digits.map(({ digit, mean, deviation, draws }) => {
    const images = test.images.slice(digit * size, (digit + 1) * size);
    if (images.length < size)
      throw new Error(`test has ${test.rows} digits; digit ${digit} is asked for, load more`);
    const { x, y } = blockPairs(image, { ...test, rows: 1, images }, hidden);
    const filled = (block: ArrayLike<number>, seen = x) =>
      imagesOf(image, { rows: 1, x: seen, y: Float32Array.from(block) }, hidden).images;
    const ink = (values: readonly number[]) => values.map((value) => value / 255);
    return [
      images,
      filled(y.map(() => HIDDEN)),
      filled(ink(mean)),
      ...draws.map((draw) => filled(ink(draw))),
      filled(
        deviation.map((value) => (value - narrowest) / (widest - narrowest || 1)),
        x.map(() => 0),
      ),
    ];
  });
  const count = own.digits[0].draws.length;
  const rowLabels = ["digit", "seen", "mean", ...Array.from({ length: count }, () => "draw"), "width"];
  return imageGrid(
    rowLabels.flatMap((_, row) => digits.map((sheets) => sheets[row])),
    { height: image.height, width: image.width, columns: digits.length, rowLabels },
  );
}
