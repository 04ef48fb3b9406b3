import * as tf from "@tensorflow/tfjs";
import type { Slot } from "../layers/weights.js";
import { type Batch, BatchCut, shareGradient, type Terms } from "./gradient.js";

/** Most that is alive during a backward pass, as a multiple of what is alive at the end of the forward pass. */
const PEAK = 2.5;

/**
 * How many rows one pass takes so that the tensors alive at its worst moment fit into `budgetMb` MiB: all `rows`,
 * or a power of two. Estimated from passes over 2 and 4 rows; depends on shapes only, never on timing.
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
    const [two, four] = [2, 4].map((count) => forwardBytes(theta, layout, terms, batch, count));
    return largestFitting(two, four, rows, budgetMb);
  } catch (error) {
    if (error instanceof BatchCut) return rows;
    throw error;
  }
}

/** Bytes grow with the rows in a straight line through what 2 and 4 rows take. */
export function largestFitting(two: number, four: number, rows: number, budgetMb: number): number {
  const perRow = (four - two) / 2;
  const fitting = ((budgetMb * 2 ** 20) / PEAK - (two - 2 * perRow)) / perRow;
  if (perRow <= 0 || fitting >= rows) return rows;
  return fitting < 2 ? 1 : 2 ** Math.floor(Math.log2(fitting));
}

/** Bytes of all tensors that a pass over `count` rows has made by the time its terms are known. */
function forwardBytes(
  theta: tf.Tensor1D,
  layout: readonly Slot[],
  terms: Terms,
  batch: Batch,
  count: number,
): number {
  let bytes = 0;
  const weighed: Terms = (parameters, piece) => {
    const before = tf.memory().numBytes;
    const found = terms(parameters, piece);
    bytes = tf.memory().numBytes - before;
    return found;
  };
  const few = { ...batch, rows: batch.rows.subarray(0, count) };
  shareGradient(theta, layout, weighed, few, few, count).flat.dispose();
  return bytes;
}
