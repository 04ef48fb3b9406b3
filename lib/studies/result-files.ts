/** Results of a study as a JSON file, a line for every entry of its lists; fuller ones are never lost. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { printable } from "../files/printable.js";
import { writeWhole } from "../files/whole-file.js";

/** What a result file says of where it comes from, as far as it decides which of two is kept. */
export interface ResultProvenance {
  readonly config: object;
  /** How many cells of the study are not finished, so that nothing of theirs is in the results. */
  readonly missing: number;
}

/** What a result file holds: lists (cells, claims, runs), and where they come from. */
export interface ResultFile {
  readonly provenance: ResultProvenance;
  readonly [list: string]: unknown;
}

/**
 * Writes results, numbers with five significant digits. A file that holds more, or something else, is left as it is, which is said
 * on standard error.
 * @throws CannotWrite
 */
export function writeResults(folder: string, name: string, content: ResultFile): void {
  const file = path.join(folder, name);
  const why = whyKept(file, content.provenance);
  if (why) {
    console.error(
      `${printable(file)} is left as it is: ${why}; delete or rename it and run again to have it written`,
    );
    return;
  }
  const lists = Object.entries(content).map(([field, value]) =>
    Array.isArray(value)
      ? `${JSON.stringify(field)}: [\n${value.map((line) => JSON.stringify(line, rounded)).join(",\n")}\n]`
      : `${JSON.stringify(field)}: ${JSON.stringify(value, rounded)}`,
  );
  writeWhole(file, `{\n${lists.join(",\n")}\n}\n`);
}

/** Five significant digits: fewer than any standard error needs. */
const rounded = (_: string, value: unknown) =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;

/** Why a file is not to be replaced: it holds something else, results of another configuration, or of more cells. */
function whyKept(file: string, { config, missing }: ResultProvenance): string | undefined {
  const held = contentOf(file);
  if (!held) return undefined;
  const { provenance } = held;
  if (!provenance) return "it holds no such results";
  if (!isDeepStrictEqual(provenance.config, JSON.parse(JSON.stringify(config, rounded))))
    return "it holds results of another configuration";
  return provenance.missing < missing
    ? `${provenance.missing} cells are missing in it, ${missing} in the new results`
    : undefined;
}

/** What is on disk; `undefined` if there is nothing, or nothing whole. */
function contentOf(file: string): { readonly provenance?: ResultProvenance } | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
