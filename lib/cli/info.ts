import { existsSync } from "node:fs";
import type { Command } from "commander";
import { describeSchema } from "../data/tables/preprocess.js";
import { counted } from "../data/tables/quote.js";
import { tableText } from "../figures/drawing/table.js";
import { printable } from "../files/printable.js";
import { clock } from "../training/progress.js";
import { loadTableModel, type TableModel } from "../training/trained-model.js";
import { secondsOf, termsText } from "./curves.js";
import { modelFolder, type RunSettings, readSettings } from "./model-folder.js";
import { examples } from "./options.js";
import { print } from "./progress.js";
import { shrinkageText } from "./shrinkage-text.js";

/** `info`: how a model was made. */
export function addInfo(program: Command): void {
  program
    .command("info")
    .summary("what a model was trained on, how, for how long and how far it came")
    .description(
      "Says of a model its kind, size and settings, the table that it was trained on with every column, how long training took, and " +
        "the loss's terms in the first and the last epoch.",
    )
    .argument("<model>", "folder that train wrote")
    .option("--json", "print it as JSON, with every epoch and the whole configuration")
    .addHelpText("after", examples("info houses-model", "info houses-model --json"))
    .action(info);
}

async function info(folder: string, { json }: { readonly json?: boolean }): Promise<void> {
  const at = modelFolder(folder);
  if (!existsSync(at.weights) && existsSync(at.checkpoint))
    throw new Error(
      `${printable(folder)} holds an unfinished run and no model yet; give train's command again to go on`,
    );
  const model = await loadTableModel(folder);
  const settings = readSettings(at.settings);
  print(json ? JSON.stringify(asData(model, settings), null, 1) : asText(folder, model, settings));
}

function asData(model: TableModel, settings: RunSettings | undefined): object {
  const { family, config, schema, shrinkage, objective, training, seed, history, parameters } = model;
  return {
    kind: family,
    parameters: parameters.values.length,
    run: settings ?? null,
    schema,
    ...(shrinkage && { shrinkage }),
    config,
    objective,
    training,
    seed,
    seconds: secondsOf(history),
    history,
  };
}

function asText(folder: string, model: TableModel, settings: RunSettings | undefined): string {
  const { family, schema, training, seed, history, parameters } = model;
  const features = schema.numeric.length + schema.categorical.length;
  const share = settings?.holdOut?.share ?? 0;
  const shrinkage = shrinkageText(model);
  const rows = settings
    ? `${counted(settings.rows, "row")}${share > 0 ? ` (${100 * share} % of them held out)` : ""}, `
    : "";
  return [
    `${folder}: ${family}, ${counted(parameters.values.length, "parameter")}`,
    `trained on: ${settings?.input ?? "a table that is not named"}; ${rows}${counted(features, "feature")}${schema.labels ? `, target ${schema.labels.name} (not looked at)` : ""}`,
    ...(settings ? [`sum of the table: ${settings.sha256}`, `settings: ${settingsText(settings)}`] : []),
    `training: ${counted(history.length, "epoch")}, batches of ${training.batchSize}, learning rate ${training.learningRate}, seed ${seed}, ${clock(secondsOf(history))}`,
    ...(shrinkage ? [`imputation: ${shrinkage}`] : []),
    "",
    ...(history.length > 0 ? [termsText(history), ""] : []),
    tableText(describeSchema(schema), { max: Number.POSITIVE_INFINITY }),
  ].join("\n");
}

function settingsText({ preset, for: purpose, workers, csv, weights }: RunSettings): string {
  const words = Object.entries({ ...csv, ...weights }).map(([name, value]) => `${name} ${value}`);
  return [`preset ${preset}`, `for ${purpose}`, counted(workers, "thread"), ...words].join(", ");
}
