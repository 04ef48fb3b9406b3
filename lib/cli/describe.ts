import type { Command } from "commander";
import { describeTable } from "../data/tables/describe.js";
import { noteLines, tableNotes } from "../data/tables/notes.js";
import { counted, shown } from "../data/tables/quote.js";
import { tableText } from "../figures/drawing/table.js";
import { inputHelp, readInput } from "./input.js";
import { type CsvOptions, examples, withCsvOptions } from "./options.js";
import { print } from "./progress.js";

interface DescribeOptions extends CsvOptions {
  readonly json?: boolean;
}

/** `describe`: what is in a table, before anything is trained on it. */
export function addDescribe(program: Command): void {
  const command = program
    .command("describe")
    .summary("columns, ranges, missing cells of a table, and what to look at before training")
    .description(
      "Reads a table as train would and says of every column its type, range or categories, missing cells, and whether it " +
        "is constant or different in every row, and notes what else to look at. Types are inferred; the options correct them.",
    )
    .argument("<input>", inputHelp)
    .option("--json", "print all of it as JSON");
  withCsvOptions(command)
    .addHelpText(
      "after",
      examples(
        "describe houses.csv --target sold",
        "describe houses.csv --json",
        "describe houses.csv --ignore id",
        "describe adult",
      ),
    )
    .action(describe);
}

async function describe(input: string, { json, ...options }: DescribeOptions): Promise<void> {
  const table = await readInput(input, options);
  const { source, rows } = table;
  const columns = describeTable(table);
  const notes = tableNotes(table);
  if (json) {
    const { notes: remarks, ...origin } = source;
    const description = { ...origin, remarks, rows, columns, notes };
    console.log(JSON.stringify(description, null, 1));
    return;
  }
  const lines = [
    `${source.title}: ${counted(rows, "row")}, ${counted(table.columns.length, "feature")}`,
    ...(source.licence ? [`licence: ${source.licence}`] : []),
    ...source.files.map(({ name, sha256 }) => `file: ${name}, SHA-256 ${sha256}`),
    ...source.notes.map((note) => `note: ${note}`),
    "",
    tableText(
      columns.map((line) => ({ ...line, column: shown(line.column) })),
      { max: Number.POSITIVE_INFINITY },
    ),
    ...noteLines(notes.filter(({ message }) => !columns.some(({ note }) => note === message))),
  ];
  print(lines.join("\n"));
}
