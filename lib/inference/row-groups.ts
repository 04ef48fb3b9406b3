/** Rows turned into groups of columns, as a Parquet file holds them. */
import type { EmbeddedPiece } from "./embed-rows.js";

/** Embedded rows that follow each other, with the one uncertainty that is written. */
export interface WrittenPiece extends Omit<EmbeddedPiece, "uncertainty"> {
  /** `[count]` */
  readonly uncertainty?: Float32Array;
}

/** Some rows that follow each other, column by column. */
export interface RowGroup {
  /** Place of the first of these rows in the table. */
  readonly first: number;
  readonly count: number;
  /** `[columns][count]`; overwritten by the next group. */
  readonly columns: readonly Float32Array[];
  /** `[count]`, if the rows have any; overwritten by the next group. */
  readonly uncertainty: Float32Array | undefined;
}

/** A group of fewer columns has more rows: it holds at least 16 MiB of numbers. */
const FEWEST_NUMBERS = 2 ** 22;
/** What a Parquet writer keeps of a column of a group until the end takes as much memory as so many numbers. */
const NUMBERS_KEPT = 400;

/**
 * Rows of one group. A group's numbers are in memory at once, and the writer keeps a description of every column of
 * every group. Both together are least where they are equal, and grow with the root of the number of rows.
 */
export function rowsPerGroup(rows: number, columns: number): number {
  return Math.min(rows, Math.ceil(Math.max(Math.sqrt(NUMBERS_KEPT * rows), FEWEST_NUMBERS / columns)));
}

/**
 * Gathers embedded rows into groups.
 * @param pieces all rows of the table, in order
 * @param size rows of every group but the last
 * @param columns numbers of a row
 */
export function* rowGroups(
  pieces: Iterable<WrittenPiece>,
  size: number,
  columns: number,
): Generator<RowGroup> {
  const group = Array.from({ length: columns }, () => new Float32Array(size));
  const uncertain = new Float32Array(size);
  let first = 0;
  let count = 0;
  const gathered = (uncertainty: Float32Array | undefined): RowGroup => ({
    first,
    count,
    columns: group.map((column) => column.subarray(0, count)),
    uncertainty: uncertainty && uncertain.subarray(0, count),
  });
  let last: Float32Array | undefined;
  for (const { values, uncertainty, count: rows } of pieces) {
    last = uncertainty;
    for (let done = 0; done < rows; ) {
      const taken = Math.min(rows - done, size - count);
      for (let j = 0; j < columns; j++)
        for (let i = 0; i < taken; i++) group[j][count + i] = values[(done + i) * columns + j];
      if (uncertainty) uncertain.set(uncertainty.subarray(done, done + taken), count);
      done += taken;
      count += taken;
      if (count < size) continue;
      yield gathered(uncertainty);
      first += count;
      count = 0;
    }
  }
  if (count > 0) yield gathered(last);
}
