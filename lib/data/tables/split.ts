import { fold, type Key, permutation } from "../../engine/random.js";
import type { Table } from "./table.js";

/** Row numbers of three parts that together are all rows, each in ascending order. */
export interface TableSplit {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
}

/** Shares of validation and test rows; the rest, 70 %, is for training (the paper's split). */
const validationShare = 0.1;
const testShare = 0.2;

/**
 * Splits rows into 70 % train, 10 % validation and 20 % test, in every class alike (each part rounded to whole rows
 * per class); a table without labels counts as one class. The same key and labels give the same split.
 * @throws when the table has fewer than 10 rows.
 */
export function splitTable(table: Pick<Table, "rows" | "labels">, key: Key): TableSplit {
  if (table.rows < 10) throw new Error(`the table has ${table.rows} rows; a split needs at least 10`);
  const parts = { train: [] as number[], validation: [] as number[], test: [] as number[] };
  for (const [code, rows] of rowsByClass(table).entries()) {
    const order = permutation(fold(key, code), rows.length);
    const test = Math.round(testShare * rows.length);
    const held = test + Math.round(validationShare * rows.length);
    order.forEach((at, i) => {
      parts[i < test ? "test" : i < held ? "validation" : "train"].push(rows[at]);
    });
  }
  const ascending = (rows: number[]) => Int32Array.from(rows).sort();
  return {
    train: ascending(parts.train),
    validation: ascending(parts.validation),
    test: ascending(parts.test),
  };
}

function rowsByClass({ rows, labels }: Pick<Table, "rows" | "labels">): number[][] {
  if (!labels) return [Array.from({ length: rows }, (_, row) => row)];
  const groups: number[][] = labels.classes.map(() => []);
  labels.codes.forEach((code, row) => {
    groups[code].push(row);
  });
  return groups;
}
