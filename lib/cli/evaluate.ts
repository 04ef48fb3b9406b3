import type { Command } from "commander";
import { encodeTable } from "../data/tables/preprocess.js";
import { sampleRows } from "../data/tables/sample.js";
import { splitTable, type TableSplit } from "../data/tables/split.js";
import type { Table } from "../data/tables/table.js";
import { startEngine } from "../engine/backend.js";
import { fold, type Key, permutation, seedKey } from "../engine/random.js";
import { compareWithControls, rawSource, trainedSource, untrainedSources } from "../evaluation/controls.js";
import {
  contextPosteriors,
  embeddingDiagnostics,
  unitActivity,
} from "../evaluation/embedding-diagnostics.js";
import { imputationScores } from "../evaluation/imputation.js";
import { probeOfRows } from "../evaluation/predictors/linear.js";
import { rowPosteriors } from "../families/embed-table.js";
import { writePieces } from "../files/whole-file.js";
import { embeddingColumns, embedRows } from "../inference/embed-rows.js";
import { canGenerate, featureNames } from "../inference/generate-columns.js";
import type { VarTJepaConfig } from "../models/var-t-jepa.js";
import { loadTableModel, type TableModel } from "../training/trained-model.js";
import { counted } from "./counted.js";
import { embeddingText, imputationText, probeText } from "./evaluation-text.js";
import { type HeldOutRows, heldOutRows } from "./held-out-rows.js";
import { inputFiles, inputHelp, readInputFor } from "./input.js";
import { filesOfModel } from "./model-folder.js";
import { examples, wholeNumber, withLayoutOptions } from "./options.js";
import { checkOutputs } from "./outputs.js";
import { print, progress, say } from "./progress.js";

interface EvaluateOptions {
  readonly rows?: number;
  readonly seed: number;
  readonly json?: string;
  readonly delimiter?: string;
  readonly missing?: readonly string[];
}

/** Rows scored that are too few to say much: an accuracy of 0.8 on 30 has a standard error of 0.07. */
const FEW = 30;

/** Seeds of the untrained encoders that the trained one stands beside. */
const untrainedSeeds = [101, 102, 103];

/** `evaluate`: what training added, beside what it must be measured against. */
export function addEvaluate(program: Command): void {
  const command = program
    .command("evaluate")
    .summary("measure a model beside untrained, raw and random controls")
    .description(
      "Prints three tables. Probe: a linear classifier of the target on the embeddings, beside the same on an untrained " +
        "encoder (three seeds), on the raw columns, and dropping uncertain rows beside dropping at random; left out without a target. " +
        "Embedding: how many directions and units carry anything. Imputation (Var-T-JEPA): every column hidden in turn, beside its " +
        "marginal distribution, a linear model and the nearest rows. Scored are the rows that train held out; classifiers and " +
        "comparisons learn from the others. Of a model that saw all rows, 20 % are scored on, and the output says that it knows them.",
    )
    .argument("<model>", "folder that train wrote")
    .argument("<input>", inputHelp)
    .option("--rows <n>", "rows to draw and evaluate on; all by default", wholeNumber(10))
    .option("--seed <n>", "source of drawn rows, split, probes and samples", wholeNumber(0), 1)
    .option("--json <file>", "write all numbers there too");
  withLayoutOptions(command)
    .addHelpText(
      "after",
      examples(
        "evaluate houses-model houses.csv",
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
  print(`${table.rows} rows: ${learning} to learn from, ${scored} to score on, ${rows.what}\n`);
  for (const note of rows.notes) say(`note: ${note}`);
  if (scored < FEW)
    say(
      `note: ${counted(scored, "row")} scored, fewer than ${FEW}: another draw of as few would give quite other numbers, so conclude nothing from them; give more rows, or train with a larger --hold-out`,
    );
  const controls = table.labels ? await probeControls(model, table, split, fold(key, "probe")) : undefined;
  const embedding = embeddingNumbers(model, table);
  const imputation = canGenerate(model)
    ? await imputationScores(model, table, split, fold(key, "imputation"), undefined, progress("imputation"))
    : undefined;
  print(
    [
      ...(controls ? ["Probe", "", probeText(controls)] : ["Probe: left out, there is no target"]),
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
    controls,
    embedding,
    imputation,
  };
  await writePieces(options.json, (append) => append(`${JSON.stringify(numbers, null, 1)}\n`));
  say(`numbers: ${options.json}`);
}

/** The rows held out of training to score on, all others to learn from; where none are, a split of all. */
function evaluationSplit(table: Table, { kept, heldOut }: HeldOutRows, key: Key): TableSplit {
  if (!heldOut) return splitTable(table, key);
  const order = permutation(key, kept.length);
  // One row in eight, as of the usual 70 and 10 %, chooses the settings of what learns from the others.
  const chosen = Math.round(kept.length / 8);
  const some = (from: number, to: number) =>
    order
      .slice(from, to)
      .map((at) => kept[at])
      .sort();
  return { validation: some(0, chosen), train: some(chosen, kept.length), test: heldOut };
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

async function probeControls(
  model: TableModel,
  table: Table,
  split: ReturnType<typeof splitTable>,
  key: Key,
): Promise<Awaited<ReturnType<typeof compareWithControls>>> {
  const encoded = encodeTable(model.schema, table);
  const sources = [
    trainedSource(model, encoded),
    ...untrainedSources(model, encoded, untrainedSeeds),
    rawSource(encoded),
  ];
  const tell = progress("probes");
  const told = sources.map((source, i) => ({
    ...source,
    compute: () => {
      if (i > 0) tell(i, sources.length);
      return source.compute();
    },
  }));
  const probe = probeOfRows(split.train.length);
  const lines = await compareWithControls(key, encoded, told, split, { probe });
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
