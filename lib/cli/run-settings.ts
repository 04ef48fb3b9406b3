/** How the model in a folder is made: what decides whether a run that was killed may go on. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { writeWhole } from "../files/whole-file.js";
import type { TabularElboWeights } from "../losses/tabular-elbo.js";
import type { CsvOptions } from "./options.js";

/** The settings of `train`, as plain JSON. */
export interface RunSettings {
  readonly input: string;
  /** Sum of the table as it was read (`tableSha256`). */
  readonly sha256: string;
  readonly csv: CsvOptions;
  readonly kind: string;
  readonly preset: string;
  readonly for: string;
  readonly seed: number;
  readonly epochs: number;
  readonly workers: number;
  readonly weights?: Partial<TabularElboWeights>;
}

const FILE = "run.json";

/** The settings kept in a folder, or `undefined`: a model that `saveModel` wrote elsewhere has none. */
export function readSettings(folder: string): RunSettings | undefined {
  const file = path.join(folder, FILE);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

/** Keeps the settings in a folder, which is made if need be. */
export async function writeSettings(folder: string, settings: RunSettings): Promise<void> {
  writeWhole(path.join(folder, FILE), `${JSON.stringify(settings, null, 1)}\n`);
}

/** @throws naming the setting that a run in the folder has otherwise. */
export function checkSameSettings(folder: string, before: RunSettings, now: RunSettings): void {
  const { input: _, ...present } = JSON.parse(JSON.stringify(now)) as RunSettings;
  const { input: __, ...past } = before;
  for (const field of new Set([...Object.keys(past), ...Object.keys(present)]) as Set<keyof typeof past>)
    if (!isDeepStrictEqual(past[field], present[field]))
      throw new Error(
        field === "sha256"
          ? `${folder} holds an unfinished run on other data; give the same file, name another folder, or add --fresh`
          : `${folder} holds an unfinished run with ${field} ${JSON.stringify(past[field]) ?? "not given"}, this one has ${JSON.stringify(present[field]) ?? "none"}; set it back, name another folder, or add --fresh`,
      );
}
