import { existsSync } from "node:fs";
import { type Command, Option } from "commander";
import {
  allRowsEqual,
  chooseHoldOut,
  type HoldOut,
  splitHoldOut,
  withoutHeldOut,
} from "../data/tables/hold-out.js";
import { noteLines, tableNotes } from "../data/tables/notes.js";
import { type EncodedTable, encodeTable, fitSchema } from "../data/tables/preprocess.js";
import { counted } from "../data/tables/quote.js";
import { sampleRows } from "../data/tables/sample.js";
import { type Table, tableSha256, takeTableRows } from "../data/tables/table.js";
import { describeEngine, type Engine, startEngine } from "../engine/backend.js";
import { fold, seedKey } from "../engine/random.js";
import { mostWorkers } from "../engine/team.js";
import { familyNamed } from "../families/registry.js";
import { lockFolder } from "../files/folder-lock.js";
import { printable } from "../files/printable.js";
import { writePieces } from "../files/whole-file.js";
import { chooseShrinkage, mostRowsToChooseOn } from "../inference/choose-shrinkage.js";
import { csvLines, singleDigits } from "../inference/csv-lines.js";
import { canGenerate } from "../inference/generate-columns.js";
import { publishedFamilies } from "../studies/tabular-presets.js";
import type { TabularRecipe } from "../studies/tabular-selection.js";
import { checkpointLog } from "../training/checkpoint-log.js";
import { defaultWorkers, fit } from "../training/fit.js";
import type { StepLog } from "../training/task.js";
import { saveModel, type TableModel } from "../training/trained-model.js";
import { drawCurves, secondsOf, termsText } from "./curves.js";
import { estimateText, estimateTraining } from "./dry-run.js";
import { imputationRemark } from "./imputation-remark.js";
import { inputFiles, inputHelp, readInput } from "./input.js";
import { checkTrainingRows, checkWorkers } from "./limits.js";
import {
  checkSameSettings,
  dropRun,
  type ModelFolder,
  modelFolder,
  type RunSettings,
  readSettings,
  writeSettings,
} from "./model-folder.js";
import {
  type CsvOptions,
  examples,
  shareBelowOne,
  termWeights,
  wholeNumber,
  withCsvOptions,
} from "./options.js";
import { checkOutputs } from "./outputs.js";
import { print, progress, say } from "./progress.js";
import { presetFor, type RecipeOptions, recipeFor, rowsDrawn } from "./recipe.js";
import { shrinkageText } from "./shrinkage-text.js";
import { UsageError } from "./usage-error.js";

interface TrainOptions extends CsvOptions, RecipeOptions {
  readonly out?: string;
  readonly dryRun?: boolean;
  readonly seed: number;
  readonly holdOut: number;
  readonly workers?: number;
  readonly fresh?: boolean;
}

/** `train`: a model of a table, without labels. */
export function addTrain(program: Command): void {
  const command = program
    .command("train")
    .summary("train a model on a table")
    .description(
      "Trains on the rows of a table, a tenth of them held out so that evaluate can measure on rows that the model has not seen; the target, if there is one, is not looked at but kept with the model for evaluate. " +
        "The folder then holds the model (weights.safetensors, model.json), every step's terms (log.csv, drawn in curves.svg) and the settings (run.json). " +
        "A run that was stopped or killed goes on after its last finished epoch, bit for bit, when the same command is given again.",
    )
    .argument("<input>", inputHelp)
    .option("--out <folder>", "where the model goes; needed unless --dry-run is given");
  withCsvOptions(command)
    .addOption(
      new Option("--kind <kind>", "the model").choices(publishedFamilies).default(publishedFamilies[0]),
    )
    .addOption(
      new Option(
        "--preset <name>",
        "size of model and training; quick: minutes, standard: up to an hour; for data sets only, medium: the published model, briefly trained, paper: to the letter",
      )
        .choices(["quick", "medium", "standard", "paper"])
        .default("quick"),
    )
    .addOption(
      new Option(
        "--for <purpose>",
        "what the settings suit: embedding, the paper's; imputation, with weights and masks that make the predictor learn, eight times as many updates, and a further tenth of the rows set aside (at least 50 or a quarter, whichever is less; at most 1,000, or 16,000 cells) to choose how far each column is shrunk towards its marginal (of a number, a normal distribution, with a peak at every value that a tenth of the rows have); it is chosen with all other columns in sight and used whatever is missing",
      )
        .choices(["embedding", "imputation"])
        .default("embedding"),
    )
    .option("--seed <n>", "source of everything drawn at random", wholeNumber(0), 1)
    .option("--epochs <n>", "passes over the rows, in place of the preset's", wholeNumber(1))
    .option(
      "--hold-out <share>",
      "share of the rows to keep out of training, for evaluate; 0 trains on all",
      shareBelowOne,
      0.1,
    )
    .option("--workers <n>", "threads; by default one per core", wholeNumber(1, mostWorkers))
    .option(
      "--weights <a=x,b=y>",
      `weights of the loss's terms in place of the preset's, as in klSy=0.1; of ${publishedFamilies[0]}: ${Object.keys(familyNamed(publishedFamilies[0]).terms).join(", ")}`,
      termWeights,
    )
    .option(
      "--fresh",
      "train anew in a folder that holds a model or run; a model stays until the new one is whole",
    )
    .option(
      "--dry-run",
      "read the table, say what would be trained and how long it would take, write nothing",
    )
    .addHelpText(
      "after",
      examples(
        "train houses.csv --target sold --ignore id --out houses-model",
        "train houses.csv --out houses-model --for imputation",
        "train adult --out adult-model --preset standard",
        "train houses.csv --dry-run",
      ),
    )
    .action(trainCommand);
}

