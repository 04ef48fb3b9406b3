/** Predictions on disk, so that a metric that is added later trains nothing again. */
import { readFileSync } from "node:fs";
import { writeWhole } from "../../files/whole-file.js";
import { singleDigits } from "../../inference/csv-lines.js";
import type { Predictions } from "./predictor.js";

/**
 * Writes predictions as one JSON file, whole or not at all; numbers come back bit for bit.
 * @throws as `writeWhole` does.
 */
export function savePredictions(file: string, predictions: Predictions): void {
  const plain = (_: string, value: unknown) =>
    value instanceof Int32Array
      ? Array.from(value)
      : value instanceof Float32Array
        ? Array.from(value, singleDigits)
        : value;
  writeWhole(file, `${JSON.stringify(predictions, plain)}\n`);
}

/**
 * Reads what `savePredictions` wrote.
 * @throws when the file is not there or holds something else.
 */
export function readPredictions(file: string): Predictions {
  const { predictor, settings, split, classes, labels, predicted, probabilities } = JSON.parse(
    readFileSync(file, "utf8"),
  );
  const rows = labels?.length;
  if (!split?.test || predicted?.length !== rows || probabilities?.length !== rows * classes)
    throw new Error(`${file} holds no predictions that are whole; write them again by savePredictions`);
  const lists = Object.entries<number[]>(split).map(([name, chosen]) => [name, Int32Array.from(chosen)]);
  return {
    predictor,
    settings,
    split: Object.fromEntries(lists),
    classes,
    labels: Int32Array.from(labels),
    predicted: Int32Array.from(predicted),
    probabilities: Float32Array.from(probabilities),
  };
}
