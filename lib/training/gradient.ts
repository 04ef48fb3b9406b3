/** The gradient of an objective on one share of a batch, worked off in micro-batches that fit into memory. */

import { joinVector } from "../engine/ops/flat-vector.js";
import type { Key } from "../engine/random.js";
import * as tf from "../engine/tf.js";
import { type Parameters, type Slot, unpackParameters } from "../layers/parameters.js";
import type { WeightedTerm } from "../losses/term.js";

/** The rows of one pass through the model: a whole batch or a part of it. */
export interface Batch {
  /** Which rows of the data. */
  readonly rows: Int32Array;
  /** Where `rows[0]` stands in the whole batch: randomness addressed from here does not see the cut. */
  readonly first: number;
  /** Rows of the whole batch. */
  readonly size: number;
  /** Source of all randomness of this step. */
  readonly key: Key;
  /** Steps made before this one, over all epochs. */
  readonly step: number;
}

/** The named terms of a pass; the same names at every step. */
export type Terms = (parameters: Parameters, batch: Batch) => Record<string, WeightedTerm>;

/** What a share contributes: summed over all shares of a batch it is the gradient and the terms of the batch. */
export interface Gradient {
  /** `[parameters]`, to be disposed of by the caller. */
  readonly flat: tf.Tensor1D;
  readonly terms: Readonly<Record<string, number>>;
}

/** A term compares the rows of a batch that was to be cut. */
export class BatchCut extends Error {
  constructor(
    readonly term: string,
    rows: number,
    size: number,
  ) {
    super(
      `${term} compares all ${size} rows of a batch but would see ${rows}; use one worker and microBatch "auto" or ${size}`,
    );
    this.name = "BatchCut";
  }
}

/** Member `index` of `size` takes a stretch of the batch; member 0 always has rows. */
export function shareOf(batch: Batch, index: number, size: number): Batch {
  const [from, to] = [index, index + 1].map((i) => Math.ceil((i * batch.rows.length) / size));
  return { ...batch, rows: batch.rows.subarray(from, to), first: batch.first + from };
}

/**
 * Objective gradient and terms of one share, each micro-batch weighted by its part of the batch's rows. An empty
 * share contributes zeros, found by looking at the batch's first row with weight 0.
 * @param theta `[parameters]`
 * @throws BatchCut when a term over the batch has a weight and the batch is not in one piece.
 */
export function shareGradient(
  theta: tf.Tensor1D,
  layout: readonly Slot[],
  terms: Terms,
  batch: Batch,
  share: Batch,
  microBatch: number,
): Gradient {
  const sums: Record<string, number> = {};
  const flat = tf.tidy(() => {
    const parameters = unpackParameters(theta, layout);
    return piecesOf(batch, share, microBatch).reduce<tf.Tensor1D | undefined>((sum, piece) => {
      const weight = share.rows.length === 0 ? 0 : piece.rows.length / piece.size;
      const next = tf.tidy(() => {
        const gradient = differentiate(parameters, layout, terms, piece);
        for (const [name, value] of Object.entries(gradient.terms))
          sums[name] = (sums[name] ?? 0) + weight * value;
        const weighted = weight === 1 ? gradient.flat : tf.mul<tf.Tensor1D>(gradient.flat, weight);
        return sum ? tf.add<tf.Tensor1D>(sum, weighted) : weighted;
      });
      sum?.dispose();
      return next;
    }, undefined) as tf.Tensor1D;
  });
  return { flat, terms: sums };
}

/** The micro-batches of a share; of an empty one, the batch's first row. */
function piecesOf(batch: Batch, share: Batch, microBatch: number): Batch[] {
  if (share.rows.length === 0) return [{ ...batch, rows: batch.rows.subarray(0, 1) }];
  return Array.from({ length: Math.ceil(share.rows.length / microBatch) }, (_, i) => ({
    ...share,
    rows: share.rows.subarray(i * microBatch, (i + 1) * microBatch),
    first: share.first + i * microBatch,
  }));
}

/** Gradient and terms of one pass. */
function differentiate(
  parameters: Parameters,
  layout: readonly Slot[],
  terms: Terms,
  piece: Batch,
): Gradient {
  const names = layout.map(({ name }) => name);
  let values: Record<string, tf.Scalar> = {};
  let whole: string | undefined;
  const objective = (): tf.Scalar => {
    const found = Object.entries(terms(parameters, piece));
    const active = found.filter(([, { weight }]) => weight !== 0);
    if (active.length === 0) throw new Error(`step ${piece.step} has no term with a weight other than 0`);
    whole = active.find(([, { over }]) => over === "batch")?.[0];
    values = Object.fromEntries(found.map(([name, { value }]) => [name, tf.keep(value)]));
    return active
      .map(([, { weight, value }]) => tf.mul<tf.Scalar>(value, weight))
      .reduce((a, b) => tf.add(a, b));
  };
  // Parameters that no active term reaches have no gradient; they stay where they are.
  const { grads } = tf.engine().gradients(
    objective,
    names.map((name) => parameters[name]),
    undefined,
    true,
  );
  // Not before the backward pass is over, which frees what the forward pass had kept for it.
  if (whole !== undefined && piece.rows.length < piece.size) {
    tf.dispose(values);
    throw new BatchCut(whole, piece.rows.length, piece.size);
  }
  const flat = joinVector(grads, layout);
  const numbers = tf.stack(Object.values(values)).dataSync();
  tf.dispose(values);
  return { flat, terms: Object.fromEntries(Object.keys(values).map((name, i) => [name, numbers[i]])) };
}
