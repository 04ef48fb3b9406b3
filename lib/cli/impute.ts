import type { Command } from "commander";
import { withChanges } from "../data/tables/read-csv.js";
import { startEngine } from "../engine/backend.js";
import { writePieces } from "../files/whole-file.js";
import { csvLines, significant } from "../inference/csv-lines.js";
import { defaultSamples, presentCells } from "../inference/generate-columns.js";
import { type ImputedCell, imputeTable } from "../inference/impute-table.js";
import { loadTableModel } from "../training/trained-model.js";
import { readCsvFor } from "./input.js";
import { checkSamples, mostSamples } from "./limits.js";
import { filesOfModel } from "./model-folder.js";
import { examples, wholeNumber, withLayoutOptions } from "./options.js";
import { checkOutputs } from "./outputs.js";
import { print, progress, say } from "./progress.js";

interface ImputeOptions {
  readonly out: string;
  readonly samples: number;
  readonly seed: number;
  readonly report?: string;
  readonly delimiter?: string;
  readonly missing?: readonly string[];
}

/** `impute`: a CSV file without missing cells in the model's columns. */
export function addImpute(program: Command): void {
  const command = program
    .command("impute")
    .summary("fill in the missing cells of a CSV file")
    .description(
      "Fills in every missing cell of the model's columns from the cells that its row has: a number as the mean over " +
        "samples (six digits), a category as the most probable one. All else stays byte for byte as it is written: other cells, header, separators, quotes, blanks and line ends (of a gzipped file unpacked; a Parquet file becomes CSV). Needs a Var-T-JEPA. " +
        "The paper's settings suit embeddings, not this: train with --for imputation and let evaluate " +
        "say which columns are told better than by their average.",
    )
    .argument("<model>", "folder that train wrote")
    .argument("<csv>", "CSV file with the model's columns")
    .requiredOption("--out <file>", "where the completed CSV goes, laid out as the input")
    .option("--samples <n>", "draws per row", wholeNumber(1, mostSamples), defaultSamples)
    .option("--seed <n>", "source of the draws", wholeNumber(0), 1)
    .option(
      "--report <file>",
      "CSV with one line per filled cell: row (from 0), column, value, deviation of a number, probability of a category",
    );
  withLayoutOptions(command)
    .addHelpText(
      "after",
      examples(
        "impute houses-model houses.csv --out complete.csv --report cells.csv",
        "impute houses-model houses.csv --out complete.csv --samples 500 --seed 2",
      ),
    )
    .action(impute);
}

async function impute(folder: string, file: string, options: ImputeOptions): Promise<void> {
  const { out, samples, seed, report, delimiter, missing } = options;
  checkOutputs({ "--out": out, "--report": report }, { "<csv>": file, "<model>": filesOfModel(folder) });
  const model = await loadTableModel(folder);
  const { table, cells: text } = await readCsvFor(model, folder, file, { delimiter, missing });
  const incomplete = table.columns.filter((column) => presentCells(column).includes(0));
  checkSamples(
    samples,
    model.schema,
    table.rows,
    incomplete.map(({ name }) => name),
    false,
  );
  await startEngine();
  const { cells, emptyRows } = imputeTable(model, table, { samples, seed, onRows: progress("imputing") });
  const changes = cells.map(({ row, column, value }) => ({
    row,
    column: text.header.indexOf(column),
    text: String(typeof value === "number" ? significant(value) : value),
  }));
  await writePieces(out, async (append) => {
    for (const piece of withChanges(text, changes)) await append(piece);
  });
  if (emptyRows.length > 0)
    say(
      `note: ${emptyRows.length} of ${table.rows} rows have no cell that the model knows and stay as they are (row ${emptyRows[0]}${emptyRows.length > 1 ? ", …" : ""})`,
    );
  if (report !== undefined) await writePieces(report, (append) => append(csvLines(reportRows(cells))));
  print(
    `${cells.length} missing cells in ${new Set(cells.map(({ row }) => row)).size} of ${table.rows} rows filled in: ${[out, ...(report === undefined ? [] : [report])].join(", ")}`,
  );
}

function reportRows(cells: readonly ImputedCell[]): (string | number | null)[][] {
  return [
    ["row", "column", "value", "deviation", "probability"],
    ...cells.map((cell) =>
      cell.kind === "numeric"
        ? [cell.row, cell.column, significant(cell.value), significant(cell.deviation), null]
        : [cell.row, cell.column, cell.value, null, significant(cell.probability)],
    ),
  ];
}
