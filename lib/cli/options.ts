/** Options that several commands have, and how what is typed becomes a value. */
import { type Command, InvalidArgumentError } from "commander";
import type { TableOptions } from "../data/tables/load-table.js";
import type { TabularElboWeights } from "../losses/tabular-elbo.js";

/** What is typed to say how a CSV file is read. */
export type CsvOptions = Pick<
  TableOptions,
  "target" | "categorical" | "numeric" | "ignore" | "delimiter" | "missing"
>;

/** Adds the options of `CsvOptions` for a file that no model knows yet. */
export function withCsvOptions(command: Command): Command {
  const columns = command
    .option("--target <column>", "column with the classes; it never enters the model")
    .option("--categorical <a,b>", "columns that are categories although they look like numbers", list)
    .option("--numeric <a,b>", "columns that must be numbers", list)
    .option("--ignore <a,b>", "columns to leave out, such as a row's number", list);
  return withLayoutOptions(columns);
}

/** Adds how cells are told apart and which are missing. */
export function withLayoutOptions(command: Command): Command {
  return command
    .option("--delimiter <character>", "separator between cells; found out when not given")
    .option(
      "--missing <a,b>",
      'cells that count as missing (default: empty, "?", NA, N/A, NaN, nan, null, NULL)',
      list,
    );
}

/** `a,b` as two names; an empty one stays, so that `--missing ",?"` means empty and "?". */
export function list(text: string): string[] {
  return text.split(",").map((name) => name.trim());
}

/** A whole number of at least `least` and, if it is given, at most `most`. */
export function wholeNumber(least: number, most?: number): (text: string) => number {
  const range = most === undefined ? `of at least ${least}` : `from ${least} to ${most}`;
  return (text) => {
    const value = Number(text);
    const inside = value >= least && value <= (most ?? Number.MAX_SAFE_INTEGER);
    if (text.trim() === "" || !Number.isInteger(value) || !inside)
      throw new InvalidArgumentError(`Use a whole number ${range}.`);
    return value;
  };
}

/** A number of at least 0 and below 1. */
export function shareBelowOne(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value < 1))
    throw new InvalidArgumentError("Use a number of at least 0 and below 1.");
  return value;
}

const weightNames: readonly (keyof TabularElboWeights)[] = [
  "alphaRec",
  "alphaGen",
  "alphaKlSx",
  "alphaKlZ",
  "alphaKlSy",
];

/** `alphaKlSy=0.1,alphaKlZ=0.1` as weights of the loss's terms. */
export function elboWeights(text: string): Partial<TabularElboWeights> {
  const entries = list(text).map((entry) => {
    const [name, number, rest] = entry.split("=");
    const value = Number(number);
    if (rest !== undefined || !weightNames.some((known) => known === name))
      throw new InvalidArgumentError(
        `"${entry}" names no weight; use ${weightNames.join(", ")}, each with =number.`,
      );
    if (!number?.trim() || !(value >= 0 && Number.isFinite(value)))
      throw new InvalidArgumentError(`${name} needs a number of at least 0, as in ${name}=0.1.`);
    return [name, value];
  });
  return Object.fromEntries(entries);
}

/** A note after a command's options, with examples to copy. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ npx var-jepa ${line}`).join("\n")}\n`;
}
