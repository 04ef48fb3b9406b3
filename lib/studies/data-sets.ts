/** Table 6: the seven data sets as they are read here, beside what the paper prints of them. */
import type { DataSetCode, PaperDataSet } from "../data/datasets/data-set.js";
import { type DataSetOptions, paperDataSets, readDataSet, withPaperTypes } from "../data/datasets/index.js";
import {
  categoricalColumns,
  classCounts,
  numericColumns,
  type Table,
  type TableSource,
  tableSha256,
} from "../data/tables/table.js";
import { publicClassRows, publishedTable6 } from "../papers/var-jepa/published-table-6.js";

/** The counts of one line of Table 6. */
export interface DataSetCounts {
  readonly rows: number;
  readonly features: number;
  readonly numeric: number;
  readonly categorical: number;
  readonly classes: number;
}

/** One data set of Table 6, counted as the paper counts. */
export interface DataSetLine extends DataSetCounts {
  readonly code: DataSetCode;
  readonly name: string;
  /** Share of each class among the rows. */
  readonly shares: Readonly<Record<string, number>>;
  /** Column types of the original file. */
  readonly original: { readonly numeric: number; readonly categorical: number };
  readonly source: TableSource;
  /** Sum of the columns, labels and ambiguity as read (`tableSha256`). */
  readonly sha256: string;
  readonly published: DataSetCounts;
  /** Ours minus the paper's. */
  readonly difference: DataSetCounts;
  /** Largest |our share − share in the whole public data| over classes; null for SIM, which has no public original. */
  readonly largestShareDifference: number | null;
}

/** Table 6: a line per data set, with the options that it was made with. */
export type DataSetTable = readonly (DataSetLine & {
  readonly provenance: { readonly seed: number; readonly columnTypes: "paper"; readonly startedAt: string };
})[];

/**
 * Reads all seven data sets and counts them.
 * @throws as `loadDataset` does.
 */
export async function dataSetTable(options: Omit<DataSetOptions, "columnTypes"> = {}): Promise<DataSetTable> {
  const startedAt = new Date().toISOString();
  const provenance = { seed: options.seed ?? 1, columnTypes: "paper", startedAt } as const;
  const lines: DataSetTable[number][] = [];
  for (const dataSet of paperDataSets) {
    const table = await readDataSet(dataSet, { ...options, columnTypes: "original" });
    lines.push({ ...dataSetLine(dataSet, table), provenance });
  }
  return lines;
}

/**
 * One line of Table 6 from a data set's rows.
 * @param original the table with its original column types
 * @throws when the table has no labels.
 */
export function dataSetLine(dataSet: PaperDataSet, original: Table): DataSetLine {
  const table = withPaperTypes(dataSet, original);
  const { features: _, ...originalTypes } = columnCounts(original);
  const { rows, labels } = table;
  if (!labels) throw new Error(`the table "${table.name}" has no labels; give one with a target`);
  const counts: DataSetCounts = { rows, ...columnCounts(table), classes: labels.classes.length };
  const { name, domain: _domain, ...published } = publishedTable6[dataSet.code];
  const shares = sharesOf(labels.classes, classCounts(labels));
  return {
    code: dataSet.code,
    name,
    ...counts,
    shares,
    original: originalTypes,
    source: table.source,
    sha256: tableSha256(table),
    published,
    difference: differences(counts, published),
    largestShareDifference: largestShareDifference(dataSet.code, shares),
  };
}

function columnCounts(table: Table): Pick<DataSetCounts, "features" | "numeric" | "categorical"> {
  const numeric = numericColumns(table).length;
  const categorical = categoricalColumns(table).length;
  return { features: numeric + categorical, numeric, categorical };
}

function sharesOf(classes: readonly string[], counts: readonly number[]): Record<string, number> {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  return Object.fromEntries(classes.map((name, i) => [name, counts[i] / rows]));
}

function differences(ours: DataSetCounts, paper: DataSetCounts): DataSetCounts {
  return {
    rows: ours.rows - paper.rows,
    features: ours.features - paper.features,
    numeric: ours.numeric - paper.numeric,
    categorical: ours.categorical - paper.categorical,
    classes: ours.classes - paper.classes,
  };
}

function largestShareDifference(code: DataSetCode, shares: Readonly<Record<string, number>>): number | null {
  if (code === "SIM") return null;
  const whole = publicClassRows[code];
  const expected = sharesOf(Object.keys(whole), Object.values(whole));
  return Math.max(...Object.entries(expected).map(([name, share]) => Math.abs((shares[name] ?? 0) - share)));
}
