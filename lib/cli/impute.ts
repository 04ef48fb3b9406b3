import { existsSync } from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import { presentCells } from "../data/tables/known-cells.js";
import { shown } from "../data/tables/quote.js";
import { withChanges } from "../data/tables/read-csv.js";
import { startEngine } from "../engine/backend.js";
import { printable } from "../files/printable.js";
import { type Append, writeTogether } from "../files/whole-file.js";
import { writtenNumbers } from "../inference/column-rule.js";
import { csvLines, significant } from "../inference/csv-lines.js";
import { defaultSamples } from "../inference/generate-columns.js";
import { drawCells, type ImputedCell, imputeTable } from "../inference/impute-table.js";
import { loadTableModel, type TableModel } from "../training/trained-model.js";
import { columnRuleNotes, rawNumbersHelp } from "./column-rule-notes.js";
import { imputationCheck } from "./imputation-check.js";
import { readCsvFor } from "./input.js";
import { checkSamples, mostSamples } from "./limits.js";
import { filesOfModel } from "./model-folder.js";
import { examples, wholeNumber, withLayoutOptions } from "./options.js";
import { checkOutputs } from "./outputs.js";
import { print, progress, say } from "./progress.js";
import { UsageError } from "./usage-error.js";

interface ImputeCommandOptions {
  readonly out: string;
  readonly draws?: number;
  readonly samples: number;
  readonly seed: number;
  readonly rawNumbers?: boolean;
  readonly report?: string;
  readonly delimiter?: string;
  readonly missing?: readonly string[];
}

/** Most completed tables: what is not known of the cells shows in tens, and each is a file. */
const mostDraws = 1000;

/** `impute`: a CSV file without missing cells in the model's columns, or several that differ by what is not known. */
export function addImpute(program: Command): void {
  const command = program
    .command("impute")
    .summary("fill in the missing cells of a CSV file")
    .description(
      "Fills in every missing cell of the model's columns from the cells that its row has: a number as the mean over " +
        "samples (six digits; whole where all numbers trained on were, and within their range), a category as the most probable one. All else stays byte for byte as it is written: other cells, header, separators, quotes, blanks and line ends (of a gzipped file unpacked; a Parquet file becomes CSV). Needs a Var-T-JEPA. " +
        "The paper's settings suit embeddings, not this: train with --for imputation and let --report or evaluate " +
        "say which columns are told better than by their average.",
    )
    .argument("<model>", "folder that train wrote")
    .argument("<csv>", "CSV file with the model's columns")
    .requiredOption("--out <file>", "where the completed CSV goes, laid out as the input")
    .option(
      "--draws <m>",
      "multiple imputation: m completed files, for --out full.csv full.1.csv to full.m.csv, with cells drawn from the model's distribution given the row's known ones",
      wholeNumber(2, mostDraws),
    )
    .option(
      "--samples <n>",
      "draws per row that means and probabilities are taken over",
      wholeNumber(1, mostSamples),
      defaultSamples,
    )
    .option("--seed <n>", "source of the draws", wholeNumber(0), 1)
    .option("--raw-numbers", rawNumbersHelp)
    .option(
      "--report <file>",
      "CSV with one line per filled cell: row (from 0), column, value, deviation of a number, probability of a category; and a printed table that says, for each column filled in, how much the model knows of it, checked on rows that train held out",
    );
  withLayoutOptions(command)
    .addHelpText(
      "after",
      `${examples(
        "impute houses-model houses.csv --out complete.csv --report cells.csv",
        "impute houses-model houses.csv --out complete.csv --samples 500 --seed 2",
        "impute houses-model houses.csv --out complete.csv --draws 20",
      )}
With --draws, do the same analysis on each file and pool the results by Rubin's rules (in R:
mitools::MIcombine, or mice::pool of as.mira). Three things to know:
- A column that the model does not have, as the target, is not looked at. In the completed files
  the others depend on it less than they do: train without --target to analyse it.
- The draws hold what a row does not tell, not what training leaves open of the model: pooled
  standard errors are somewhat too small. Models of several --seed show by how much they differ.
- Cells of one row are drawn with one s_x and z, and beyond what these carry independently: where
  the model leaves z unused, two missing cells of a row hardly depend on each other.
`,
    )
    .action(impute);
}

