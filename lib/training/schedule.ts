/** A value that changes with the step of training, counted from 0. */
export type Schedule = (step: number) => number;

/** The same value at every step. */
export function constant(value: number): Schedule {
  return () => value;
}

/**
 * Runs in a straight line from `from` at step 0 to `to` at step `steps` and stays there: KL annealing (Equations 53–55), the
 * decay of a target encoder (Table 8). `steps` 0 is there at once.
 */
export function linear(from: number, to: number, steps: number): Schedule {
  return (step) => (step >= steps ? to : from + ((to - from) * step) / steps);
}

/**
 * Rises linearly to `peak` over `warmupSteps` (the first step already moves), then falls to 0 at `totalSteps`
 * along half a cosine (Loshchilov & Hutter, SGDR, 2017, without restarts).
 * @throws when the warm-up is longer than the whole.
 */
export function warmupCosine(peak: number, warmupSteps: number, totalSteps: number): Schedule {
  if (warmupSteps > totalSteps)
    throw new Error(`warmupSteps is ${warmupSteps}; it must not exceed totalSteps, ${totalSteps}`);
  return (step) => {
    if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
    const done = (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
    return peak * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, done)));
  };
}

/** A learning rate as the paper's Tables 7 and 8 print it: the peak, and the epochs of warm-up before the cosine. */
export interface LearningRate {
  readonly learningRate: number;
  readonly warmupEpochs: number;
}

/**
 * The learning rate of a training of `epochs` epochs.
 * @throws when the warm-up is longer than the training.
 */
export function learningRateSchedule(
  { learningRate, warmupEpochs }: LearningRate,
  epochs: number,
  stepsPerEpoch: number,
): Schedule {
  if (warmupEpochs > epochs)
    throw new Error(`warmupEpochs is ${warmupEpochs}; it must not exceed epochs, ${epochs}`);
  return warmupCosine(learningRate, Math.round(warmupEpochs * stepsPerEpoch), epochs * stepsPerEpoch);
}

/** Steps of one epoch over `rows` rows; the last batch may be smaller. */
export function stepsPerEpoch(rows: number, batchSize: number): number {
  return Math.ceil(rows / batchSize);
}
