import type { Table, TableSource } from "../tables/table.js";
import type { OriginalFile } from "./original-file.js";
import type { Originals } from "./original-files.js";

/** Short names of the paper's tables. */
export type DataSetCode = "AD" | "CO" | "EL" | "CC" | "BM" | "MNIST" | "SIM";

/** One data set: where its files lie and how they are read. */
export interface DataSet<Name extends string = string> {
  /** As `loadDataset` takes it. */
  readonly name: Name;
  /** In the paper's tables, if it is in them. */
  readonly code?: DataSetCode;
  readonly title: string;
  readonly licence?: string;
  /** Sets of files, each enough by itself, best first; the first can be downloaded. Generated data has one without files. */
  readonly sources: readonly (readonly OriginalFile[])[];
  /** How the paper's Table 6 counts columns: as they are in the original, or every one as a number. */
  readonly paperTypes: "original" | "numeric";
  /**
   * Reads the table with its original column types.
   * @param seed of everything that is drawn at random: subsets, corruption, generated rows
   */
  readonly read: (originals: Originals, source: TableSource, seed: number) => Table;
}

/** A data set of the paper's tabular study (Table 6). */
export interface PaperDataSet<Name extends string = string> extends DataSet<Name> {
  readonly code: DataSetCode;
}
