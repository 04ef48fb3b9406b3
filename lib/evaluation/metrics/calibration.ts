import { mostProbable } from "../../distributions/categorical.js";

/** How far above 1 a softmax in single precision may come. */
const ROUNDING = 1e-5;

/**
 * Expected calibration error (Guo et al., On Calibration of Modern Neural Networks, 2017): rows are sorted into bins of equal
 * width by the probability of their most probable class; the mean over rows of the difference between the accuracy of a
 * row's bin and its mean probability.
 * @param labels true classes from 0, `[rows]`
 * @param probabilities row-major `[rows, classes]`
 * @param bins of [0, 1]
 * @throws when there is no row, the lengths differ, or a probability is none.
 */
export function expectedCalibrationError(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classes: number,
  bins = 15,
): number {
  const rows = labels.length;
  if (rows === 0 || probabilities.length !== rows * classes)
    throw new Error(
      `${probabilities.length} probabilities for ${rows} rows of ${classes} classes; give ${classes} per row, and at least 1 row`,
    );
  const predicted = mostProbable(probabilities, classes);
  const surplus = new Float64Array(bins);
  predicted.forEach((c, row) => {
    const confidence = probabilities[row * classes + c];
    if (!(confidence >= 0 && confidence <= 1 + ROUNDING))
      throw new Error(`probabilities has ${confidence} in row ${row}; give numbers from 0 to 1`);
    // A bin holds its upper bound, as in the article.
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1));
    surplus[bin] += confidence - Number(labels[row] === c);
  });
  return surplus.reduce((sum, difference) => sum + Math.abs(difference), 0) / rows;
}
