import type * as tf from "@tensorflow/tfjs";
import { cutVector, type Piece } from "../engine/ops/flat-vector.js";

/** Where one named parameter lies in the flat vector. */
export interface Slot extends Piece {
  readonly name: string;
}

/** All parameters of a model as plain data: one flat vector and its layout. */
export interface Weights {
  readonly values: Float32Array;
  readonly layout: readonly Slot[];
}

/** One parameter's start values, row-major. */
export interface InitialParameter {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The parameters of a model by name, as tensors. */
export type Parameters = Readonly<Record<string, tf.Tensor>>;

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, n) => size * n, 1);

/** Lays named start values one after the other. */
export function packWeights(parameters: Record<string, InitialParameter>): Weights {
  const layout: Slot[] = [];
  let offset = 0;
  for (const [name, { shape }] of Object.entries(parameters)) {
    layout.push({ name, shape, offset });
    offset += sizeOf(shape);
  }
  const values = new Float32Array(offset);
  layout.forEach((slot) => {
    values.set(parameters[slot.name].values, slot.offset);
  });
  return { values, layout };
}

/** Cuts a flat vector `[parameters]` into named tensors. */
export function unpackWeights(theta: tf.Tensor1D, layout: readonly Slot[]): Parameters {
  const tensors = cutVector(theta, layout);
  return Object.fromEntries(layout.map(({ name }, i) => [name, tensors[i]]));
}

/** 1 where weight decay applies: matrices and embeddings, not biases, norms or scalars (`[parameters]`). */
export function weightDecayMask({ values, layout }: Weights): Float32Array {
  const mask = new Float32Array(values.length);
  for (const { shape, offset } of layout) if (shape.length >= 2) mask.fill(1, offset, offset + sizeOf(shape));
  return mask;
}
