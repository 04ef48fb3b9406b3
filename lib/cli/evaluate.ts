import { type Command, Option } from "commander";
import { featureNames } from "../data/tables/known-cells.js";
import { type EncodedTable, encodeTable } from "../data/tables/preprocess.js";
import { counted } from "../data/tables/quote.js";
import { sampleRows } from "../data/tables/sample.js";
import type { TableSplit } from "../data/tables/split.js";
import type { Table } from "../data/tables/table.js";
import { startEngine } from "../engine/backend.js";
import { fold, type Key, seedKey } from "../engine/random.js";
import { comparePredictors, type PredictorLine } from "../evaluation/compare-predictors.js";
import {
  type ControlLine,
  compareWithControls,
  type FeatureSource,
  rawSource,
  tableSource,
  trainedSource,
  untrainedSources,
} from "../evaluation/controls.js";
import {
  contextPosteriors,
  embeddingDiagnostics,
  unitActivity,
} from "../evaluation/embedding-diagnostics.js";
import { imputationDefaults, imputationScores } from "../evaluation/imputation.js";
import { probeOfRows } from "../evaluation/predictors/linear.js";
import { withoutValidation } from "../evaluation/predictors/predictor.js";
import { rowPosteriors } from "../families/embed-table.js";
import { writePieces } from "../files/whole-file.js";
import { embeddingColumns, embeddingShape, embedRows } from "../inference/embed-rows.js";
import { canGenerate } from "../inference/generate-columns.js";
import type { VarTJepaConfig } from "../models/var-t-jepa.js";
import { loadTableModel, type TableModel } from "../training/trained-model.js";
import { embeddingText, imputationText, probeText } from "./evaluation-text.js";
import { evaluationSplit, fewNotes, heldOutRows } from "./held-out-rows.js";
import { inputFiles, inputHelp, readInputFor } from "./input.js";
import { filesOfModel } from "./model-folder.js";
import { predictorList, predictorNamed, predictorNames, slowNotes } from "./named-predictors.js";
import { examples, wholeNumber, withLayoutOptions } from "./options.js";
import { checkOutputs } from "./outputs.js";
import { predictorsText } from "./predictors-text.js";
import { print, progress, say } from "./progress.js";

interface EvaluateOptions {
  readonly predictors: readonly string[];
  readonly rows?: number;
  readonly seed: number;
  readonly json?: string;
  readonly delimiter?: string;
  readonly missing?: readonly string[];
}

/** Seeds of the untrained encoders that the trained one stands beside. */
const untrainedSeeds = [101, 102, 103];

/** `evaluate`: what training added, beside what it must be measured against. */
export function addEvaluate(program: Command): void {
  const command = program
    .command("evaluate")
    .summary("measure a model beside untrained, raw and random controls")
    .description(
      "Prints three tables. Probe, or Predictors: what tells the target from the embeddings, a linear classifier or those named, beside the same on an untrained " +
        "encoder (three seeds), on the raw columns, and dropping uncertain rows beside dropping at random; left out without a target. " +
        "Embedding: how many directions and units carry anything. Imputation (Var-T-JEPA): every column hidden in turn, beside its " +
        "marginal distribution, a linear model and the nearest rows. Scored are the rows that train held out; classifiers and " +
        "comparisons learn from the others. Of a model that saw all rows, 20 % are scored on, and the output says that it knows them.",
    )
    .argument("<model>", "folder that train wrote")
    .argument("<input>", inputHelp)
    .addOption(
      new Option(
        "--predictors <a,b>",
        `what learns the target: ${predictorNames.join(", ")}; others than linear alone are compared in one table`,
      )
        .argParser(predictorList)
        .default(["linear"], "linear"),
    )
    .option("--rows <n>", "rows to draw and evaluate on; all by default", wholeNumber(10))
    .option("--seed <n>", "source of drawn rows, split, probes and samples", wholeNumber(0), 1)
    .option("--json <file>", "write all numbers there too");
  withLayoutOptions(command)
    .addHelpText(
      "after",
      examples(
        "evaluate houses-model houses.csv",
        "evaluate houses-model houses.csv --predictors linear,mlp,trees",
        "evaluate adult-model adult --rows 2000 --json adult.json",
      ),
    )
    .action(evaluate);
}

