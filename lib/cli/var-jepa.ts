#!/usr/bin/env node
/** The command line: `npx var-jepa <command>`. Results go to standard output, everything else to standard error. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { Command, CommanderError } from "commander";
import { projectFolder } from "../settings.js";
import { addDatasets } from "./datasets.js";
import { addDescribe } from "./describe.js";
import { addEmbed } from "./embed.js";
import { addEvaluate } from "./evaluate.js";
import { addGenerate } from "./generate.js";
import { addImpute } from "./impute.js";
import { addTrain } from "./train.js";
import { UsageError } from "./usage-error.js";

const { version } = JSON.parse(readFileSync(path.join(projectFolder, "package.json"), "utf8"));
const program = new Command("var-jepa")
  .description(
    "Trains Var-T-JEPA and T-JEPA on tables and uses them: embeddings with an uncertainty per row, missing cells filled in, " +
      "columns generated. Exit code 0: done, 1: it could not be done, 2: what was typed makes no sense, 130: stopped by Ctrl-C.",
  )
  .version(version)
  .exitOverride()
  .showHelpAfterError("(add --help for what can be said)");
for (const add of [addDescribe, addTrain, addEmbed, addImpute, addGenerate, addEvaluate, addDatasets])
  add(program);
program.addHelpText(
  "after",
  `
From a CSV file to embeddings:
  $ npx var-jepa describe houses.csv
  $ npx var-jepa train houses.csv --target sold --ignore id --out houses-model
  $ npx var-jepa embed houses-model houses.csv --out houses.parquet

npx var-jepa help <command> says more about one command. VARJEPA_DEBUG=1 shows where an error comes from.
`,
);

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** Says on standard error what went wrong, unless commander has said it. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  console.error(process.env.VARJEPA_DEBUG ? stack : `error: ${message}`);
  if (error instanceof UsageError) console.error("(add --help for what can be said)");
  return error instanceof UsageError ? 2 : 1;
}
