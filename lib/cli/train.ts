import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import { type Command, Option } from "commander";
import { noteLines, tableNotes } from "../data/tables/notes.js";
import { encodeTable, fitSchema } from "../data/tables/preprocess.js";
import { sampleRows } from "../data/tables/sample.js";
import { tableSha256 } from "../data/tables/table.js";
import { describeEngine, startEngine } from "../engine/backend.js";
import { fold, seedKey } from "../engine/random.js";
import type { TabularRecipe } from "../experiments/tabular-selection.js";
import { tableText } from "../figures/table.js";
import { writeAtomically } from "../inference/atomic-file.js";
import { csvLines, singleDigits } from "../inference/csv-lines.js";
import { checkpointLog } from "../training/checkpoint-log.js";
import { saveModel, type TabularModel } from "../training/tabular-model.js";
import type { StepLog } from "../training/task.js";
import { trainTJepa } from "../training/train-t-jepa.js";
import { defaultWorkers, type TableTrainingOptions } from "../training/train-table.js";
import { trainVarTJepa } from "../training/train-var-t-jepa.js";
import { inputHelp, readInput } from "./input.js";
import { type CsvOptions, elboWeights, examples, wholeNumber, withCsvOptions } from "./options.js";
import { progress, say } from "./progress.js";
import { presetFor, type RecipeOptions, recipeFor } from "./recipe.js";
import { checkSameSettings, type RunSettings, readSettings, writeSettings } from "./run-settings.js";

interface TrainOptions extends CsvOptions, RecipeOptions {
  readonly out: string;
  readonly seed: number;
  readonly workers?: number;
  readonly fresh?: boolean;
}

/** Everything that `train` writes into its folder. */
const files = ["weights.safetensors", "model.json", "log.csv", "run.json", "checkpoint.safetensors"];
const [WEIGHTS, , LOG, , CHECKPOINT] = files;

/** `train`: a model of a table, without labels. */
export function addTrain(program: Command): void {
  const command = program
    .command("train")
    .summary("train a model on a table")
    .description(
      "Trains on all rows of a table; the target, if there is one, is not looked at but kept with the model for evaluate. " +
        "The folder then holds the model (weights.safetensors, model.json), every step's terms (log.csv) and the settings (run.json). " +
        "A run that was stopped or killed goes on after its last finished epoch, bit for bit, when the same command is given again.",
    )
    .argument("<input>", inputHelp)
    .requiredOption("--out <folder>", "where the model goes");
  withCsvOptions(command)
    .addOption(
      new Option("--kind <kind>", "the model").choices(["var-t-jepa", "t-jepa"]).default("var-t-jepa"),
    )
    .addOption(
      new Option(
        "--preset <name>",
        "size of model and training; quick: minutes, standard: up to an hour, paper: to the letter, for data sets only",
      )
        .choices(["quick", "standard", "paper"])
        .default("quick"),
    )
    .addOption(
      new Option(
        "--for <purpose>",
        "what the settings suit: embedding, the paper's; imputation, with KL weights and masks that make the predictor learn",
      )
        .choices(["embedding", "imputation"])
        .default("embedding"),
    )
    .option("--seed <n>", "source of everything drawn at random", wholeNumber(0), 1)
    .option("--epochs <n>", "passes over the rows, in place of the preset's", wholeNumber(1))
    .option("--workers <n>", "threads; by default one per core", wholeNumber(1))
    .option(
      "--weights <a=x,b=y>",
      "weights of the loss's terms in place of the preset's: alphaRec, alphaGen, alphaKlSx, alphaKlZ, alphaKlSy",
      elboWeights,
    )
    .option("--fresh", "throw away the model or run that the folder holds")
    .addHelpText(
      "after",
      examples(
        "train houses.csv --target sold --ignore id --out houses-model",
        "train houses.csv --out houses-model --for imputation",
        "train adult --out adult-model --preset standard",
      ),
    )
    .action(trainCommand);
}

