/** The rows of a table that `predict` learns from: those with a class. */
import { readLabels } from "../data/tables/infer.js";
import { featureNames } from "../data/tables/known-cells.js";
import { cellColumn } from "../data/tables/load-table.js";
import { quoted } from "../data/tables/quote.js";
import { type Table, takeTableRows } from "../data/tables/table.js";
import type { TableModel } from "../training/trained-model.js";
import { checkNoCsvOptions, isDataSet, missingFor, readCsvFor, readInputFor } from "./input.js";
import { UsageError } from "./usage-error.js";

/** What is typed to say how a labelled table is read. */
export interface LabelledOptions {
  readonly target?: string;
  readonly delimiter?: string;
  readonly missing?: readonly string[];
}

/** A table, and its rows that have a class, with it. */
export interface LabelledRows {
  readonly whole: Table;
  readonly table: Table & { readonly labels: NonNullable<Table["labels"]> };
}

/**
 * Reads a table for a model and takes the rows whose target is there. Its classes need not be those that the model's own
 * table has.
 * @throws UsageError when no column is the target or it is one of the model's features, which the embeddings tell; Error when no row
 * has a class, and as `readLabels` does.
 */
export async function readLabelledRows(
  model: TableModel,
  folder: string,
  input: string,
  { target, delimiter, missing }: LabelledOptions,
): Promise<LabelledRows> {
  if (isDataSet(input)) {
    checkNoCsvOptions(input, { target });
    const { table } = await readInputFor(model, folder, input, { delimiter, missing });
    const { labels } = table;
    if (!labels) throw new Error(`${input} has no classes to learn; use a table with a target`);
    return { whole: table, table: { ...table, labels } };
  }
  const name = target ?? model.schema.labels?.name;
  if (name === undefined)
    throw new UsageError(
      "the model was trained without a target; name the column with the classes by --target",
    );
  if (featureNames(model.schema).includes(name))
    throw new UsageError(
      `--target is ${quoted(name)}, which is a feature of the model, so that it would be told from itself; train with --target ${quoted(name)}, or name another column`,
    );
  const { table: whole, cells } = await readCsvFor(model, folder, input, { delimiter, missing });
  const column = cellColumn(cells, name, ", whose classes are to be learned");
  const isMissing = new Set(missingFor(folder, missing));
  const rows = Int32Array.from({ length: whole.rows }, (_, row) => row).filter(
    (row) => !isMissing.has(column.cells[row]),
  );
  if (rows.length === 0)
    throw new Error(`${column.file}: the target ${quoted(name)} is missing in every row; give rows with it`);
  const labels = readLabels(
    {
      ...column,
      cells: Array.from(rows, (row) => column.cells[row]),
      lineOf: (row) => column.lineOf(rows[row]),
    },
    isMissing,
  );
  return { whole, table: { ...takeTableRows(whole, rows), labels } };
}