async function evaluate(folder: string, input: string, options: EvaluateOptions): Promise<void> {
  checkOutputs({ "--json": options.json }, { "<input>": inputFiles(input), "<model>": filesOfModel(folder) });
  const model = await loadTableModel(folder);
  const key = fold(seedKey(options.seed), "evaluate");
  const whole = await readLabelled(model, folder, input, options);
  const table = options.rows === undefined ? whole : sampleRows(whole, options.rows, fold(key, "rows"));
  await startEngine();
  const rows = await heldOutRows(model, folder, input, whole, table);
  const split = evaluationSplit(table, rows, fold(key, "split"));
  const [learning, scored] = [split.train.length + split.validation.length, split.test.length];
  if (scored < 2)
    throw new Error(
      `of ${counted(table.rows, "row")} only ${scored} is left to score on; give more rows${options.rows === undefined ? "" : " (--rows)"}`,
    );
  print(`${table.rows} rows: ${learning} to learn from, ${scored} to score on, ${rows.what}\n`);
  for (const note of [...rows.notes, ...fewNotes(scored)]) say(`note: ${note}`);
  const probe = await classifierNumbers(model, table, split, fold(key, "probe"), options.predictors);
  const embedding = embeddingNumbers(model, table);
  const imputation = canGenerate(model)
    ? await imputationScores(
        model,
        table,
        split,
        fold(key, "imputation"),
        { ...imputationDefaults, coverage: true },
        progress("imputation"),
      )
    : undefined;
  print(
    [
      ...probe.text,
      "\nEmbedding\n",
      embeddingText(embedding),
      ...(imputation ? ["\nImputation\n", imputationText(imputation, featureNames(model.schema))] : []),
    ].join("\n"),
  );
  if (options.json === undefined) return;
  const { family, seed, history } = model;
  const numbers = {
    model: { folder, kind: family, seed, epochs: history.length },
    data: {
      input,
      rows: table.rows,
      seed: options.seed,
      scoredOn: split.test.length,
      seenInTraining: rows.heldOut === undefined,
      trainingTable: rows.sameTable,
    },
    ...probe.numbers,
    embedding,
    imputation,
  };
  await writePieces(options.json, (append) => append(`${JSON.stringify(numbers, null, 1)}\n`));
  say(`numbers: ${options.json}`);
}

/** The table with labels if model and input have them. */
async function readLabelled(
  model: TableModel,
  folder: string,
  input: string,
  { delimiter, missing }: EvaluateOptions,
): Promise<Table> {
  const { table, target } = await readInputFor(model, folder, input, { delimiter, missing });
  if (!target) return model.schema.labels ? table : { ...table, labels: undefined };
  return (await readInputFor(model, folder, input, { delimiter, missing, labels: true })).table;
}

/** How well the target is told, as text and as numbers: by a linear probe in detail, or by several predictors side by side. */
async function classifierNumbers(
  model: TableModel,
  table: Table,
  split: TableSplit,
  key: Key,
  names: readonly string[],
): Promise<{ text: string[]; numbers: { controls?: ControlLine[]; predictors?: PredictorLine[] } }> {
  const onlyLinear = names.length === 1 && names[0] === "linear";
  const title = onlyLinear ? "Probe" : "Predictors";
  if (!table.labels) return { text: [`${title}: left out, there is no target`], numbers: {} };
  const encoded = encodeTable(model.schema, table);
  const encoders = [trainedSource(model, encoded), ...untrainedSources(model, encoded, untrainedSeeds)];
  if (onlyLinear) {
    const controls = await probeControls(key, encoded, [...encoders, rawSource(encoded)], split);
    return { text: [title, "", probeText(controls)], numbers: { controls } };
  }
  const [tokens, width] = embeddingShape(model);
  const columns = featureNames(model.schema).length;
  const rows = split.train.length;
  const sizes = [...encoders.map(() => ({ rows, tokens, width })), { rows, tokens: columns, width: 1 }];
  const advice = "leave it out, or draw fewer rows by --rows";
  for (const note of slowNotes(names, sizes, table.labels.classes.length, advice)) say(note);
  const sources = [...encoders, tableSource(encoded)];
  const settled = names.map(predictorNamed);
  const predictors = await comparePredictors(key, encoded, sources, settled, split, progress("predictors"));
  return { text: [title, "", predictorsText(predictors)], numbers: { predictors } };
}

async function probeControls(
  key: Key,
  encoded: EncodedTable,
  sources: readonly FeatureSource[],
  split: TableSplit,
): Promise<ControlLine[]> {
  const tell = progress("probes");
  const told = sources.map((source, i) => ({
    ...source,
    compute: () => {
      if (i > 0) tell(i, sources.length);
      return source.compute();
    },
  }));
  const whole = withoutValidation(split);
  const probe = probeOfRows(whole.train.length);
  const lines = await compareWithControls(key, encoded, told, whole, { probe });
  tell(sources.length, sources.length);
  return lines;
}

/** Spread of the embedding and, of a Var-T-JEPA, units of its posteriors that carry anything. */
function embeddingNumbers(model: TableModel, table: Table): Record<string, number | string> {
  const { values } = embedRows(model, table);
  const { columns, effectiveRank, smallestDeviation, medianDeviation, deadShare } = embeddingDiagnostics(
    values,
    embeddingColumns(model),
  );
  const spread = {
    columns,
    "effective rank": effectiveRank,
    "smallest deviation": smallestDeviation,
    "median deviation": medianDeviation,
    "dead share": deadShare,
  };
  return canGenerate(model) ? { ...spread, ...activity(model, table) } : spread;
}

function activity(model: TableModel<VarTJepaConfig>, { labels: _, ...table }: Table): Record<string, string> {
  const { parameters, config } = model;
  const encoded = encodeTable(model.schema, table);
  const s_w = unitActivity(rowPosteriors(parameters, config, encoded));
  const s_x = unitActivity(contextPosteriors(parameters, config, encoded));
  const shown = ({ kl, activeByKl, activeByVariance }: typeof s_w) =>
    `${activeByKl} by KL, ${activeByVariance} by variance of ${kl.length}`;
  return { "active units of s_w": shown(s_w), "of s_x": shown(s_x) };
}
