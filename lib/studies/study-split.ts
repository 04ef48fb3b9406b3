import { splitTable, type TableSplit } from "../data/tables/split.js";
import type { Table } from "../data/tables/table.js";
import { fold, seedKey } from "../engine/random.js";

/** The one split that everything downstream uses: 70/10/20, stratified, the same for every run. */
export function studySplit(table: Pick<Table, "rows" | "labels">): TableSplit {
  return splitTable(table, fold(seedKey(1), "split"));
}
