/** What a command may be asked for, so that it is refused in a sentence before it takes all of the memory. */

import { availableParallelism, totalmem } from "node:os";
import { type CategoricalFeature, slotCount, type TableSchema } from "../data/tables/preprocess.js";
import { counted } from "../data/tables/quote.js";
import { ROWS_AT_ONCE } from "../inference/generate-columns.js";
import { UsageError } from "./usage-error.js";

/** Most draws per row. */
export const mostSamples = 1_000_000;

/** Fewest rows that a model is trained on: the mean of ten is off by a third of the deviation, that of two by most of it. */
const leastRows = 10;

/**
 * @param training rows to train on
 * @param heldOut others for `evaluate`
 * @param aside others that `--for imputation` sets aside
 * @throws when a table leaves too few rows to train on.
 */
export function checkTrainingRows(training: number, heldOut: number, aside = 0): void {
  if (training >= leastRows) return;
  const others = [
    heldOut > 0 ? `${heldOut} more held out` : "",
    aside > 0 ? `${aside} more set aside by --for imputation` : "",
  ].filter((words) => words !== "");
  const fix = aside > 0 && training + aside >= leastRows ? ", or leave out --for imputation" : "";
  throw new Error(
    `${counted(training, "row")} to train on${others.length > 0 ? ` (${others.join(", ")})` : ""} ${training === 1 ? "is" : "are"} too few: means, deviations and categories of fewer than ${leastRows} rows say nothing of others; give a table with more${fix}`,
  );
}

/** Memory that a thread of a small model takes (43 to 54 MB each, measured with 16 and 64); a large one takes more. */
const BYTES_PER_WORKER = 50e6;

/** @throws UsageError when the memory that is free does not hold so many threads and there are more than cores. */
export function checkWorkers(workers: number, free = freeMemory()): void {
  const cores = availableParallelism();
  const fitting = Math.max(cores, Math.floor(free / BYTES_PER_WORKER));
  if (workers > fitting)
    throw new UsageError(
      `--workers is ${workers}, which take at least ${gigabytes(workers * BYTES_PER_WORKER)} of memory; ${gigabytes(free)} are free. Use at most ${fitting}; more than the ${cores} cores here do not make it faster`,
    );
}

/**
 * @param columns names of the columns that are drawn
 * @param keepsAll whether the draws of all rows are held at once, not those of some rows at a time
 * @throws UsageError when the draws do not fit into half of the memory that is free.
 */
export function checkSamples(
  samples: number,
  { numeric, categorical }: TableSchema,
  rows: number,
  columns: readonly string[],
  keepsAll: boolean,
  free = freeMemory(),
  option: "--samples" | "--draws" = "--samples",
): void {
  const numbers = numeric.filter(({ name }) => columns.includes(name));
  const categories = categorical.filter(({ name }) => columns.includes(name));
  const atOnce = Math.min(rows, ROWS_AT_ONCE);
  const kept = keepsAll ? 8 * rows * (numbers.length + categories.length) : 0;
  // Means or probabilities in single precision, noise and draws in double.
  const drawn = numbers.length * 20 + sum(categories, (feature) => 4 * slotCount(feature) + 12);
  const bytesPerSample = kept + atOnce * drawn;
  const fitting = Math.max(1, Math.floor(free / 2 / bytesPerSample));
  if (samples > fitting && bytesPerSample > 0)
    throw new UsageError(
      `${option} is ${samples}, which for ${rows} rows takes about ${gigabytes(samples * bytesPerSample)} of memory; ${gigabytes(free)} are free. Use at most ${fitting}, or fewer rows at a time`,
    );
}

/** Bytes; systems other than Linux count as taken what they would give away, so there it is a quarter of all at least. */
function freeMemory(): number {
  const free = process.availableMemory();
  return process.platform === "linux" ? free : Math.max(free, totalmem() / 4);
}

function sum(features: readonly CategoricalFeature[], of: (feature: CategoricalFeature) => number): number {
  return features.reduce((total, feature) => total + of(feature), 0);
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toPrecision(2)} GB`;
}
