/** What `impute --report` prints: how much the model knows of the columns that it filled in. */
import { splitHoldOut } from "../data/tables/hold-out.js";
import { featureNames } from "../data/tables/known-cells.js";
import { counted, listed } from "../data/tables/quote.js";
import type { Table } from "../data/tables/table.js";
import { fold, seedKey } from "../engine/random.js";
import { imputationDefaults, imputationScores } from "../evaluation/imputation.js";
import type { Gain } from "../evaluation/imputation-score.js";
import { tableText } from "../figures/drawing/table.js";
import { printable } from "../files/printable.js";
import { canGenerate } from "../inference/generate-columns.js";
import type { TableModel } from "../training/trained-model.js";
import { coverageMeaning, coverageText, short } from "./evaluation-text.js";
import { evaluationSplit, fewNotes, heldOutRows, LEAST_KEPT } from "./held-out-rows.js";
import { modelFolder, readSettings } from "./model-folder.js";
import { progress } from "./progress.js";
import { glossary, wrapped } from "./wrap.js";

/** Rows that training held out, and others to learn from: a standard error needs two, a comparison something to learn. */
const LEAST_SCORED = 2;

/** A table to print, and what must be said beside it; no table where there is nothing to check on, which a note says. */
export interface ImputationCheck {
  readonly text?: string;
  readonly notes: readonly string[];
}

/**
 * Hides known cells of the columns that were filled in, one at a time, in those rows of the file that training held out, and tells
 * how much more log-likelihood their true values have under the model than under the marginal and under a linear model, which learn
 * from the other rows; and how often intervals of the model's draws hold them.
 * @param file that the table was read from
 * @param filled how many cells of each column were filled in; only columns with any are looked at
 */
export async function imputationCheck(
  model: TableModel,
  folder: string,
  file: string,
  table: Table,
  filled: ReadonlyMap<string, number>,
  seed: number,
): Promise<ImputationCheck> {
  const names = featureNames(model.schema);
  const features = [...names.keys()].filter((j) => filled.has(names[j]));
  if (features.length === 0 || !canGenerate(model)) return { notes: [] };
  const why = whyNot(model, folder, file, table);
  if (why) return { notes: [`--report cannot tell how good this is: ${why}`] };
  const key = fold(seedKey(seed), "imputation check");
  const rows = await heldOutRows(model, folder, file, table, table);
  const split = evaluationSplit(table, rows, fold(key, "split"));
  const settings = { ...imputationDefaults, visible: names.length - 1, features, coverage: true };
  const { columns } = await imputationScores(model, table, split, key, settings, progress("checking"));
  const notes = [...rows.notes, ...fewNotes(split.test.length)];
  const left = [...filled.keys()].filter((name) => !columns.some(({ column }) => column === name));
  if (left.length > 0)
    notes.push(
      `${listed(left)}: not checked, since too few rows have a value, or all to learn from the same`,
    );
  if (columns.length === 0) return { notes };
  const lines = columns.map(({ column, rows, gain, gainError, linear, coverage }) => ({
    column: short(column),
    "filled in": filled.get(column)!,
    "checked on": rows,
    "over marginal": gainText({ gain, gainError }),
    "over linear": linear ? gainText(linear.gainOver) : "–",
    "in 90 %": coverageText(coverage),
  }));
  const clearly = (gains: readonly (Gain | undefined)[]) =>
    gains.filter((own) => own && own.gain > 2 * own.gainError).length;
  const linear = clearly(columns.map((column) => column.linear?.gainOver));
  return {
    text: [
      "",
      tableText(lines, { digits: 3, max: Number.POSITIVE_INFINITY }),
      "",
      wrapped(
        `Checked on known cells of ${counted(split.test.length, "row")} ${rows.what}, each hidden in turn with all others of its row in sight. Of ${counted(columns.length, "column")} the model tells ${clearly(columns)} clearly better than the marginal, by more than two standard errors, and ${linear} clearly better than the linear model. Where it is no better than the marginal, what it fills in is worth no more than an average.`,
      ),
      "",
      glossary({
        "over marginal":
          "log p of the true value, less that under the column's own distribution, of a number a normal one, with a peak at every value that a tenth of the rows have where the model knows peaks; mean ± standard error",
        "over linear":
          "the same less that under a regression on the other columns; below 0, it is the better choice",
        "in 90 %": coverageMeaning,
        "known cells": "they stand for the missing ones only if these are missing for no reason of their own",
      }),
    ].join("\n"),
    notes,
  };
}

/** Why there is nothing to check on, if there is nothing. */
function whyNot(model: TableModel, folder: string, file: string, table: Table): string | undefined {
  const names = featureNames(model.schema);
  if (names.length < 2) return "the model has one column only, and nothing to tell it from";
  const { holdOut } = readSettings(modelFolder(folder).settings) ?? {};
  if (!holdOut || holdOut.share === 0)
    return `the model ${holdOut ? "was made of all rows, none held out (--hold-out 0)" : "does not say which rows it was trained on"}, and on cells that it has seen it looks better than it is; train with --hold-out 0.1`;
  const { kept, heldOut } = splitHoldOut(table, names, holdOut);
  if (heldOut.length < LEAST_SCORED || kept.length < LEAST_KEPT)
    return `of ${counted(table.rows, "row")} of ${printable(file)} ${heldOut.length} count as held out of training, and ${kept.length} are left to learn from, where it takes ${LEAST_SCORED} and ${LEAST_KEPT}; ask for it with the table that the model was trained on`;
  return undefined;
}

function gainText({ gain, gainError }: Gain): string {
  return `${gain.toFixed(3)} ± ${gainError.toFixed(3)}`;
}
