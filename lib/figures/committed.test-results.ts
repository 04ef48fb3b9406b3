import { readFileSync } from "node:fs";
import path from "node:path";
import { projectFolder } from "../settings.js";

/** A file of the committed results, by its name in `figures/`. */
export function committed<Result>(name: string): Result {
  return JSON.parse(readFileSync(path.join(projectFolder, "figures", name), "utf8"));
}
