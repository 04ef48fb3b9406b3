/** The class with the largest probability in each row, the first of equals. */
export function mostProbable(probabilities: ArrayLike<number>, classes: number): Int32Array {
  return Int32Array.from({ length: probabilities.length / classes }, (_, row) => {
    let best = 0;
    for (let c = 1; c < classes; c++)
      if (probabilities[row * classes + c] > probabilities[row * classes + best]) best = c;
    return best;
  });
}

/** Frequencies with one row added to each category. `[classes]` */
export function smoothedFrequencies(seen: ArrayLike<number>, classes: number): Float64Array {
  const counts = new Float64Array(classes).fill(1);
  for (let row = 0; row < seen.length; row++) counts[seen[row]]++;
  return counts.map((count) => count / (seen.length + classes));
}

/** The category that a number drawn evenly from 0 to 1 falls to; what rounding leaves falls to the last. */
export function drawnCategory(probabilities: Float64Array, u: number): number {
  let below = 0;
  for (let c = 0; c < probabilities.length - 1; c++) {
    below += probabilities[c];
    if (u < below) return c;
  }
  return probabilities.length - 1;
}
