import { type Command, Option } from "commander";
import { rowContents } from "../data/tables/hold-out.js";
import { featureNames } from "../data/tables/known-cells.js";
import { encodeTable } from "../data/tables/preprocess.js";
import { counted, listed, quoted, shown } from "../data/tables/quote.js";
import { columnPlace, columnTexts } from "../data/tables/read-csv.js";
import { type Labels, type Table, takeTableRows } from "../data/tables/table.js";
import { mostProbable } from "../distributions/categorical.js";
import { startEngine } from "../engine/backend.js";
import { fold, seedKey } from "../engine/random.js";
import type { ComputedFeatures } from "../evaluation/controls.js";
import { classificationScores } from "../evaluation/metrics/classification-scores.js";
import { predictRows, type RowPredictions, type ToldRows } from "../evaluation/predict-rows.js";
import { labelsOf, type PredictorSplit, withoutValidation } from "../evaluation/predictors/predictor.js";
import { tableFeatures } from "../evaluation/raw-features.js";
import { capability } from "../families/registry.js";
import { tableShape } from "../families/table.js";
import { printable } from "../files/printable.js";
import { writePieces } from "../files/whole-file.js";
import { type CsvCell, csvLines, singleDigits } from "../inference/csv-lines.js";
import { embeddingShape, embedRows } from "../inference/embed-rows.js";
import { shareError } from "../moments.js";
import { loadTableModel, type TableModel } from "../training/trained-model.js";
import { evaluationSplit, fewNotes, heldOutRows } from "./held-out-rows.js";
import { inputFiles, inputHelp, isDataSet, readCsvFor, readInputFor } from "./input.js";
import { type LabelledOptions, readLabelledRows } from "./labelled-rows.js";
import { filesOfModel } from "./model-folder.js";
import { predictorNamed, predictorNames, slowNotes } from "./named-predictors.js";
import { examples, wholeNumber, withLayoutOptions } from "./options.js";
import { checkOutputs } from "./outputs.js";
import { print, progress, say } from "./progress.js";
import { UsageError } from "./usage-error.js";

interface PredictOptions extends LabelledOptions {
  readonly out: string;
  readonly predictor: string;
  readonly features: "embedding" | "raw";
  readonly id?: string;
  readonly seed: number;
}

/** `predict`: the class of every row of a table, told by what was learned from another. */
export function addPredict(program: Command): void {
  const command = program
    .command("predict")
    .summary("predict the class of new rows from rows whose class is known")
    .description(
      "Trains a predictor of the target on the embeddings, or the raw columns, of a table's rows that have a class, and writes for " +
        "each row of another one, in its order: row (from 0), predicted, the probability of every class in a column of its name " +
        "and, from embeddings of a Var-T-JEPA, the row's uncertainty. Not learned from are the rows that train held out, or a fifth where it held out none: " +
        "how often their class is told right is printed. Of the others one in eight tells neural predictors when to stop.",
    )
    .argument("<model>", "folder that train wrote")
    .argument("<labelled>", `table with the target, which may be missing in some rows: ${inputHelp}`)
    .argument("<new>", "table whose classes are wanted, of the same kind; a target in it is not looked at")
    .requiredOption("--out <file>", "where the predictions go, as CSV")
    .addOption(
      new Option("--predictor <name>", "what learns the target").choices(predictorNames).default("mlp"),
    )
    .addOption(
      new Option(
        "--features <which>",
        "what it learns from: embedding, the model's; raw, the columns themselves, without the model",
      )
        .choices(["embedding", "raw"])
        .default("embedding"),
    )
    .option("--target <column>", "column with the classes, if it is not the target that train was given")
    .option("--id <column>", "column of the new table that names its rows, written in place of row")
    .option("--seed <n>", "source of start weights, batches and split", wholeNumber(0), 1);
  withLayoutOptions(command)
    .addHelpText(
      "after",
      examples(
        "predict houses-model houses.csv new-houses.csv --out predictions.csv",
        "predict houses-model houses.csv new-houses.csv --id id --predictor trees --features raw --out predictions.csv",
        "predict houses-model surveyed.csv houses.csv --target condition --out conditions.csv",
      ),
    )
    .action(predict);
}

