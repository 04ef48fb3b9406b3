import { type Key, permutation } from "../../engine/random.js";
import { type Table, takeTableRows } from "./table.js";

/** So many rows of a table, drawn at random, in the table's order; all of them when it has no more. */
export function sampleRows(table: Table, rows: number, key: Key): Table {
  if (rows >= table.rows) return table;
  return takeTableRows(table, permutation(key, table.rows).slice(0, rows).sort());
}
