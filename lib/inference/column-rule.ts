/**
 * What a model says of a column, brought to what its numbers were in fitting: whole where all were, and within the
 * smallest and the largest. A rule on what is written: likelihoods, means and deviations know nothing of it.
 */
import type { NumericFeature, TableSchema } from "../data/tables/preprocess.js";
import { significant } from "./csv-lines.js";

/** The number as the column's own are. What the schema does not know, being of an earlier version, is not enforced. */
export function underRule(feature: NumericFeature, value: number): number {
  const [least, most] = feature.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return Math.min(Math.max(rounded(feature, value), least), most);
}

/** Whether the rule moves a number into the range, beyond rounding it. */
export function isMoved(feature: NumericFeature, value: number): boolean {
  return underRule(feature, value) !== rounded(feature, value);
}

/**
 * Gives numbers of named columns the digits to write them with: six; under the rule all of a whole number's, and of one that
 * six would take out of the range.
 */
export function writtenNumbers(
  { numeric }: TableSchema,
  rawNumbers: boolean,
): (column: string, value: number) => number {
  const features = new Map(numeric.map((feature) => [feature.name, feature]));
  return (column, value) => {
    const feature = features.get(column);
    if (rawNumbers || !feature) return significant(value);
    return underRule(feature, feature.whole ? value : significant(value));
  };
}

/** The named numeric columns of which the schema does not say whether they were whole, or in which range. */
export function columnsWithoutRule({ numeric }: TableSchema, columns: readonly string[]): string[] {
  const lacking = numeric.filter(({ whole, range }) => whole === undefined || range === undefined);
  return lacking.map(({ name }) => name).filter((name) => columns.includes(name));
}

/** The addend turns −0 into 0. */
function rounded({ whole }: NumericFeature, value: number): number {
  return whole ? Math.round(value) + 0 : value;
}
