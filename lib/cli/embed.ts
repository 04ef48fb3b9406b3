import path from "node:path";
import { type Command, Option } from "commander";
import { startEngine } from "../engine/backend.js";
import type { Aggregation } from "../families/embed-table.js";
import { type Pooling, poolings } from "../families/pooling.js";
import { embeddingFileEndings, embeddingFiles, writeEmbeddings } from "../inference/embedding-files.js";
import { loadTableModel } from "../training/trained-model.js";
import { inputFiles, inputHelp, readInputFor } from "./input.js";
import { filesOfModel } from "./model-folder.js";
import { examples, withLayoutOptions } from "./options.js";
import { checkOutputs } from "./outputs.js";
import { pictureEndings, plotPlane } from "./plot-plane.js";
import { print, progress } from "./progress.js";
import { UsageError } from "./usage-error.js";

interface EmbedOptions {
  readonly out: string;
  readonly aggregation: Aggregation;
  readonly pool: Pooling;
  readonly plot?: string;
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
        "With --pool there are fewer numbers per row: mean.<i> or cls.<i> instead of <feature>.<i>. " +
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
    )
    .addOption(
      new Option(
        "--pool <how>",
        "what becomes of the features' embeddings: none, side by side, features x width numbers; mean, their mean, width " +
          "numbers; cls, the encoder's CLS tokens in their place, CLS tokens x width numbers",
      )
        .choices(poolings)
        .default("none"),
    )
    .option(
      "--plot <file>",
      `a picture of the embeddings' principal plane (${pictureEndings.join(" or ")}), at most 2000 rows, coloured by the target, else by uncertainty`,
    );
  withLayoutOptions(command)
    .addHelpText(
      "after",
      examples(
        "embed houses-model houses.csv --out houses.parquet",
        "embed houses-model new-houses.csv --out new-houses.csv",
        "embed adult-model adult --out adult.npy --aggregation p90",
        "embed houses-model houses.csv --out embeddings.csv --pool mean --plot houses.png",
      ),
    )
    .action(embed);
}

async function embed(folder: string, input: string, options: EmbedOptions): Promise<void> {
  const { out, aggregation, pool: pooling, plot, delimiter, missing } = options;
  checkEnding("--out", out, embeddingFileEndings);
  if (plot !== undefined) checkEnding("--plot", plot, pictureEndings);
  checkOutputs(
    { "--out": embeddingFiles(out), ...(plot === undefined ? {} : { "--plot": [plot] }) },
    { "<input>": inputFiles(input), "<model>": filesOfModel(folder) },
  );
  const model = await loadTableModel(folder);
  const { table, target } = await readInputFor(model, folder, input, { delimiter, missing });
  await startEngine();
  const onPiece = progress("embedding");
  // Leaving by exit lets the unfinished file be removed.
  process.once("SIGINT", () => process.exit(130));
  const written = await writeEmbeddings(out, model, table, { aggregation, pooling, target, onPiece });
  if (plot !== undefined) {
    await plotPlane(plot, model, table, { aggregation, pooling, target });
    written.push(plot);
  }
  print(`${table.rows} rows: ${written.join(", ")}`);
}

function checkEnding(option: string, file: string, endings: readonly string[]): void {
  if (!endings.includes(path.extname(file).toLowerCase()))
    throw new UsageError(`${option} is "${file}"; give it one of the endings ${endings.join(", ")}`);
}