async function impute(
  folder: string,
  file: string,
  options: ImputeCommandOptions,
  command: Command,
): Promise<void> {
  const { out, draws, samples, seed, rawNumbers = false, report, delimiter, missing } = options;
  if (draws !== undefined && report === undefined && command.getOptionValueSource("samples") === "cli")
    throw new UsageError(
      "--samples is what means are taken over, and with --draws there is none; leave it out, or ask for means by --report",
    );
  const outs = draws === undefined ? [out] : Array.from({ length: draws }, (_, draw) => drawFile(out, draw));
  checkOutputs({ "--out": outs, "--report": report }, { "<csv>": file, "<model>": filesOfModel(folder) });
  const model = await loadTableModel(folder);
  const { table, cells: text } = await readCsvFor(model, folder, file, { delimiter, missing });
  const { schema } = model;
  const incomplete = table.columns
    .filter((column) => presentCells(column).includes(0))
    .map(({ name }) => name);
  if (draws === undefined || report !== undefined)
    checkSamples(samples, schema, table.rows, incomplete, false);
  if (draws !== undefined) checkSamples(draws, schema, table.rows, incomplete, true, undefined, "--draws");
  await startEngine();
  const how = { seed, rawNumbers, onRows: progress("imputing") };
  const drawn = draws === undefined ? undefined : drawCells(model, table, { ...how, draws });
  const means = drawn && report === undefined ? undefined : imputeTable(model, table, { ...how, samples });
  const { emptyRows, moved } = drawn ?? means!;
  const cells =
    drawn?.cells ?? means!.cells.map(({ row, column, value }) => ({ row, column, values: [value] }));
  const written = writtenNumbers(schema, rawNumbers);
  const lines = report === undefined ? undefined : reportLines(means!.cells, written);
  await writeTogether([
    ...outs.map((file, draw) => ({
      file,
      write: async (append: Append) => {
        const changes = cells.map(({ row, column, values: { [draw]: value } }) => ({
          row,
          column: text.header.indexOf(column),
          text: String(typeof value === "number" ? written(column, value) : value),
        }));
        for (const piece of withChanges(text, changes)) await append(piece);
      },
    })),
    ...(lines === undefined ? [] : [{ file: report!, write: (append: Append) => append(lines) }]),
  ]);
  const numeric = new Set(schema.numeric.map(({ name }) => name));
  const numbers = outs.length * cells.filter(({ column }) => numeric.has(column)).length;
  const filled = new Map<string, number>();
  for (const { column } of cells) filled.set(column, (filled.get(column) ?? 0) + 1);
  for (const note of [
    ...emptyRowsNotes(emptyRows, table.rows),
    ...columnRuleNotes(schema, [...filled.keys()], numbers, moved, rawNumbers),
    ...(draws === undefined ? [] : drawNotes(model, text.header, out, draws)),
  ])
    say(`note: ${note}`);
  const rows = new Set(cells.map(({ row }) => row)).size;
  const done = draws === undefined ? "filled in" : `drawn ${draws} times`;
  const names = outs.length > 2 ? [outs[0], "…", outs[outs.length - 1]] : outs;
  print(
    `${cells.length} missing cells in ${rows} of ${table.rows} rows ${done}: ${[...names, ...(report === undefined ? [] : [report])].join(", ")}`,
  );
  if (report === undefined) return;
  const check = await imputationCheck(model, folder, file, table, filled, seed);
  for (const note of check.notes) say(`note: ${note}`);
  if (check.text !== undefined) print(check.text);
}

/** `full.1.csv` of `full.csv` for draw 0. */
function drawFile(out: string, draw: number): string {
  const { dir, name, ext } = path.parse(out);
  return path.join(dir, `${name}.${draw + 1}${ext}`);
}

function emptyRowsNotes(emptyRows: readonly number[], rows: number): string[] {
  if (emptyRows.length === 0) return [];
  return [
    `${emptyRows.length} of ${rows} rows have no cell that the model knows and stay as they are (row ${emptyRows[0]}${emptyRows.length > 1 ? ", …" : ""})`,
  ];
}

/** What completed tables do not show of themselves. */
function drawNotes(
  { schema }: Pick<TableModel, "schema">,
  header: readonly string[],
  out: string,
  draws: number,
): string[] {
  const { labels } = schema;
  const next = drawFile(out, draws);
  return [
    ...(labels && header.includes(labels.name)
      ? [
          `the draws do not look at the target ${shown(labels.name)}, so in the completed tables it depends on what was filled in less than it does; to analyse it, train without --target`,
        ]
      : []),
    ...(existsSync(next)
      ? [`${printable(next)}, from before, is none of these ${draws}; remove it if you read files by pattern`]
      : []),
  ];
}

function reportLines(
  cells: readonly ImputedCell[],
  written: (column: string, value: number) => number,
): string {
  return csvLines([
    ["row", "column", "value", "deviation", "probability"],
    ...cells.map((cell) =>
      cell.kind === "numeric"
        ? [cell.row, cell.column, written(cell.column, cell.value), significant(cell.deviation), null]
        : [cell.row, cell.column, cell.value, null, significant(cell.probability)],
    ),
  ]);
}