async function predict(
  folder: string,
  labelled: string,
  fresh: string,
  options: PredictOptions,
): Promise<void> {
  const { out, predictor: name, features, seed } = options;
  checkOutputs(
    { "--out": out },
    {
      "<labelled>": inputFiles(labelled),
      "<new>": inputFiles(fresh),
      "<model>": filesOfModel(folder),
    },
  );
  const model = await loadTableModel(folder);
  const known = await readLabelledRows(model, folder, labelled, options);
  const { labels } = known.table;
  const wanted = await readNewRows(model, folder, fresh, labels.name, options);
  const uncertain = features === "embedding" && capability(model.family, "embedding").uncertain;
  const header = headerOf(labels, wanted.id.name, uncertain);
  const unlabelled = known.whole.rows - known.table.rows;
  if (unlabelled > 0)
    say(
      `note: the target ${shown(labels.name)} is missing in ${unlabelled} of ${known.whole.rows} rows of ${printable(labelled)}, which are not learned from`,
    );
  if (sumOf(known.whole) === sumOf(wanted.table))
    say(
      "note: both tables are the same: most classes are told of rows that were learned from, which looks better than it is; only the accuracy on held-out rows counts",
    );
  else if (wanted.hasTarget)
    say(`note: ${printable(fresh)} has the target ${shown(labels.name)} too, which is not looked at`);
  await startEngine();
  const rows = await heldOutRows(model, folder, labelled, known.whole, known.table);
  const key = fold(seedKey(seed), "predict");
  const predictor = predictorNamed(name);
  const parts = evaluationSplit(known.table, rows, fold(key, "split"));
  const split = predictor.stopsEarly ? parts : withoutValidation(parts);
  // Of raw columns it does not matter what the model has seen.
  const { notes, what } = features === "raw" ? { notes: [], what: "" } : { ...rows, what: `, ${rows.what}` };
  for (const note of [...notes, ...fewNotes(split.test.length)]) say(`note: ${note}`);
  const copies =
    sumOf(known.whole) === sumOf(wanted.table) ? 0 : copiesOf(model, known.table, split.train, wanted.table);
  if (copies > 0)
    say(
      `note: ${copies} of ${counted(wanted.table.rows, "new row")} hold what a row learned from holds, whose class is told again rather than predicted; only the accuracy on held-out rows counts`,
    );
  const learned = featuresOf(model, known.table, features, progress("embedding labelled rows"));
  const asked = featuresOf(model, wanted.table, features, progress("embedding new rows"));
  const [, tokens, width] = learned.shape;
  const size = { rows: split.train.length, tokens, width };
  const advice = "take another --predictor, or give fewer rows";
  for (const note of slowNotes([name], [size], labels.classes.length, advice)) say(note);
  const tell = progress("learning");
  const told = await predictRows(
    fold(key, "predictor"),
    predictor,
    learned,
    labels.codes,
    split,
    asked,
    (done, total) => done < total && tell(done, total),
  );
  tell(1, 1);
  await writePieces(out, async (append) => {
    await append(csvLines([header]));
    for (let row = 0; row < wanted.table.rows; row++)
      await append(csvLines([cellsOf(row, wanted.id, labels, told, asked.uncertainty?.mean)]));
  });
  print(
    [
      `${name} on ${features === "raw" ? "raw columns" : "embeddings"}: learned the target ${shown(labels.name)} (${listed(labels.classes.map(quoted))}) from ${counted(split.train.length, "row")}${split.validation ? `, ${split.validation.length} more said when to stop` : ""}`,
      scoreText(labels, split, told.scored, what),
      `${counted(wanted.table.rows, "row")}: ${out}`,
    ].join("\n"),
  );
}

/** Rows whose class is wanted. */
interface NewRows {
  readonly table: Table;
  /** What the rows are called, and by which name that stands in the file. */
  readonly id: { readonly name: string; readonly cells?: readonly string[] };
  readonly hasTarget: boolean;
}

