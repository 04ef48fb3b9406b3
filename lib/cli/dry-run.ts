/** `train --dry-run`: what would be trained, and how long it would take, from a few steps that are timed and thrown away. */

import { type EncodedTable, encodeTable } from "../data/tables/preprocess.js";
import { counted } from "../data/tables/quote.js";
import { sampleRows } from "../data/tables/sample.js";
import { categoricalColumns, numericColumns, type Table } from "../data/tables/table.js";
import { fold, seedKey } from "../engine/random.js";
import type { TabularRecipe } from "../studies/tabular-selection.js";
import { fit } from "../training/fit.js";
import { clock } from "../training/progress.js";
import { stepsPerEpoch } from "../training/schedule.js";
import { progress } from "./progress.js";

/** Steps made, and how many of the last are counted: the first include the start, and the code is still being compiled. */
const STEPS = 8;
const COUNTED = 4;

/** What a training would be. */
export interface TrainingEstimate {
  readonly rows: number;
  readonly numeric: number;
  readonly categorical: number;
  /** Numbers that are learned; of a T-JEPA its target encoder, which follows them, is not counted. */
  readonly parameters: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly steps: number;
  readonly secondsPerStep: number;
}

/** Trains the model for a few steps on a few rows, in batches of the real size. */
export async function estimateTraining(
  recipe: TabularRecipe,
  table: Table,
  { schema }: Pick<EncodedTable, "schema">,
  workers: number,
): Promise<TrainingEstimate> {
  const { batchSize, epochs } = recipe.training;
  const some = sampleRows(table, STEPS * batchSize, fold(seedKey(1), "dry run"));
  const trial = Math.ceil(STEPS / stepsPerEpoch(some.rows, batchSize));
  const ends: number[] = [];
  const tell = progress("timing");
  const { parameters } = await fit(recipe.family, encodeTable(schema, some), {
    ...recipe,
    training: { ...recipe.training, epochs: trial, warmupEpochs: 0 },
    workers,
    onStep: ({ step, steps }) => {
      ends.push(performance.now());
      tell(step, steps);
    },
  });
  const [from, to] = [ends[ends.length - 1 - COUNTED], ends[ends.length - 1]];
  return {
    rows: table.rows,
    numeric: numericColumns(table).length,
    categorical: categoricalColumns(table).length,
    parameters: parameters.values.length,
    batchSize: Math.min(batchSize, table.rows),
    epochs,
    steps: epochs * stepsPerEpoch(table.rows, batchSize),
    secondsPerStep: (to - from) / 1000 / COUNTED,
  };
}

/**
 * The estimate in words.
 * @param aside rows to choose on afterwards how far columns are shrunk, if there are any
 */
export function estimateText(
  estimate: TrainingEstimate,
  { family }: TabularRecipe,
  workers: number,
  aside = 0,
): string {
  const { rows, numeric, categorical, parameters, batchSize, epochs, steps, secondsPerStep } = estimate;
  return [
    `table: ${rows} rows, ${numeric + categorical} features (${numeric} numeric, ${categorical} categorical)`,
    `model: ${family}, ${counted(parameters, "parameter")}`,
    `training: ${counted(epochs, "epoch")} of ${counted(steps / epochs, "step")} with up to ${counted(batchSize, "row")}, ${counted(steps, "step")} in all`,
    `time: about ${clock(steps * secondsPerStep)} on ${counted(workers, "thread")}, at ${secondsPerStep.toPrecision(2)} s a step as just measured`,
    ...(aside === 0
      ? []
      : [
          `afterwards, not in this time: ${counted(aside, "row")} set aside to choose on how far columns are shrunk`,
        ]),
    "nothing was written",
  ].join("\n");
}
