/** The data sets by name: those of the paper's tabular study (its Table 6), and any others. */
import type { Table, TableSource } from "../tables/table.js";
import { adult } from "./adult.js";
import { bankMarketing } from "./bank-marketing.js";
import { covertype } from "./covertype.js";
import { creditDefault } from "./credit-default.js";
import type { DataSet } from "./data-set.js";
import type { DownloadSettings } from "./download.js";
import { electricity } from "./electricity.js";
import { mnist } from "./mnist.js";
import { withNumericColumns } from "./numeric-columns.js";
import { originalFiles } from "./original-files.js";
import { sim } from "./sim.js";

/** Those of Table 6, in its order. */
export const paperDataSets = [
  adult,
  covertype,
  electricity,
  creditDefault,
  bankMarketing,
  mnist,
  sim,
] as const;

/** All data sets; one that is not the paper's is added here. */
export const dataSets = [...paperDataSets] as const;

/** Names of the data sets, as `loadDataset` takes them. */
export type DataSetName = (typeof dataSets)[number]["name"];

/** Names of the paper's. */
export type PaperDataSetName = (typeof paperDataSets)[number]["name"];

/** How a data set is read. */
export interface DataSetOptions extends DownloadSettings {
  /**
   * Column types as the paper's Table 6 counts them (the default: every column of CO, EL, CC and BM is a number; see
   * `withNumericColumns`), or as they are in the original.
   */
  readonly columnTypes?: "paper" | "original";
  /** Seed of everything drawn at random: subset, corruption, generated rows; 1 by default. */
  readonly seed?: number;
}

/**
 * Reads a data set. Original files come from the folder `VARJEPA_DATA`, the cache or the donors' server,
 * in that order, and are checked by their sums; MNIST and SIM need none.
 * @throws when the name is unknown, a file is not the original, or a download fails (then saying what to do offline).
 */
export async function loadDataset(name: DataSetName, options: DataSetOptions = {}): Promise<Table> {
  const dataSet = dataSets.find((candidate) => candidate.name === name);
  if (!dataSet)
    throw new Error(
      `there is no data set "${name}"; use ${dataSets.map((known) => `"${known.name}"`).join(", ")}`,
    );
  return readDataSet(dataSet, options);
}

/** Reads a data set from its description; see `loadDataset`. */
export async function readDataSet(dataSet: DataSet, options: DataSetOptions = {}): Promise<Table> {
  const { columnTypes = "paper", seed = 1, ...settings } = options;
  const originals = await originalFiles(dataSet, settings);
  const files = dataSet.sources.flat().filter((file) => originals.has(file.name));
  const source: TableSource = {
    title: dataSet.title,
    licence: dataSet.licence,
    files: files.map(({ name, sha256 }) => ({ name, sha256 })),
    notes: [],
  };
  const table = { ...dataSet.read(originals, source, seed), name: dataSet.name };
  return columnTypes === "paper" ? withPaperTypes(dataSet, table) : table;
}

/** A data set's table with the column types that the paper counts. */
export function withPaperTypes({ paperTypes }: Pick<DataSet, "paperTypes">, table: Table): Table {
  return paperTypes === "numeric" ? withNumericColumns(table) : table;
}
