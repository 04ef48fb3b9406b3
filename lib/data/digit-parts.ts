/** Parts of MNIST, so that every run has digits of its own. */
import { type DigitsSplit, loadDigits } from "./digits.js";

/** Digits with their classes, in the form that models of images take. */
export interface LabelledImages {
  readonly rows: number;
  readonly height: number;
  readonly width: number;
  /** Ink from 0 (paper) to 1, row-major `[rows, height, width]`. */
  readonly images: Float32Array;
  /** 0 … 9, `[rows]`. */
  readonly labels: Uint8Array;
}

/**
 * So many digits of a split in their order, after so many others of it.
 * @throws as `loadDigits` does.
 */
export function digitPart(split: DigitsSplit, after: number, count: number): LabelledImages {
  const { height, width, images, labels } = loadDigits({ split, limit: after + count });
  return {
    rows: count,
    height,
    width,
    images: images.slice(after * height * width),
    labels: labels.slice(after),
  };
}
