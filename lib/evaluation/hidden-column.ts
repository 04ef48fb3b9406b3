/** A column that is hidden: the rows that have its cell, and what there is to tell it from. */
import { featureNames } from "../data/tables/known-cells.js";
import { encodeTable, type TableSchema } from "../data/tables/preprocess.js";
import type { TableSplit } from "../data/tables/split.js";
import { type Table, takeTableRows } from "../data/tables/table.js";
import { tableShape } from "../families/table.js";
import { columnValues } from "../models/modalities/tabular/table.js";
import type { BaselineData } from "./imputation-baselines.js";

/** A hidden column of some rows. */
export interface HiddenColumn {
  readonly name: string;
  /** Places in the table of the held-out rows. */
  readonly heldOutRows: Int32Array;
  /** Of them, `[rows]`. */
  readonly truth: Float64Array;
  /** What it is told from, the columns seen aside. */
  readonly parts: Omit<BaselineData, "visible">;
}

/**
 * The rows of each part that have the cell, held-out ones only with a visible cell in every set.
 * @param known `[rows]` of each feature (`knownCells`)
 * @param sets of visible columns
 * @returns undefined where a part has no row, or all rows to learn from have the same number: whatever is said of others is then a
 * matter of the smallest deviation allowed
 */
export function hiddenColumn(
  schema: TableSchema,
  table: Omit<Table, "labels">,
  known: readonly Uint8Array[],
  split: TableSplit,
  feature: number,
  sets: readonly (readonly number[])[],
): HiddenColumn | undefined {
  const shape = tableShape(schema);
  const withCell = (rows: Int32Array) => rows.filter((row) => known[feature][row] === 1);
  const heldOutRows = withCell(split.test).filter((row) =>
    sets.every((visible) => visible.some((j) => known[j][row] === 1)),
  );
  const parts = [withCell(split.train), withCell(split.validation), heldOutRows];
  if (parts.some(({ length }) => length === 0)) return undefined;
  const [training, validation, heldOut] = parts.map((rows) =>
    encodeTable(schema, takeTableRows(table, rows)),
  );
  if (feature < shape.numeric && new Set(columnValues(shape, training, feature)).size === 1) return undefined;
  const categories = categoriesOf(schema, feature);
  return {
    name: featureNames(schema)[feature],
    heldOutRows,
    truth: columnValues(shape, heldOut, feature),
    parts: { shape, training, validation, heldOut, feature, categories },
  };
}

/** How many categories the model was fitted on; undefined for a number. */
function categoriesOf({ numeric, categorical }: TableSchema, feature: number): number | undefined {
  return categorical[feature - numeric.length]?.categories.length;
}
