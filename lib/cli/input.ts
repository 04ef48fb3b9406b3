/** The table that a command is given: a CSV file, or a data set of the paper by its name. */

import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { cacheFolder } from "../data/datasets/cache-folder.js";
import { type DataSetName, dataSets, loadDataset } from "../data/datasets/index.js";
import { acceptedNames } from "../data/datasets/original-file.js";
import { loadTable } from "../data/tables/load-table.js";
import { newValueNotes, noteLines } from "../data/tables/notes.js";
import { columnTexts } from "../data/tables/read-csv.js";
import type { Table, TableNote } from "../data/tables/table.js";
import type { TextColumn } from "../inference/embedding-files.js";
import { type ModelTable, type ModelTableOptions, readModelTable } from "../inference/model-table.js";
import type { TableModel } from "../training/trained-model.js";
import { modelFolder, readSettings } from "./model-folder.js";
import { type CsvOptions, missingList } from "./options.js";
import { progressWriter, say } from "./progress.js";
import { UsageError } from "./usage-error.js";

/** What `input` says in every command's help. */
export const inputHelp = `CSV (also .gz) or Parquet file, - for CSV from standard input, or one of ${dataSets.map(({ name }) => name).join(", ")}`;

/** Whether what was typed is the name of a data set; a file of that name is meant by ./name. */
export function isDataSet(input: string): input is DataSetName {
  return dataSets.some(({ name }) => name === input);
}

/** The files that an input is read from, there or not: itself, or where a data set's originals may lie. */
export function inputFiles(input: string): string[] {
  const dataSet = dataSets.find(({ name }) => name === input);
  if (!dataSet) return [input];
  const given = process.env.VARJEPA_DATA;
  const folders = [path.join(cacheFolder(), input), ...(given ? [given, path.join(given, input)] : [])];
  const names = dataSet.sources.flat().flatMap(acceptedNames);
  return folders.flatMap((folder) => names.map((name) => path.join(folder, name)));
}

/** Files from this size on take a while to be read, which is said. */
const LARGE = 5e6;

function sayIfLarge(file: string): void {
  const size = existsSync(file) ? statSync(file).size : 0;
  if (size >= LARGE) say(`reading ${file} (${(size / 1e6).toFixed(0)} MB) …`);
}

/** Reads a table that no model knows yet. */
export async function readInput(input: string, options: CsvOptions): Promise<Table> {
  if (!isDataSet(input)) {
    const { header, missing, ...rest } = options;
    sayIfLarge(input);
    return loadTable(input, { ...rest, ...layoutOf(header), missing: missingList(missing) });
  }
  checkNoCsvOptions(input, options);
  return loadDataset(input, { write: progressWriter() });
}

/**
 * Reads a CSV file for a model as its training read its own, with what `options` adds, and says on standard error what the model did
 * not meet in training.
 */
export async function readCsvFor(
  { schema }: TableModel,
  folder: string,
  file: string,
  options: ModelTableOptions,
): Promise<ModelTable> {
  const header = readSettings(modelFolder(folder).settings)?.csv.header;
  const missing = missingFor(folder, options.missing);
  sayIfLarge(file);
  const read = await readModelTable(schema, file, { ...layoutOf(header), ...options, missing });
  // With labels, evaluate reads the file a second time.
  if (!options.labels) sayNotes(read.table.notes ?? []);
  return read;
}

/** The cells that count as missing: those of the model's training, and those typed. */
export function missingFor(folder: string, typed?: readonly string[]): readonly string[] {
  return missingList(typed, missingList(readSettings(modelFolder(folder).settings)?.csv.missing));
}

/** Reads a table for a model, with the text of the model's target if the file has that column. */
export async function readInputFor(
  model: TableModel,
  folder: string,
  input: string,
  options: ModelTableOptions,
): Promise<{ readonly table: Table; readonly target?: TextColumn }> {
  if (isDataSet(input)) {
    checkNoCsvOptions(input, { delimiter: options.delimiter, missing: options.missing });
    const table = await loadDataset(input, { write: progressWriter() });
    sayNotes(newValueNotes(model.schema, table));
    return { table };
  }
  const { table, cells } = await readCsvFor(model, folder, input, options);
  const name = model.schema.labels?.name;
  const at = name === undefined ? -1 : cells.header.indexOf(name);
  if (name === undefined || at < 0) return { table };
  return { table, target: { name, cells: columnTexts(cells, at) } };
}

/** A header is read unless there is none. */
function layoutOf(header: boolean | undefined): { header?: false } {
  return header === false ? { header } : {};
}

function sayNotes(notes: readonly TableNote[]): void {
  for (const line of noteLines(notes)) say(line);
}

/** @throws UsageError when a data set is to be read otherwise than it is. */
export function checkNoCsvOptions(input: string, options: CsvOptions): void {
  const given = Object.entries(options).find(([name, value]) =>
    name === "header" ? value === false : value !== undefined,
  );
  if (!given) return;
  const option = given[0] === "header" ? "no-header" : given[0];
  throw new UsageError(`--${option} is for CSV files; "${input}" is a data set that is read in its own way`);
}
