/** A value that changes with the step of training, counted from 0. */
export type Schedule = (step: number) => number;

/** The same value at every step. */
export function constant(value: number): Schedule {
  return () => value;
}

/** Rises linearly from 0 at step 0 to `peak` at step `steps` and stays there: KL annealing (SPEC 4). */
export function linearAnnealing(peak: number, steps: number): Schedule {
  return (step) => (steps <= 0 ? peak : peak * Math.min(1, step / steps));
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
