/** Logistic loss of one margin per row, softmax loss of one per row and class, rounded to single precision where XGBoost rounds. */
import type { Derivatives } from "./tree.js";

/**
 * Probabilities of margins: logistic of one output, of more softmax.
 * @param margins `[outputs, rows]`
 * @returns row-major `[rows, classes]`
 */
export function probabilitiesOf(margins: Float32Array, rows: number, outputs: number): Float32Array {
  const classes = Math.max(2, outputs);
  const out = new Float32Array(rows * classes);
  for (let i = 0; i < rows; i++) {
    if (outputs === 1) {
      out[2 * i + 1] = 1 / (1 + Math.exp(-margins[i]));
      out[2 * i] = 1 - out[2 * i + 1];
      continue;
    }
    let top = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < outputs; c++) top = Math.max(top, margins[c * rows + i]);
    let total = 0;
    for (let c = 0; c < outputs; c++) {
      out[i * classes + c] = Math.exp(margins[c * rows + i] - top);
      total += out[i * classes + c];
    }
    for (let c = 0; c < outputs; c++) out[i * classes + c] /= total;
  }
  return out;
}

/**
 * p − y and its own derivative, p(1 − p), of softmax twice that as in XGBoost; one pair per output.
 * @param margins `[outputs, rows]`
 * @param labels class of each row
 */
export function softmaxDerivatives(
  margins: Float32Array,
  labels: ArrayLike<number>,
  outputs: number,
): Derivatives[] {
  const rows = labels.length;
  const classes = Math.max(2, outputs);
  const probabilities = probabilitiesOf(margins, rows, outputs);
  const smallest = 1e-16;
  return Array.from({ length: outputs }, (_, output) => {
    const c = outputs === 1 ? 1 : output;
    const first = new Float32Array(rows);
    const second = new Float32Array(rows);
    for (let i = 0; i < rows; i++) {
      const p = probabilities[i * classes + c];
      first[i] = p - Number(labels[i] === c);
      second[i] = Math.max(smallest, (outputs === 1 ? 1 : 2) * p * Math.fround(1 - p));
    }
    return { first, second };
  });
}