async function readNewRows(
  model: TableModel,
  folder: string,
  input: string,
  target: string,
  { id, delimiter, missing }: PredictOptions,
): Promise<NewRows> {
  if (isDataSet(input)) {
    if (id !== undefined)
      throw new UsageError(`--id is for CSV files; "${input}" is a data set, whose rows have no names`);
    const { table } = await readInputFor(model, folder, input, { delimiter, missing });
    return { table, id: { name: "row" }, hasTarget: table.labels?.name === target };
  }
  const { table, cells } = await readCsvFor(model, folder, input, { delimiter, missing });
  const hasTarget = cells.header.includes(target);
  if (id === undefined) return { table, id: { name: "row" }, hasTarget };
  const names = columnTexts(cells, columnPlace(cells, id, ", which --id names"));
  return { table, id: { name: id, cells: names }, hasTarget };
}

/** @throws when two columns of the file would have one name. */
function headerOf({ name, classes }: Labels, id: string, uncertain: boolean): string[] {
  const header = [id, "predicted", ...classes, ...(uncertain ? ["uncertainty"] : [])];
  const twice = header.find((column, i) => header.indexOf(column) < i);
  if (twice === undefined) return header;
  throw new Error(
    classes.includes(twice)
      ? `the class ${quoted(twice)} of ${quoted(name)} has the name of another column of the predictions; rename the class${twice === id ? ", or name the rows by another column (--id)" : ""}`
      : `--id is ${quoted(id)}, the name of another column of the predictions; rename that column of the table`,
  );
}

/** How many new rows are equal to one that is learned from. */
function copiesOf({ schema }: TableModel, known: Table, learned: Int32Array, fresh: Table): number {
  const names = featureNames(schema);
  const contents = new Set(rowContents(takeTableRows(known, learned), names));
  let copies = 0;
  for (const content of rowContents(fresh, names)) copies += Number(contents.has(content));
  return copies;
}

function featuresOf(
  model: TableModel,
  { labels: _, ...table }: Table,
  which: PredictOptions["features"],
  onRows: (done: number, rows: number) => void,
): ComputedFeatures {
  if (which === "raw") return tableFeatures(tableShape(model.schema), encodeTable(model.schema, table));
  return {
    ...embedRows(model, table, "none", onRows),
    shape: [table.rows, ...embeddingShape(model)],
  };
}

function cellsOf(
  row: number,
  { cells }: NewRows["id"],
  { classes }: Labels,
  { fresh, classes: count }: RowPredictions,
  uncertainty: Float32Array | undefined,
): CsvCell[] {
  const probabilities = classes.map((_, c) => singleDigits(fresh.probabilities[row * count + c]));
  return [
    cells?.[row] ?? row,
    classes[fresh.predicted[row]],
    ...probabilities,
    ...(uncertainty ? [singleDigits(uncertainty[row])] : []),
  ];
}

/** How often the predictions are right, beside knowing nothing. */
function scoreText(
  { codes, classes }: Labels,
  { test }: PredictorSplit,
  { predicted }: ToldRows,
  what: string,
): string {
  const truth = labelsOf(codes, test);
  const scored = Float64Array.from(classes, (_, c) => truth.filter((code) => code === c).length);
  const [largest] = mostProbable(scored, classes.length);
  const { accuracy } = classificationScores(truth, predicted);
  const known = scored[largest] / truth.length;
  const error = shareError(accuracy, truth.length);
  return [
    `accuracy on ${counted(truth.length, "row")} not learned from${what}: ${accuracy.toFixed(3)} ± ${error.toFixed(3)} (standard error); always telling ${quoted(classes[largest])}: ${known.toFixed(3)}`,
    ...(accuracy > known + 2 * error
      ? []
      : [
          `${accuracy > known ? "within two standard errors of" : "no better than"} telling one class always: do not rely on these predictions`,
        ]),
  ].join("\n");
}

function sumOf({ source }: Table): string {
  return source.files.map(({ sha256 }) => sha256).join();
}
