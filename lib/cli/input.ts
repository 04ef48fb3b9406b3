/** The table that a command is given: a CSV file, or a data set of the paper by its name. */
import type { DataSetName } from "../data/datasets/data-set.js";
import { dataSets, loadDataset } from "../data/datasets/index.js";
import { loadTable } from "../data/tables/load-table.js";
import type { Table } from "../data/tables/table.js";
import type { TextColumn } from "../inference/embedding-files.js";
import { type ModelTable, type ModelTableOptions, readModelTable } from "../inference/model-table.js";
import type { TabularModel } from "../training/tabular-model.js";
import type { CsvOptions } from "./options.js";
import { progressWriter } from "./progress.js";
import { readSettings } from "./run-settings.js";
import { UsageError } from "./usage-error.js";

/** What `input` says in every command's help. */
export const inputHelp = `CSV file, or one of ${dataSets.map(({ name }) => name).join(", ")}`;

/** Whether what was typed is the name of a data set; a file of that name is meant by ./name. */
export function isDataSet(input: string): input is DataSetName {
  return dataSets.some(({ name }) => name === input);
}

/** Reads a table that no model knows yet. */
export async function readInput(input: string, options: CsvOptions): Promise<Table> {
  if (!isDataSet(input)) return loadTable(input, options);
  checkNoCsvOptions(input, options);
  return loadDataset(input, { write: progressWriter() });
}

/** Reads a CSV file for a model; cells count as missing as they did in training unless `options` says otherwise. */
export async function readCsvFor(
  { schema }: TabularModel,
  folder: string,
  file: string,
  options: ModelTableOptions,
): Promise<ModelTable> {
  const missing = options.missing ?? readSettings(folder)?.csv.missing;
  return readModelTable(schema, file, { ...options, missing });
}

/** Reads a table for a model, with the text of the model's target if the file has that column. */
export async function readInputFor(
  model: TabularModel,
  folder: string,
  input: string,
  options: ModelTableOptions,
): Promise<{ readonly table: Table; readonly target?: TextColumn }> {
  if (isDataSet(input)) {
    checkNoCsvOptions(input, { delimiter: options.delimiter, missing: options.missing });
    return { table: await loadDataset(input, { write: progressWriter() }) };
  }
  const { table, cells } = await readCsvFor(model, folder, input, options);
  const name = model.schema.labels?.name;
  const at = name === undefined ? -1 : cells.header.indexOf(name);
  if (name === undefined || at < 0) return { table };
  return { table, target: { name, cells: cells.rows.map((row) => row[at]) } };
}

function checkNoCsvOptions(input: string, options: CsvOptions): void {
  const given = Object.entries(options).find(([, value]) => value !== undefined);
  if (given)
    throw new UsageError(
      `--${given[0]} is for CSV files; "${input}" is a data set that is read in its own way`,
    );
}
