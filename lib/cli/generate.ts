import type { Command } from "commander";
import { startEngine } from "../engine/backend.js";
import { writePieces } from "../files/whole-file.js";
import { writtenNumbers } from "../inference/column-rule.js";
import { csvLines } from "../inference/csv-lines.js";
import { generateColumns } from "../inference/generate-columns.js";
import { loadTableModel } from "../training/trained-model.js";
import { columnRuleNotes, rawNumbersHelp } from "./column-rule-notes.js";
import { inputFiles, inputHelp, readInputFor } from "./input.js";
import { checkSamples, mostSamples } from "./limits.js";
import { filesOfModel } from "./model-folder.js";
import { examples, list, wholeNumber, withLayoutOptions } from "./options.js";
import { checkOutputs } from "./outputs.js";
import { print, progress, say } from "./progress.js";
import { UsageError } from "./usage-error.js";

interface GenerateCommandOptions {
  readonly out: string;
  readonly hide: readonly string[];
  readonly given?: readonly string[];
  readonly samples: number;
  readonly seed: number;
  readonly rawNumbers?: boolean;
  readonly delimiter?: string;
  readonly missing?: readonly string[];
}

/** What the file says before the hidden columns: which row and which of its samples a line is. */
const placeColumns = ["row", "sample"];

/** `generate`: draws of hidden columns given others. */
export function addGenerate(program: Command): void {
  const command = program
    .command("generate")
    .summary("draw hidden columns of every row from its other columns")
    .description(
      "Hides columns, whether a row has them or not, and draws their values from the rest of the row through the " +
        "predictor; numbers are whole where all numbers trained on were, and within their range. The file has one line per row and sample: row (from 0), sample (from 1), the hidden columns. Needs a Var-T-JEPA.",
    )
    .argument("<model>", "folder that train wrote")
    .argument("<input>", inputHelp)
    .requiredOption("--hide <a,b>", "columns to draw", list)
    .requiredOption("--out <file>", "where the samples go, as CSV")
    .option("--given <a,b>", "columns to draw them from; by default all others", list)
    .option("--samples <n>", "draws per row", wholeNumber(1, mostSamples), 10)
    .option("--seed <n>", "source of the draws", wholeNumber(0), 1)
    .option("--raw-numbers", rawNumbersHelp);
  withLayoutOptions(command)
    .addHelpText(
      "after",
      examples(
        "generate houses-model houses.csv --hide price --out samples.csv",
        "generate houses-model houses.csv --hide price,garden --given area,town --samples 100 --out samples.csv",
      ),
    )
    .action(generate);
}

async function generate(folder: string, input: string, options: GenerateCommandOptions): Promise<void> {
  const { out, hide, given, samples, seed, rawNumbers = false, delimiter, missing } = options;
  const taken = hide.find((name) => placeColumns.includes(name));
  if (taken !== undefined)
    throw new UsageError(
      `--hide names "${taken}", but the file has a column of that name for the ${taken === "row" ? "row's" : "sample's"} number; rename the column in the table and train on that`,
    );
  checkOutputs({ "--out": out }, { "<input>": inputFiles(input), "<model>": filesOfModel(folder) });
  const model = await loadTableModel(folder);
  const { table } = await readInputFor(model, folder, input, { delimiter, missing });
  checkSamples(samples, model.schema, table.rows, hide, true);
  await startEngine();
  const onRows = progress("generating");
  const columns = generateColumns(model, table, { hidden: hide, given, samples, seed, rawNumbers, onRows });
  const written = writtenNumbers(model.schema, rawNumbers);
  await writePieces(out, async (append) => {
    await append(csvLines([[...placeColumns, ...hide]]));
    for (let row = 0; row < table.rows; row++) {
      const lines = Array.from({ length: samples }, (_, sample) => {
        const at = sample * table.rows + row;
        const drawn = columns.map((column) =>
          column.kind === "numeric"
            ? written(column.column, column.draws[at])
            : column.categories[column.draws[at]],
        );
        return [row, sample + 1, ...drawn];
      });
      await append(csvLines(lines));
    }
  });
  const numeric = columns.filter((column) => column.kind === "numeric");
  const moved = numeric.flatMap(({ column, moved }) => (moved > 0 ? { column, numbers: moved } : []));
  const numbers = numeric.length * samples * table.rows;
  for (const note of columnRuleNotes(model.schema, hide, numbers, moved, rawNumbers)) say(`note: ${note}`);
  print(`${table.rows} rows, ${samples} ${samples === 1 ? "sample" : "samples"} each: ${out}`);
}
