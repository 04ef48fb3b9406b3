/** Sequences of tokens as the layers take them: row-major `[sequences · T, width]`, the tokens of one below the other. */
import { gatherRows } from "../engine/ops/gather-rows.js";
import * as tf from "../engine/tf.js";

/** What sequences are joined from. */
export interface SequencePart {
  /** `[rows · T, width]` */
  readonly tokens: tf.Tensor2D;
  /** How many rows there are; sequence s takes from row ⌊s · rows / sequences⌋. One row is shared by all sequences. */
  readonly rows: number;
  /** Which of its row's T tokens each sequence takes, row-major `[sequences, count]`; by default all of them. */
  readonly picks?: Int32Array;
}

/**
 * Sequences that have the tokens of one part after the other.
 * @param sequences how many; a multiple of the rows of every part
 * @returns `[sequences · (T₁ + T₂ + …), width]`
 */
export function joinSequences(sequences: number, parts: readonly SequencePart[]): tf.Tensor2D {
  const taken = parts.map((part) => takenTokens(sequences, part));
  const length = taken.reduce((sum, { count }) => sum + count, 0);
  // One gather for the whole sequence: each one more would be a kernel, and a pass over its tokens, of its own.
  const index = new Int32Array(sequences * length);
  let [first, at] = [0, 0];
  taken.forEach(({ places, count }, p) => {
    for (let s = 0; s < sequences; s++)
      for (let i = 0; i < count; i++) index[s * length + at + i] = first + places[s * count + i];
    first += parts[p].tokens.shape[0];
    at += count;
  });
  const all =
    parts.length === 1
      ? parts[0].tokens
      : tf.concat(
          parts.map(({ tokens }) => tokens),
          0,
        );
  return gatherRows(all, index);
}

/** Of every sequence the `count` tokens from `first` on: `[sequences · count, width]`. */
export function tokensFrom(
  tokens: tf.Tensor2D,
  sequences: number,
  first: number,
  count: number,
): tf.Tensor2D {
  const picks = Int32Array.from({ length: sequences * count }, (_, i) => first + (i % count));
  return joinSequences(sequences, [{ tokens, rows: sequences, picks }]);
}

/** Every row `times` times, one copy below the other: `[rows · times, width]`. */
export function repeatRows(rows: tf.Tensor2D, times: number): tf.Tensor2D {
  return joinSequences(rows.shape[0] * times, [{ tokens: rows, rows: rows.shape[0] }]);
}

/** Where the tokens that sequences take of a part stand in it, `[sequences, count]`. */
function takenTokens(
  sequences: number,
  { tokens, rows, picks }: SequencePart,
): { places: Int32Array; count: number } {
  const length = tokens.shape[0] / rows;
  const count = picks ? picks.length / sequences : length;
  if (![length, count, sequences / rows].every(Number.isInteger))
    throw new Error(
      `${sequences} sequences cannot take ${picks ? picks.length : "all"} of the [${tokens.shape}] tokens of ${rows} rows; give whole rows and as many picks for each sequence`,
    );
  const places = Int32Array.from({ length: sequences * count }, (_, i) => {
    const row = Math.floor((Math.floor(i / count) * rows) / sequences);
    return row * length + (picks ? picks[i] : i % count);
  });
  return { places, count };
}
