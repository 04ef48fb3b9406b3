import type { Command } from "commander";
import { describeTable } from "../data/tables/describe.js";
import { tableText } from "../figures/table.js";
import { inputHelp, readInput } from "./input.js";
import { type CsvOptions, examples, withCsvOptions } from "./options.js";
import { print } from "./progress.js";

/** `describe`: what is in a table, before anything is trained on it. */
export function addDescribe(program: Command): void {
  const command = program
    .command("describe")
    .summary("columns, ranges, missing cells of a table, and what to look at before training")
    .description(
      "Reads a table as train would and says of every column its type, range or categories, missing cells, and whether it " +
        "is constant or different in every row. Types are inferred; the options correct them.",
    )
    .argument("<input>", inputHelp);
  withCsvOptions(command)
    .addHelpText(
      "after",
      examples("describe houses.csv --target sold", "describe houses.csv --ignore id", "describe adult"),
    )
    .action(describe);
}

async function describe(input: string, options: CsvOptions): Promise<void> {
  const table = await readInput(input, options);
  const { source } = table;
  const lines = [
    `${source.title}: ${table.rows} rows, ${table.columns.length} features`,
    ...(source.licence ? [`licence: ${source.licence}`] : []),
    ...source.files.map(({ name, sha256 }) => `file: ${name}, SHA-256 ${sha256}`),
    ...source.notes.map((note) => `note: ${note}`),
    "",
    tableText(describeTable(table), { max: Number.POSITIVE_INFINITY }),
  ];
  print(lines.join("\n"));
}
