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
 * @throws when a part cannot be shared out to the sequences.
 */
export function joinSequences(sequences: number, parts: readonly SequencePart[]): tf.Tensor2D {
  const counts = parts.map(({ tokens, rows, picks }) =>
    picks ? picks.length / sequences : tokens.shape[0] / rows,
  );
  const length = counts.reduce((sum, count) => sum + count, 0);
  // One gather for all parts: each one more would be a kernel, and a walk over the tokens, of its own.
  const index = new Int32Array(sequences * length);
  let [first, at] = [0, 0];
  parts.forEach(({ tokens, rows, picks }, p) => {
    const [perRow, count] = [tokens.shape[0] / rows, counts[p]];
    if (![perRow, count, sequences / rows].every(Number.isInteger))
      throw new Error(
        `joinSequences: ${rows} rows of [${tokens.shape}] with ${picks?.length ?? "no"} picks do not go into ${sequences} sequences`,
      );
    for (let s = 0; s < sequences; s++) {
      const from = first + Math.floor((s * rows) / sequences) * perRow;
      for (let i = 0; i < count; i++) index[s * length + at + i] = from + (picks ? picks[s * count + i] : i);
    }
    first += tokens.shape[0];
    at += count;
  });
  const all = parts.map(({ tokens }) => tokens);
  return gatherRows(all.length === 1 ? all[0] : tf.concat(all, 0), index);
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
