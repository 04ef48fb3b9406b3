import * as tf from "../engine/tf.js";
import type { Slot } from "../layers/parameters.js";
import { type Batch, BatchCut, shareGradient, type Terms } from "./gradient.js";

/**
 * How many rows one pass takes so that the tensors alive at its worst moment fit into `budgetMb` MiB: all `rows`,
 * or a power of two. Measured on passes over 2 and 4 rows; depends on shapes only, never on timing.
 * @param rows of a member's share, at most the rows of `batch`
 * @returns `rows` also when the batch must not be cut
 */
export function fittingMicroBatch(
  theta: tf.Tensor1D,
  layout: readonly Slot[],
  terms: Terms,
  batch: Batch,
  rows: number,
  budgetMb: number,
): number {
  if (rows <= 4) return rows;
  try {
    const [two, four] = [2, 4].map((count) => peakBytes(theta, layout, terms, batch, count));
    return largestFitting(two, four, rows, budgetMb);
  } catch (error) {
    if (error instanceof BatchCut) return rows;
    throw error;
  }
}

/** Bytes grow with the rows in a straight line through what 2 and 4 rows take. */
export function largestFitting(two: number, four: number, rows: number, budgetMb: number): number {
  const perRow = (four - two) / 2;
  const fitting = (budgetMb * 2 ** 20 - (two - 2 * perRow)) / perRow;
  if (perRow <= 0 || fitting >= rows) return rows;
  return fitting < 2 ? 1 : 2 ** Math.floor(Math.log2(fitting));
}

/**
 * Most bytes of tensors that a pass over `count` rows adds. Intermediate gradients live until the pass is over, so
 * there are most when the last parameter's gradient is known; looking at each of them finds it.
 */
function peakBytes(
  theta: tf.Tensor1D,
  layout: readonly Slot[],
  terms: Terms,
  batch: Batch,
  count: number,
): number {
  const before = tf.memory().numBytes;
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, tf.memory().numBytes - before);
  };
  const watched = tf.customGrad((x) => {
    const gradFunc = (upstream: tf.Tensor) => {
      look();
      return upstream.clone();
    };
    return { value: (x as tf.Tensor).clone(), gradFunc };
  });
  const watching: Terms = (parameters, piece) => {
    const found = terms(
      Object.fromEntries(Object.entries(parameters).map(([name, tensor]) => [name, watched(tensor)])),
      piece,
    );
    look();
    return found;
  };
  const few = { ...batch, rows: batch.rows.subarray(0, count) };
  shareGradient(theta, layout, watching, few, few, count).flat.dispose();
  return peak;
}
