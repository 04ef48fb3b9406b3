import type { Features } from "./predictors/predictor.js";

/**
 * Of the variance of tokens, summed over their columns, the share that lies between rows at one and the same place: 0 when a
 * token says where it stands and nothing of its row, the collapse that a target encoder alone does not rule out.
 * @throws when there are fewer than 2 rows.
 */
export function shareBetweenRows({ values, shape: [rows, tokens, width] }: Features): number {
  if (rows < 2) throw new Error(`the features have ${rows} rows; give at least 2, to compare them`);
  const columns = tokens * width;
  const ofPlace = new Float64Array(columns);
  values.forEach((value, i) => {
    ofPlace[i % columns] += value / rows;
  });
  const ofAll = new Float64Array(width);
  ofPlace.forEach((value, i) => {
    ofAll[i % width] += value / tokens;
  });
  let [between, total] = [0, 0];
  values.forEach((value, i) => {
    between += (value - ofPlace[i % columns]) ** 2;
    total += (value - ofAll[i % width]) ** 2;
  });
  return total > 0 ? between / total : 0;
}
