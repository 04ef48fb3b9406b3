/** What `train` keeps in a folder: the model, and the run that is under way. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { differingField } from "../checks.js";
import type { HoldOut } from "../data/tables/hold-out.js";
import { writeWhole } from "../files/whole-file.js";
import type { TermWeights } from "../losses/term.js";
import type { CsvOptions } from "./options.js";

/** The settings of `train`, as plain JSON. */
export interface RunSettings {
  readonly input: string;
  /** Sum of the table as it was read (`tableSha256`). */
  readonly sha256: string;
  readonly rows: number;
  readonly csv: CsvOptions;
  readonly kind: string;
  readonly preset: string;
  readonly for: string;
  readonly seed: number;
  readonly epochs: number;
  readonly workers: number;
  /** The rows that were not trained on. */
  readonly holdOut?: HoldOut;
  /** Of the others, those that were not trained on either: how far columns are shrunk was chosen on them. */
  readonly chosenOn?: HoldOut;
  readonly weights?: TermWeights;
}

/** Paths of a folder's files. */
export interface ModelFolder {
  readonly weights: string;
  /** For people to read. */
  readonly description: string;
  /** Every step's terms, and a drawing of every epoch's. */
  readonly log: string;
  readonly curves: string;
  /** How the model was made. */
  readonly settings: string;
  /** The run under way, and how its model is made. */
  readonly checkpoint: string;
  readonly checkpointSettings: string;
}

/** Where the files of a model lie in its folder. */
export function modelFolder(folder: string): ModelFolder {
  const at = (name: string) => path.join(folder, name);
  return {
    weights: at("weights.safetensors"),
    description: at("model.json"),
    log: at("log.csv"),
    curves: at("curves.svg"),
    settings: at("run.json"),
    checkpoint: at("checkpoint.safetensors"),
    checkpointSettings: at("checkpoint.json"),
  };
}

/** Every file of a model's folder, as what a command must not write over. */
export function filesOfModel(folder: string): string[] {
  return existsSync(folder) ? Object.values(modelFolder(folder)) : [];
}

/** Settings kept in a file, or `undefined`: a model that `saveModel` wrote elsewhere has none. */
export function readSettings(file: string): RunSettings | undefined {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

/** Keeps settings in a file, whole or not at all. */
export function writeSettings(file: string, settings: RunSettings): void {
  writeWhole(file, `${JSON.stringify(settings, null, 1)}\n`);
}

/** Forgets the run under way; a finished model stays. */
export function dropRun({ checkpoint, checkpointSettings }: ModelFolder): void {
  for (const file of [checkpoint, checkpointSettings]) rmSync(file, { force: true });
}
/** @throws naming the setting that a run in the folder has otherwise. */
export function checkSameSettings(folder: string, before: RunSettings, now: RunSettings): void {
  const { input: _, ...present } = JSON.parse(JSON.stringify(now)) as RunSettings;
  const { input: __, ...past } = before;
  const field = differingField(past, present) as keyof typeof past | undefined;
  if (field === undefined) return;
  throw new Error(
    field === "sha256"
      ? `${folder} holds an unfinished run on other data; give the same file, name another folder, or add --fresh`
      : `${folder} holds an unfinished run with ${field} ${JSON.stringify(past[field]) ?? "not given"}, this one has ${JSON.stringify(present[field]) ?? "none"}; set it back, name another folder, or add --fresh`,
  );
}
