/** The squared error of a prediction and the variance of what it predicts, both summed over dimensions, averaged over rows. */
export interface PredictionError {
  readonly error: number;
  readonly variance: number;
  /**
   * error / variance: 1 for a prediction that is always the target's mean, 0 for a perfect one. A collapse lowers both, so the
   * error alone says nothing. NaN of a target that is the same in all rows.
   */
  readonly ratio: number;
}

/**
 * How well latents are predicted, relative to how much there is to predict (1 − R², with the mean of the rows scored).
 * @param predicted row-major `[rows, d]`
 * @param wanted row-major `[rows, d]`
 */
export function predictionError(predicted: Float32Array, wanted: Float32Array, d: number): PredictionError {
  const rows = wanted.length / d;
  const mean = new Float64Array(d);
  for (let i = 0; i < wanted.length; i++) mean[i % d] += wanted[i] / rows;
  let [error, variance] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    error += (wanted[i] - predicted[i]) ** 2 / rows;
    variance += (wanted[i] - mean[i % d]) ** 2 / rows;
  }
  return { error, variance, ratio: error / variance };
}
