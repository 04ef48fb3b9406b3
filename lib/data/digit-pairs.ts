/** Handwritten digits as pairs of views: the left half of each as context, its right half as target. */
import { halves, loadDigits } from "./digits.js";
import type { Views } from "./simulation.js";

/** How many digits, of the split for training and of that for testing. */
export interface DigitPairsConfig {
  readonly digits: "halves";
  readonly trainRows: number;
  readonly evaluationRows: number;
}

/**
 * The first digits of both splits, x and y of 392 columns each, the class 0 … 9.
 * @throws as `loadDigits` does.
 */
export function digitPairs({ trainRows, evaluationRows }: DigitPairsConfig): {
  train: Views;
  evaluation: Views;
} {
  const views = (split: "train" | "test", limit: number): Views => {
    const { images, labels, count } = loadDigits({ split, limit });
    const { left, right } = halves(images);
    return { rows: count, x: left, y: right, labels };
  };
  return { train: views("train", trainRows), evaluation: views("test", evaluationRows) };
}