async function trainCommand(input: string, options: TrainOptions): Promise<void> {
  const { out: folder, dryRun } = options;
  if (dryRun) {
    const plan = await planOf(input, options);
    const { recipe, training, aside, encoded, workers } = plan;
    say(planText(plan));
    const estimate = await estimateTraining(recipe, training, encoded, workers);
    print(estimateText(estimate, recipe, workers, aside?.rows.rows));
    return;
  }
  if (folder === undefined)
    throw new UsageError("required option '--out <folder>' not specified; name the folder the model goes to");
  const at = modelFolder(folder);
  checkOutputs({ "--out": Object.values(at) }, { "<input>": inputFiles(input) });
  const lock = lockFolder(folder);
  try {
    await trainInto(folder, at, input, options);
  } finally {
    if (!existsSync(at.checkpoint)) dropRun(at);
    lock.release();
  }
}

async function trainInto(
  folder: string,
  at: ModelFolder,
  input: string,
  options: TrainOptions,
): Promise<void> {
  const { seed, fresh } = options;
  const unfinished = !fresh && existsSync(at.checkpoint);
  if (!fresh && !unfinished && existsSync(at.weights))
    throw new Error(
      `${printable(folder)} holds a finished model; name another folder, or add --fresh to train it anew`,
    );
  const plan = await planOf(input, options);
  const { recipe, table, holdOut, aside, encoded, workers } = plan;
  const settings: RunSettings = {
    input,
    sha256: tableSha256(table),
    rows: table.rows,
    csv: csvOptions(options),
    kind: recipe.family,
    preset: options.preset,
    for: options.for,
    seed,
    epochs: recipe.training.epochs,
    workers,
    holdOut,
    chosenOn: aside?.chosenOn,
    weights: options.weights,
  };
  const before = unfinished ? readSettings(at.checkpointSettings) : undefined;
  if (before) checkSameSettings(folder, before, settings);
  if (fresh) dropRun(at);
  if (!before) writeSettings(at.checkpointSettings, settings);
  say(planText(plan));
  if (before) say(`going on with the run in ${folder}`);

  const stop = announceStop(folder, at, fresh);
  const tell = progress("training");
  const trained = await fit(recipe.family, encoded, {
    ...recipe,
    seed,
    workers,
    checkpoint: at.checkpoint,
    onStep: ({ step, steps, epoch, epochs }) => tell(step, steps, `epoch ${epoch} of ${epochs}`),
  });
  const model = await withShrinkage(trained, plan);
  await saveModel(folder, model);
  await writeLog(at.log, await checkpointLog(at.checkpoint), model.history.length);
  writeSettings(at.settings, settings);
  await drawCurves(at.curves, model.history);
  dropRun(at);
  stop.off();
  print(summary(model, folder, input));
  if (options.for !== "imputation") return;
  const remark = imputationRemark(model, plan.training);
  if (remark) say(remark);
}

/** The model, its columns shrunk as the rows set aside say, if there are any. */
async function withShrinkage(model: TableModel, { training, aside }: Plan): Promise<TableModel> {
  if (!aside || !canGenerate(model)) return model;
  return { ...model, shrinkage: await chooseShrinkage(model, training, aside.rows, progress("choosing")) };
}

/** What is to be trained. */
interface Plan {
  readonly table: Table;
  readonly holdOut: HoldOut;
  /** Of a model for imputation: rows to choose on how far its columns are shrunk. */
  readonly aside?: { readonly chosenOn: HoldOut; readonly rows: Table };
  /** The rows that are neither held out nor set aside. */
  readonly training: Table;
  readonly encoded: EncodedTable;
  readonly recipe: TabularRecipe;
  readonly engine: Engine;
  readonly workers: number;
}

