import { checkList, checkNumber, checkRecord, checkWhole } from "../checks.js";
import { largestNumber } from "../data/tables/number-text.js";
import type { TableSchema } from "../data/tables/preprocess.js";
import type { Shrinkage } from "../families/shrinkage.js";

/** What a sum of probabilities may lose of 1 in double precision. */
const ROUNDING = 1e-6;

/** Factors on deviations that single precision holds. */
const [SMALLEST, LARGEST] = [1e-18, 1e18];

/**
 * Whether shrinkage that comes from a file fits a schema, which was checked before.
 * @throws naming the field, its value and what it must be.
 */
export function checkShrinkage(
  shrinkage: unknown,
  schema: TableSchema | undefined,
): asserts shrinkage is Shrinkage {
  checkRecord("shrinkage", shrinkage);
  if (!schema) throw new Error("shrinkage is of columns, and there is no schema; leave it out");
  checkWhole("shrinkage.rows", shrinkage.rows, 0, Number.MAX_SAFE_INTEGER);
  checkColumns("shrinkage.numeric", shrinkage.numeric, schema.numeric.length).forEach((column, j) => {
    const field = `shrinkage.numeric[${j}]`;
    checkNumber(`${field}.stretch`, column.stretch, SMALLEST, LARGEST);
    if (column.marginal !== undefined || column.tilt !== undefined)
      checkMarginal(field, column.marginal, column.tilt);
  });
  const { categorical } = schema;
  checkColumns("shrinkage.categorical", shrinkage.categorical, categorical.length).forEach(
    ({ marginal }, j) => {
      checkProbabilities(`shrinkage.categorical[${j}].marginal`, marginal, categorical[j].categories.length);
    },
  );
}

/** A record with a share for every column. */
function checkColumns(field: string, columns: unknown, count: number): Record<string, unknown>[] {
  checkLength(field, columns, count, "columns of the schema");
  return columns.map((column, j) => {
    checkRecord(`${field}[${j}]`, column);
    checkNumber(`${field}[${j}].share`, column.share, Number.MIN_VALUE, 1);
    return column;
  });
}

/** A Gaussian with peaks, and the tilt that belongs to it. */
function checkMarginal(field: string, marginal: unknown, tilt: unknown): void {
  checkRecord(`${field}.marginal`, marginal);
  const { peaks, rest } = marginal;
  checkList(`${field}.marginal.peaks`, peaks);
  checkRecord(`${field}.marginal.rest`, rest);
  let sum = 0;
  peaks.forEach((peak, k) => {
    checkRecord(`${field}.marginal.peaks[${k}]`, peak);
    checkNumber(`${field}.marginal.peaks[${k}].value`, peak.value, -largestNumber, largestNumber);
    checkNumber(`${field}.marginal.peaks[${k}].share`, peak.share, Number.MIN_VALUE, 1);
    sum += peak.share as number;
  });
  checkNumber(`${field}.marginal.rest.mean`, rest.mean, -largestNumber, largestNumber);
  checkNumber(`${field}.marginal.rest.deviation`, rest.deviation, Number.MIN_VALUE, largestNumber);
  checkList(`${field}.marginal.rest.values`, rest.values);
  if (rest.values.length === 0)
    throw new Error(`${field}.marginal.rest.values is empty; use numbers of the rows at no peak`);
  rest.values.forEach((value, j) => {
    checkNumber(`${field}.marginal.rest.values[${j}]`, value, -largestNumber, largestNumber);
  });
  checkNumber(`${field}.marginal.rest.share`, rest.share, Number.MIN_VALUE, 1);
  checkSum(`the shares of ${field}.marginal`, sum + (rest.share as number));
  checkRecord(`${field}.tilt`, tilt);
  checkNumber(`${field}.tilt.slope`, tilt.slope, -largestNumber, largestNumber);
  checkLength(`${field}.tilt.offsets`, tilt.offsets, peaks.length, "peaks of the marginal");
  tilt.offsets.forEach((offset, k) => {
    checkNumber(`${field}.tilt.offsets[${k}]`, offset, -largestNumber, largestNumber);
  });
}

function checkProbabilities(field: string, probabilities: unknown, count: number): void {
  checkLength(field, probabilities, count, "categories of the schema");
  let sum = 0;
  probabilities.forEach((probability, c) => {
    checkNumber(`${field}[${c}]`, probability, Number.MIN_VALUE, 1);
    sum += probability as number;
  });
  if (count > 0) checkSum(field, sum);
}

function checkSum(field: string, sum: number): void {
  if (Math.abs(sum - 1) > ROUNDING)
    throw new Error(`${field}: the sum is ${sum}; use probabilities that add up to 1`);
}

function checkLength(field: string, list: unknown, count: number, what: string): asserts list is unknown[] {
  checkList(field, list);
  if (list.length !== count)
    throw new Error(`${field} has ${list.length} entries; use one for each of the ${count} ${what}`);
}
