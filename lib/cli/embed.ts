import path from "node:path";
import { type Command, Option } from "commander";
import { startEngine } from "../engine/backend.js";
import { embeddingFileEndings, embeddingFiles, writeEmbeddings } from "../inference/embedding-files.js";
import type { Aggregation } from "../models/var-t-jepa/embed.js";
import { loadModel } from "../training/tabular-model.js";
import { inputFiles, inputHelp, readInputFor } from "./input.js";
import { filesOfModel } from "./model-folder.js";
import { examples, withLayoutOptions } from "./options.js";
import { checkOutputs } from "./outputs.js";
import { print, progress } from "./progress.js";
import { UsageError } from "./usage-error.js";

interface EmbedOptions {
  readonly out: string;
  readonly aggregation: Aggregation;
  readonly delimiter?: string;
  readonly missing?: readonly string[];
}

/** `embed`: a file with the embedding of every row. */
export function addEmbed(program: Command): void {
  const command = program
    .command("embed")
    .summary("embed the rows of a table")
    .description(
      "Writes the embedding of every row and, from a Var-T-JEPA, its uncertainty. Columns are found by name, so their " +
        "order does not matter and others may be there. csv and parquet have the columns row (from 0), <feature>.<i>, uncertainty " +
        "and the target, if the file has it; npy has the embeddings alone, [rows, features x width], and a second file *.uncertainty.npy. " +
        "The embeddings are written piece by piece, so they need not fit into memory.",
    )
    .argument("<model>", "folder that train wrote")
    .argument("<input>", inputHelp)
    .requiredOption(
      "--out <file>",
      `where the embeddings go; its ending decides: ${embeddingFileEndings.join(", ")}`,
    )
    .addOption(
      new Option(
        "--aggregation <how>",
        "how a row's standard deviations become its uncertainty: their mean or 90th percentile",
      )
        .choices(["mean", "p90"])
        .default("mean"),
    );
  withLayoutOptions(command)
    .addHelpText(
      "after",
      examples(
        "embed houses-model houses.csv --out houses.parquet",
        "embed houses-model new-houses.csv --out new-houses.csv",
        "embed adult-model adult --out adult.npy --aggregation p90",
      ),
    )
    .action(embed);
}

async function embed(folder: string, input: string, options: EmbedOptions): Promise<void> {
  const { out, aggregation, delimiter, missing } = options;
  if (!embeddingFileEndings.includes(path.extname(out)))
    throw new UsageError(`--out is "${out}"; give it one of the endings ${embeddingFileEndings.join(", ")}`);
  checkOutputs(
    { "--out": embeddingFiles(out) },
    { "<input>": inputFiles(input), "<model>": filesOfModel(folder) },
  );
  const model = await loadModel(folder);
  const { table, target } = await readInputFor(model, folder, input, { delimiter, missing });
  await startEngine();
  const onPiece = progress("embedding");
  // Leaving by exit lets the unfinished file be removed.
  process.once("SIGINT", () => process.exit(130));
  const written = await writeEmbeddings(out, model, table, { aggregation, target, onPiece });
  print(`${table.rows} rows: ${written.join(", ")}`);
}
