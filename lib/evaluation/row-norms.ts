import type { EncodedFeatures } from "../data/tables/preprocess.js";

/**
 * How far rows are from the middle of their table: the root mean square of their standardised numbers (a missing one is 0, the mean),
 * `[rows asked for]`. An uncertainty may follow this and nothing else.
 * @param of which rows
 * @throws when the table has no numbers: its rows have no such size.
 */
export function rowNorms(
  { rows, numeric }: Pick<EncodedFeatures, "rows" | "numeric">,
  of: ArrayLike<number>,
): number[] {
  const columns = numeric.length / rows;
  if (columns === 0)
    throw new Error("the table has no numeric column, so its rows have no norm; give one that has");
  return Array.from(of, (row) => {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += numeric[row * columns + j] ** 2;
    return Math.sqrt(sum / columns);
  });
}
