import { Command, type Option } from "commander";
import { printableLines } from "../files/printable.js";
import { libraryVersion } from "../studies/provenance.js";
import { addDatasets } from "./datasets.js";
import { addDescribe } from "./describe.js";
import { addEmbed } from "./embed.js";
import { addEvaluate } from "./evaluate.js";
import { addGenerate } from "./generate.js";
import { addImpute } from "./impute.js";
import { addInfo } from "./info.js";
import { addPredict } from "./predict.js";
import { addTrain } from "./train.js";
import { UsageError } from "./usage-error.js";

/** The commands with all that can be typed; parsing throws where commander would end the process. */
export function buildProgram(): Command {
  const program = new Command("var-jepa")
    .description(
      "Trains Var-T-JEPA and T-JEPA on tables and uses them: embeddings with an uncertainty per row, missing cells filled in, " +
        "columns generated, classes of new rows predicted. Exit code 0: done, 1: it could not be done, 2: what was typed makes no sense, 130: stopped by Ctrl-C.",
    )
    .version(libraryVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => process.stdout.write(printableLines(text)),
      writeErr: (text) => process.stderr.write(printableLines(text)),
    })
    .showHelpAfterError("(add --help for what can be said)");
  for (const add of [
    addDescribe,
    addTrain,
    addInfo,
    addEmbed,
    addImpute,
    addGenerate,
    addEvaluate,
    addPredict,
    addDatasets,
  ])
    add(program);
  for (const command of program.commands) for (const option of command.options) refuseTwice(command, option);
  return program.addHelpText(
    "after",
    `
From a CSV file to embeddings and classes:
  $ npx var-jepa describe houses.csv
  $ npx var-jepa train houses.csv --target sold --ignore id --out houses-model
  $ npx var-jepa embed houses-model houses.csv --out houses.parquet
  $ npx var-jepa predict houses-model houses.csv new-houses.csv --out predictions.csv

npx var-jepa help <command> says more about one command. VARJEPA_DEBUG=1 shows where an error comes from.
`,
  );
}

/** Has an option that takes a value refused when it is given twice, where commander would take the last. */
function refuseTwice(command: Command, option: Option): void {
  if (!(option.required || option.optional) || option.variadic) return;
  let given: string | undefined;
  command.on(`option:${option.name()}`, (value: string) => {
    if (given !== undefined)
      throw new UsageError(`${option.long} is given twice, as "${given}" and as "${value}"; give it once`);
    given = value;
  });
}
