import { readNumber } from "../tables/number-text.js";
import type { CategoricalColumn, NumericColumn, Table } from "../tables/table.js";

/**
 * The table with every column numeric, as the paper counts those of four data sets: a category that is written as a
 * number becomes that number; other categories become their position in alphabetical order, 0, 1, …
 */
export function withNumericColumns(table: Table): Table {
  const columns = table.columns.map((column) => (column.kind === "numeric" ? column : numbersOf(column)));
  return { ...table, columns };
}

function numbersOf({ name, categories, codes }: CategoricalColumn): NumericColumn {
  const written = categories.map(readNumber);
  const numberOf = written.every(Number.isFinite) ? written : [...categories.keys()];
  return { name, kind: "numeric", values: Float64Array.from(codes, (code) => numberOf[code] ?? Number.NaN) };
}
