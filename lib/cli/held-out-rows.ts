/** Which rows of a table `evaluate` and `predict` score, and what must be said of that. */

import { splitHoldOut } from "../data/tables/hold-out.js";
import { featureNames } from "../data/tables/known-cells.js";
import { counted } from "../data/tables/quote.js";
import { sampleRows } from "../data/tables/sample.js";
import { splitTable, type TableSplit } from "../data/tables/split.js";
import { type Table, tableSha256 } from "../data/tables/table.js";
import { fold, type Key, permutation, seedKey } from "../engine/random.js";
import { printable } from "../files/printable.js";
import type { TableModel } from "../training/trained-model.js";
import { readInput } from "./input.js";
import { modelFolder, type RunSettings, readSettings } from "./model-folder.js";

/** Rows that are not held out must be enough to learn from and to choose settings by. */
export const LEAST_KEPT = 8;

/** Rows scored that are too few to say much: an accuracy of 0.8 on 30 has a standard error of 0.07. */
const FEW = 30;

/** Standard deviations beyond which a number of rows is no chance. */
const SUSPICIOUS = 4;

/** The rows of a table by whether training left them out. */
export interface HeldOutRows {
  readonly kept: Int32Array;
  /** Ascending; none when the model saw all rows, does not say, or none of these rows was left out. */
  readonly heldOut: Int32Array | undefined;
  /** Whether the table is the one that the model was trained on; `undefined` when the model does not say which that was. */
  readonly sameTable: boolean | undefined;
  /** What the scored rows are, to end a sentence with. */
  readonly what: string;
  readonly notes: readonly string[];
}

/**
 * Tells rows apart by what they hold, as training did. In the table that the model was trained on that is certain; in another one
 * a changed row counts as any new one, which is noted.
 * @param whole as it was read
 * @param table these rows of it, or some
 * @throws when too few rows are not held out.
 */
export async function heldOutRows(
  { schema }: Pick<TableModel, "schema">,
  folder: string,
  input: string,
  whole: Table,
  table: Table,
): Promise<HeldOutRows> {
  const settings = readSettings(modelFolder(folder).settings);
  const sameTable = settings && (await isTrainingTable(input, settings));
  const all = {
    kept: Int32Array.from({ length: table.rows }, (_, row) => row),
    heldOut: undefined,
    sameTable,
  };
  const seen = "which the model may have been trained on";
  if (!settings?.holdOut || settings.holdOut.share === 0) return { ...all, what: seen, notes: [] };
  const { share } = settings.holdOut;
  const { kept, heldOut } = splitHoldOut(table, featureNames(schema), settings.holdOut);
  const usual = `${counted(heldOut.length, "row")} of ${table.rows} ${heldOut.length === 1 ? "counts" : "count"} as held out, where a share of ${share} would be about ${Math.round(share * table.rows)}`;
  if (heldOut.length === 0)
    return {
      ...all,
      what: seen,
      notes: [
        `no row of ${table.rows} was held out of training, where a share of ${share} would be about ${Math.round(share * table.rows)}: a fifth, drawn at random, is scored instead, which measures how well the model knows rows that it was trained on, not new ones`,
      ],
    };
  if (kept.length < LEAST_KEPT)
    throw new Error(
      `${usual}, and the other ${kept.length} are too few to learn from; give more rows of the table that the model was trained on`,
    );
  const notes: string[] = [];
  if (!sameTable)
    notes.push(
      `${printable(input)} is not the table that the model was trained on (${counted(settings.rows, "row")} then, ${whole.rows} now${settings.rows === whole.rows ? ", not all as they were" : ""}): scored are those rows that training would have held out; one that was trained on and changed since may be among them and makes the numbers too good, and of rows that are new all but ${100 * share} % are learned from`,
    );
  const chance = SUSPICIOUS * Math.sqrt(share * (1 - share) * table.rows) + 1;
  if (!sameTable && Math.abs(heldOut.length - share * table.rows) > chance)
    notes.push(
      `${usual}: the table is no fair draw of what the model was trained on, and what learns beside the model learns from the other ${kept.length}`,
    );
  const what = sameTable
    ? "held out when the model was trained"
    : "which count as held out by what they hold";
  return { kept, heldOut, sameTable, what, notes };
}

/** The rows held out of training to score on, all others to learn from; where none are, a split of all. */
export function evaluationSplit(
  table: Pick<Table, "rows" | "labels">,
  { kept, heldOut }: Pick<HeldOutRows, "kept" | "heldOut">,
  key: Key,
): TableSplit {
  if (!heldOut) return splitTable(table, key);
  const order = permutation(key, kept.length);
  // One row in eight, as of the usual 70 and 10 %, chooses the settings of what learns from the others.
  const chosen = Math.round(kept.length / 8);
  const some = (from: number, to: number) =>
    order
      .slice(from, to)
      .map((at) => kept[at])
      .sort();
  return { validation: some(0, chosen), train: some(chosen, kept.length), test: heldOut };
}

/** What must be said of a number of rows scored that shows little. */
export function fewNotes(scored: number): string[] {
  if (scored >= FEW) return [];
  return [
    `${counted(scored, "row")} scored, fewer than ${FEW}: another draw of as few would give quite other numbers, so conclude nothing from them; give more rows, or train with a larger --hold-out`,
  ];
}

/** Reads the input as training read its own. */
async function isTrainingTable(input: string, settings: RunSettings): Promise<boolean> {
  let read: Table;
  try {
    read = await readInput(input, settings.csv);
  } catch {
    return false; // a column is gone, for instance
  }
  const rows = sampleRows(read, settings.rows, fold(seedKey(settings.seed), "rows"));
  return rows.rows === settings.rows && tableSha256(rows) === settings.sha256;
}
