/** Use of a trained model: its weights become tensors, rows go through it in pieces, and all tensors are disposed of. */
import * as tf from "../engine/tf.js";
import { type FlatParameters, type Parameters, unpackParameters } from "../layers/parameters.js";
import type { Modality } from "../models/tokens/modality.js";
import { range } from "../models/tokens/positions.js";

/** Weights as named tensors outside training. The caller disposes of them: `tf.dispose(parameters)`. */
export function loadParameters({ values, layout }: FlatParameters): Parameters & tf.NamedTensorMap {
  return tf.tidy(() => unpackParameters(tf.tensor1d(values), layout) as tf.NamedTensorMap);
}

/** Some rows of the data that follow each other. */
export interface RowPiece {
  /** Place of the first of these rows in the data. */
  readonly first: number;
  readonly count: number;
}

/** Tokens that inference holds at once: bounds its memory whatever the number of rows and of their tokens. */
const TOKENS_AT_ONCE = 16_384;

/**
 * Takes rows through a model, a bounded number of tokens at a time.
 * @param tokensPerRow tokens that one row takes in the longest sequence
 * @param use reads what it wants of some rows; tensors that it makes are disposed of
 * @throws when the rows do not fit the modality.
 */
export function* inPieces<Input extends { readonly rows: number }, Read>(
  weights: FlatParameters,
  modality: Pick<Modality<Input, unknown>, "check" | "select">,
  input: Input,
  tokensPerRow: number,
  use: (parameters: Parameters, rows: Input, piece: RowPiece) => Read,
): Generator<Read> {
  modality.check(input);
  const parameters = loadParameters(weights);
  const size = Math.max(1, Math.floor(TOKENS_AT_ONCE / tokensPerRow));
  try {
    for (let first = 0; first < input.rows; first += size) {
      const count = Math.min(size, input.rows - first);
      const rows = modality.select(input, range(first, count));
      const read: Read[] = [];
      // What tidy returns it searches for tensors, number by number of an array.
      tf.tidy(() => void read.push(use(parameters, rows, { first, count })));
      yield read[0];
    }
  } finally {
    tf.dispose(parameters);
  }
}
