/** Keeps finished runs on disk so that an interrupted study continues where it stopped. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { writeWhole } from "../files/whole-file.js";
import { projectFolder } from "../settings.js";

/** A folder of finished runs, one JSON file each. */
export interface RunStore {
  readonly folder: string;
  /** The stored run of a name, or `undefined`. A file that is not whole JSON counts as absent. */
  get(name: string): unknown;
  set(name: string, result: unknown): void;
}

/**
 * Opens the store of one configuration: runs made with another configuration or other code are never reused.
 * `VARJEPA_RUNS` names another parent folder than the project's `runs/`.
 * @param program URL of the module that makes a run; it and all that it imports count as the code
 * @param fresh forget what is stored
 */
export function openRunStore(study: string, config: unknown, program: URL, fresh = false): RunStore {
  const parent = process.env.VARJEPA_RUNS ?? path.join(projectFolder, "runs");
  const folder = path.join(parent, `${study}-${fingerprint(config, program)}`);
  if (fresh) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const fileOf = (name: string) => path.join(folder, `${name}.json`);
  return {
    folder,
    get(name) {
      if (!existsSync(fileOf(name))) return undefined;
      try {
        return JSON.parse(readFileSync(fileOf(name), "utf8"));
      } catch {
        return undefined;
      }
    },
    set(name, result) {
      writeWhole(fileOf(name), JSON.stringify(result));
    },
  };
}

/** Twelve hexadecimal digits of configuration, engine and code together; comments and layout do not count. */
function fingerprint(config: unknown, program: URL): string {
  const { VARJEPA_ENGINE, VARJEPA_KERNELS } = process.env;
  const hash = createHash("sha256").update(JSON.stringify([config, VARJEPA_ENGINE, VARJEPA_KERNELS]));
  const kernels = fileURLToPath(new URL("../engine/kernels/", import.meta.url));
  for (const file of readdirSync(kernels)
    .filter((name) => name.endsWith(".wasm"))
    .sort())
    hash.update(readFileSync(path.join(kernels, file)));
  for (const file of [...importedFiles(fileURLToPath(program))].sort()) {
    const code = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
    hash.update(code.replace(/\s+/g, ""));
  }
  return hash.digest("hex").slice(0, 12);
}

/** A built module and every file of the library that it imports, directly or not. */
function importedFiles(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, relative] of readFileSync(file, "utf8").matchAll(/from "(\.{1,2}\/[^"]+)"/g))
    importedFiles(path.resolve(path.dirname(file), relative), found);
  return found;
}
