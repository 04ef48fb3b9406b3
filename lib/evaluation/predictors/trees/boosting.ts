import { type Derivatives, type Grow, type Growth, leafOf } from "./tree.js";

/** Rows, and what all trees so far add up to for them. */
export interface Boosted {
  /** Places among the rows of `values`. */
  readonly rows: Int32Array;
  /** Output by output, `[outputs, rows]`. */
  readonly margins: Float32Array;
}

/**
 * One round of boosting: grows a tree for every output, and adds what it says to the margins of all parts.
 * @param derivatives of the loss by the margins of the rows that `grow` was made for, one pair per output
 * @param values row-major `[n, columns]`
 */
export function boostRound(
  grow: Grow,
  derivatives: readonly Derivatives[],
  growth: Growth,
  values: Float32Array,
  columns: number,
  parts: readonly Boosted[],
): void {
  derivatives.forEach((own, output) => {
    const tree = grow(own, growth);
    for (const { rows, margins } of parts)
      for (let i = 0; i < rows.length; i++)
        margins[output * rows.length + i] += leafOf(tree, values, rows[i] * columns);
  });
}
