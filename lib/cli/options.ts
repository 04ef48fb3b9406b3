/** Options that several commands have, and how what is typed becomes a value. */
import { type Command, InvalidArgumentError } from "commander";
import { missingCells } from "../data/tables/infer.js";
import type { TableOptions } from "../data/tables/load-table.js";
import { cellsOfLine } from "../data/tables/read-csv.js";
import type { TermWeights } from "../losses/term.js";

/** What is typed to say how a CSV file is read. */
export interface CsvOptions
  extends Pick<TableOptions, "target" | "categorical" | "numeric" | "ignore" | "delimiter"> {
  /** As typed: see `missingList`. */
  readonly missing?: readonly string[];
  /** `false` when the first line is data. */
  readonly header?: boolean;
}

/** Adds the options of `CsvOptions` for a file that no model knows yet. */
export function withCsvOptions(command: Command): Command {
  const columns = command
    .option("--target <column>", "column with the classes; it never enters the model")
    .option(
      "--categorical <a,b>",
      "columns that are categories although they look like numbers; a name with a comma in double quotes, as in CSV",
      list,
    )
    .option("--numeric <a,b>", "columns that must be numbers", list)
    .option("--ignore <a,b>", "columns to leave out, such as a row's number", list)
    .option("--no-header", "the first line is data; columns are called c1, c2, …");
  return withLayoutOptions(columns);
}

/** Adds how cells are told apart and which are missing. */
export function withLayoutOptions(command: Command): Command {
  return command
    .option(
      "--delimiter <character>",
      "separator between cells, \\t for a tab; found out when not given",
      delimiter,
    )
    .option(
      "--missing <a,b>",
      `cells that count as missing, beside the usual ones (empty, ${missingCells.slice(1).join(", ")}); in place of them when the list begins with =, as in "=,-999"`,
      list,
    );
}

/** `a,b` as two names; one with a comma stands in double quotes, as in CSV. An empty one stays. */
export function list(text: string): string[] {
  try {
    const names = cellsOfLine(text);
    return names.length === 0 ? [""] : names;
  } catch {
    throw new InvalidArgumentError('A double quote is not closed: write "a, b",c for two names.');
  }
}

/** The cells that count as missing: those typed beside the usual ones or, when the first begins with `=`, only those typed. */
export function missingList(
  typed: readonly string[] | undefined,
  usual: readonly string[] = missingCells,
): readonly string[] {
  if (typed === undefined) return usual;
  const [first, ...rest] = typed;
  return first.startsWith("=") ? [first.slice(1), ...rest] : [...usual, ...typed];
}

/** A separator as it is typed in a shell: `\\t` is a tab. */
export function delimiter(text: string): string {
  const character = text === "\\t" ? "\t" : text;
  if ([...character].length !== 1 || /["\r\n]/.test(character))
    throw new InvalidArgumentError("Use a single character that is neither a quote nor a line end, or \\t.");
  return character;
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

/** `klSy=0.1,klZ=0.1` as weights of the objective's terms. */
export function termWeights(text: string): TermWeights {
  const entries = list(text).map((entry) => {
    const [name, number, rest] = entry.split("=");
    const value = Number(number);
    if (rest !== undefined || !number?.trim() || !(value >= 0 && Number.isFinite(value)))
      throw new InvalidArgumentError(
        `"${entry}" is no weight; write a term, = and a number of at least 0, as in klSy=0.1.`,
      );
    return [name.trim(), value] as const;
  });
  const weights = Object.fromEntries(entries);
  const twice = entries.find(([name, value]) => weights[name] !== value);
  if (twice)
    throw new InvalidArgumentError(`${twice[0]} is ${twice[1]} and ${weights[twice[0]]}; give one weight.`);
  return weights;
}

/** A note after a command's options, with examples to copy. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ npx var-jepa ${line}`).join("\n")}\n`;
}
