/** Checks of what a model's file says of its training. */
import { checkList, checkNumber, checkRecord, checkWhole, shown } from "../checks.js";
import type { EpochReport } from "./task.js";

const LARGEST = Number.MAX_VALUE;

/**
 * Whether settings of a training that come from a file are what `train` wrote: names and finite numbers, also one within the
 * other, whatever their names; models of other versions have others.
 * @throws naming the field, its value and what it must be.
 */
export function checkTraining(field: string, training: unknown): asserts training is Record<string, unknown> {
  checkRecord(field, training);
  checkWhole(`${field}.batchSize`, training.batchSize, 1, Number.MAX_SAFE_INTEGER);
  checkNumber(`${field}.learningRate`, training.learningRate, 0, LARGEST);
  checkSettings(field, training);
}

function checkSettings(field: string, settings: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(settings)) {
    const at = `${field}.${name}`;
    if (typeof value === "string" || typeof value === "boolean") continue;
    if (typeof value === "object" && value !== null) {
      checkRecord(at, value);
      checkSettings(at, value);
    } else checkNumber(at, value, -LARGEST, LARGEST);
  }
}

/**
 * Whether reports of epochs that come from a file can be printed and drawn: one per epoch, each with the same terms.
 * @throws naming the field, its value and what it must be.
 */
export function checkHistory(field: string, history: unknown): asserts history is EpochReport[] {
  checkList(field, history);
  let names: string | undefined;
  history.forEach((report, i) => {
    const at = `${field}[${i}]`;
    checkRecord(at, report);
    checkWhole(`${at}.epoch`, report.epoch, i + 1, i + 1);
    checkRecord(`${at}.terms`, report.terms);
    for (const [name, value] of Object.entries(report.terms))
      checkNumber(`${at}.terms.${name}`, value, -LARGEST, LARGEST);
    const own = JSON.stringify(Object.keys(report.terms));
    names ??= own;
    if (own !== names)
      throw new Error(`${at}.terms is of ${shown(Object.keys(report.terms))}; use the terms of ${field}[0]`);
    checkNumber(`${at}.gradientNorm`, report.gradientNorm, 0, LARGEST);
    checkWhole(`${at}.microBatch`, report.microBatch, 1, Number.MAX_SAFE_INTEGER);
    checkNumber(`${at}.seconds`, report.seconds, 0, LARGEST);
  });
}
