import { cutVector, type Piece } from "../engine/ops/flat-vector.js";
import { sizeOf } from "../engine/shape.js";
import type * as tf from "../engine/tf.js";

/** Where one named parameter lies in the flat vector. */
export interface Slot extends Piece {
  readonly name: string;
}

/** All parameters of a model as plain data: one flat vector and its layout. */
export interface FlatParameters {
  readonly values: Float32Array;
  readonly layout: readonly Slot[];
}

/** One parameter's start values, row-major. */
export interface InitialParameter {
  readonly shape: readonly number[];
  /** The values, or what draws them once they are wanted: a layout needs none. */
  readonly values: Float32Array | (() => Float32Array);
}

const drawn = (values: InitialParameter["values"]) => (typeof values === "function" ? values() : values);

/** The same start values times a factor. */
export function scaledStart(
  parameters: Record<string, InitialParameter>,
  factor: number,
): Record<string, InitialParameter> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { shape, values }]) => [
      name,
      { shape, values: () => drawn(values).map((value) => factor * value) },
    ]),
  );
}

/** The parameters of a model by name, as tensors. */
export type Parameters = Readonly<Record<string, tf.Tensor>>;

/** The most parameters of a model: 1 GiB of them. */
const MOST_PARAMETERS = 2 ** 28;

/** Where named parameters lie when one follows the other; draws none of them. */
export function layoutOf(parameters: Record<string, InitialParameter>): Slot[] {
  let offset = 0;
  return Object.entries(parameters).map(([name, { shape }]) => {
    const slot = { name, shape, offset };
    offset += sizeOf(shape);
    return slot;
  });
}

/**
 * Lays named start values one after the other.
 * @throws when there are more than 2²⁸ numbers.
 */
export function packParameters(parameters: Record<string, InitialParameter>): FlatParameters {
  const layout = layoutOf(parameters);
  const count = layout.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  if (count > MOST_PARAMETERS)
    throw new Error(
      `the model has ${count} parameters; use smaller widths or fewer layers, at most ${MOST_PARAMETERS} parameters`,
    );
  const values = new Float32Array(count);
  for (const { name, offset } of layout) values.set(drawn(parameters[name].values), offset);
  return { values, layout };
}

/** Cuts a flat vector `[parameters]` into named tensors. */
export function unpackParameters(theta: tf.Tensor1D, layout: readonly Slot[]): Parameters {
  const tensors = cutVector(theta, layout);
  return Object.fromEntries(layout.map(({ name }, i) => [name, tensors[i]]));
}

/** 1 where weight decay applies: matrices and embeddings, not biases, norms or scalars (`[parameters]`). */
export function weightDecayMask({ values, layout }: FlatParameters): Float32Array {
  const mask = new Float32Array(values.length);
  for (const { shape, offset } of layout) if (shape.length >= 2) mask.fill(1, offset, offset + sizeOf(shape));
  return mask;
}