async function trainCommand(input: string, options: TrainOptions): Promise<void> {
  const { out: folder, seed, fresh } = options;
  const at = (file: string) => path.join(folder, file);
  if (!fresh && existsSync(at(WEIGHTS)))
    throw new Error(`${folder} holds a finished model; name another folder, or add --fresh to train it anew`);
  const read = await readInput(input, csvOptions(options));
  const recipes = presetFor(input, options.preset, read.rows, read.columns.length);
  const recipe = recipeFor(recipes, options);
  const table = sampleRows(read, recipes.rows ?? read.rows, fold(seedKey(seed), "rows"));
  const encoded = encodeTable(fitSchema(table), table);
  const engine = await startEngine();
  const workers = options.workers ?? (await defaultWorkers());
  const settings: RunSettings = {
    input,
    sha256: tableSha256(table),
    csv: csvOptions(options),
    kind: recipe.kind,
    preset: options.preset,
    for: options.for,
    seed,
    epochs: recipe.training.epochs,
    workers,
    weights: options.weights,
  };
  if (fresh) for (const file of files) rmSync(at(file), { force: true });
  const before = existsSync(at(CHECKPOINT)) ? readSettings(folder) : undefined;
  if (before) checkSameSettings(folder, before, settings);
  else await writeSettings(folder, settings);
  say(`${table.rows} rows, ${table.columns.length} features; ${describeEngine({ ...engine, workers })}`);
  for (const line of noteLines(tableNotes(table))) say(line);
  if (before) say(`going on with the run in ${folder}`);

  const stop = announceStop(folder, at(CHECKPOINT), fresh);
  const tell = progress("training");
  const model = await trainRecipe(recipe, encoded, {
    seed,
    workers,
    checkpoint: at(CHECKPOINT),
    onStep: ({ step, steps, epoch, epochs }) => tell(step, steps, `epoch ${epoch} of ${epochs}`),
  });
  stop.off();
  await writeLog(at(LOG), await checkpointLog(at(CHECKPOINT)), model.history.length);
  await saveModel(folder, model);
  rmSync(at(CHECKPOINT));
  console.log(summary(model, folder, input));
}

function trainRecipe(
  recipe: TabularRecipe,
  table: Parameters<typeof trainVarTJepa>[0],
  options: TableTrainingOptions,
): Promise<TabularModel> {
  return recipe.kind === "t-jepa"
    ? trainTJepa(table, { ...recipe, ...options })
    : trainVarTJepa(table, { ...recipe, ...options });
}

function csvOptions(options: TrainOptions): CsvOptions {
  const { target, categorical, numeric, ignore, delimiter, missing, header } = options;
  return {
    target,
    categorical,
    numeric,
    ignore,
    delimiter,
    missing,
    ...(header === false ? { header } : {}),
  };
}

/** Says on Ctrl-C what is kept. */
function announceStop(folder: string, checkpoint: string, fresh = false): { off(): void } {
  const stop = () => {
    const again = fresh ? "the same command without --fresh" : "the same command";
    say(
      existsSync(checkpoint)
        ? `\nstopped; ${folder} keeps the run up to its last finished epoch, ${again} goes on from there`
        : "\nstopped before the first epoch was finished; nothing is kept",
    );
    process.exit(130);
  };
  process.once("SIGINT", stop);
  return { off: () => process.off("SIGINT", stop) };
}

async function writeLog(file: string, { columns, values }: StepLog, epochs: number): Promise<void> {
  const steps = values.length / columns.length;
  await writeAtomically(file, async (append) => {
    await append(csvLines([["step", "epoch", ...columns]]));
    for (let step = 0; step < steps; step++) {
      const epoch = 1 + Math.floor((step * epochs) / steps);
      const terms = values.subarray(step * columns.length, (step + 1) * columns.length);
      await append(csvLines([[step + 1, epoch, ...Array.from(terms, singleDigits)]]));
    }
  });
}

function summary({ history }: TabularModel, folder: string, input: string): string {
  const [first, last] = [history[0], history[history.length - 1]];
  const terms = Object.keys(last.terms).map((term) => ({
    term,
    ...(last === first ? {} : { "first epoch": first.terms[term] }),
    [`epoch ${last.epoch}`]: last.terms[term],
  }));
  const seconds = history.reduce((sum, epoch) => sum + epoch.seconds, 0);
  return [
    tableText(terms),
    "",
    `trained for ${last.epoch} ${last.epoch === 1 ? "epoch" : "epochs"} (${seconds.toFixed(0)} s); model, log.csv and run.json are in ${folder}`,
    `next: npx var-jepa embed ${folder} ${input} --out embeddings.parquet`,
  ].join("\n");
}