async function planOf(input: string, options: TrainOptions): Promise<Plan> {
  const read = await readInput(input, csvOptions(options));
  const drawn = rowsDrawn(input, options.preset) ?? read.rows;
  const table = sampleRows(read, drawn, fold(seedKey(options.seed), "rows"));
  for (const line of noteLines(tableNotes(table))) say(line);
  const holdOut = chooseHoldOut(table, options.holdOut, options.seed);
  const kept = withoutHeldOut(table, holdOut);
  const aside = options.for === "imputation" ? setAside(kept, table.rows, options.seed) : undefined;
  const training = aside ? withoutHeldOut(kept, aside.chosenOn) : kept;
  const preset = presetFor(input, options.preset, training.rows, table.columns.length);
  const recipe = recipeFor(preset, options, training.rows);
  const encoded = encodeTable(fitSchema(training), training);
  checkTrainingRows(training.rows, table.rows - kept.rows, kept.rows - training.rows);
  const engine = await startEngine();
  const workers = options.workers ?? (await defaultWorkers());
  checkWorkers(workers);
  return { table, holdOut, aside, training, encoded, recipe, engine, workers };
}

/**
 * A tenth of all rows, or 50 if that is more; but no more than a quarter of those that are not held out, nor than
 * `mostRowsToChooseOn`.
 * @throws when all rows are equal, of which none can be set aside.
 */
function setAside(kept: Table, all: number, seed: number): NonNullable<Plan["aside"]> {
  if (kept.rows > 1 && allRowsEqual(kept))
    throw new Error(
      `all ${kept.rows} rows that are not held out are equal, and --for imputation can set none of them aside to choose on how far columns are shrunk; give a table whose rows differ, or leave out --for imputation`,
    );
  const tenth = Math.max(50, Math.round(all / 10));
  const wanted = Math.min(tenth, Math.floor(kept.rows / 4), mostRowsToChooseOn(kept.columns.length));
  const chosenOn = chooseHoldOut(kept, wanted / kept.rows, seed);
  const names = kept.columns.map(({ name }) => name);
  return { chosenOn, rows: takeTableRows(kept, splitHoldOut(kept, names, chosenOn).heldOut) };
}

function planText({ table, training, aside, engine, workers }: Plan): string {
  const others = [
    [table.rows - training.rows - (aside?.rows.rows ?? 0), "held out"],
    [aside?.rows.rows ?? 0, "to choose on how far columns are shrunk towards their marginals"],
  ] as const;
  const more = others.flatMap(([rows, what]) =>
    rows === 0 ? [] : [`${rows.toLocaleString("en")} more ${what}`],
  );
  const rows = `${counted(training.rows, "row")}${more.length === 0 ? "" : ` (${more.join(", ")})`}`;
  return `${rows}, ${counted(table.columns.length, "feature")}; ${describeEngine({ ...engine, workers })}`;
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
function announceStop(folder: string, at: ModelFolder, fresh = false): { off(): void } {
  const stop = () => {
    const again = fresh ? "the same command without --fresh" : "the same command";
    const kept = existsSync(at.checkpoint);
    if (!kept) dropRun(at);
    say(
      kept
        ? `\nstopped; ${folder} keeps the run up to its last finished epoch, ${again} goes on from there`
        : "\nstopped before the first epoch was finished; nothing is kept of this run",
    );
    process.exit(130);
  };
  process.once("SIGINT", stop);
  return { off: () => process.off("SIGINT", stop) };
}

async function writeLog(file: string, { columns, values }: StepLog, epochs: number): Promise<void> {
  const steps = values.length / columns.length;
  await writePieces(file, async (append) => {
    await append(csvLines([["step", "epoch", ...columns]]));
    for (let step = 0; step < steps; step++) {
      const epoch = 1 + Math.floor((step * epochs) / steps);
      const terms = values.subarray(step * columns.length, (step + 1) * columns.length);
      await append(csvLines([[step + 1, epoch, ...Array.from(terms, singleDigits)]]));
    }
  });
}

function summary(model: TableModel, folder: string, input: string): string {
  const { history } = model;
  const shrinkage = shrinkageText(model);
  const last = history[history.length - 1];
  return [
    termsText(history),
    "",
    `trained for ${counted(last.epoch, "epoch")} (${secondsOf(history).toFixed(0)} s); model, log.csv, curves.svg and run.json are in ${folder}`,
    ...(shrinkage ? [shrinkage] : []),
    `next: npx var-jepa embed ${folder} ${input} --out embeddings.parquet`,
  ].join("\n");
}
