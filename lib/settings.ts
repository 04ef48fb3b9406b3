import path from "node:path";
import { fileURLToPath } from "node:url";

/** How much work a reproduction does: `quick` fits a coffee break, `standard` is the paper's study. */
export type Preset = "quick" | "standard";

/** The project's own folder (where `package.json` stands). */
export const projectFolder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/**
 * The preset of this process: the environment variable `VARJEPA_PRESET`, `quick` when it is not set.
 * @throws when the variable holds any other word.
 */
export function currentPreset(): Preset {
  const value = process.env.VARJEPA_PRESET ?? "quick";
  if (value !== "quick" && value !== "standard")
    throw new Error(`VARJEPA_PRESET is "${value}"; use "quick" or "standard"`);
  return value;
}

/**
 * Where figures and tables are written: `figures/` for the standard preset (these are committed), else
 * `figures/quick/`, so that a quick look never overwrites the full study. `VARJEPA_FIGURES` names another folder.
 */
export function figuresFolder(preset: Preset = currentPreset()): string {
  const folder = process.env.VARJEPA_FIGURES ?? path.join(projectFolder, "figures");
  return preset === "standard" ? folder : path.join(folder, preset);
}
