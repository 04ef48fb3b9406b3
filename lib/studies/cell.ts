/** A cell of a study: one result, keyed by what was asked for and never by the text of the code. */
import { createHash } from "node:crypto";
import type { Engine } from "../engine/backend.js";
import { computationVersions } from "./computations.js";

/** What is asked for. `study` and `arm` are for people: they name the file and do not count in the key. */
export interface Cell {
  readonly study: string;
  /** May be empty. */
  readonly arm: string;
  /** Which repetition; everything else that is drawn at random is in the configuration. */
  readonly seed: number;
  /** Everything that the result is made by. */
  readonly computations: readonly string[];
  /** Everything that fixes the result, the seed aside: plain JSON, named settings written out. */
  readonly configuration: object;
  /** Sum of the data, where they are read and not made from the configuration. */
  readonly data?: string;
  /** `engineKind` of what computes, where bits depend on it. */
  readonly engine?: string;
}

/**
 * The key of a cell, 64 hexadecimal digits. The order of a record's fields, fields that are `undefined`, and labels do not count.
 * @throws when a number of the configuration is not finite, which JSON cannot say.
 */
export function cellKey(
  cell: Cell,
  versions: Readonly<Record<string, number>> = computationVersions,
): string {
  const { seed, computations, configuration, data, engine } = cell;
  const asked = { seed, configuration, data, engine, versions: versionsOf(computations, versions) };
  return createHash("sha256").update(JSON.stringify(asked, sortedFields)).digest("hex");
}

/**
 * The computations of a cell with their versions.
 * @throws when one has no version.
 */
export function versionsOf(
  computations: readonly string[],
  versions: Readonly<Record<string, number>> = computationVersions,
): Record<string, number> {
  return Object.fromEntries(
    computations.map((name) => {
      if (versions[name] === undefined)
        throw new Error(
          `the computation "${name}" has no version; give it one in lib/studies/computations.ts`,
        );
      return [name, versions[name]];
    }),
  );
}

/** The end of a cell's file or folder name by which it is found: the key's first twelve digits. */
export function shortKey(cell: Cell): string {
  return cellKey(cell).slice(0, SHORT);
}

/** Digits of a key in a name. */
export const SHORT = 12;

/** The name of a cell's file or folder, without ending: study, arm, seed, short key. */
export function cellName(cell: Cell): string {
  return nameOf(cell, cellKey(cell));
}

/** The same of a cell whose key is known. */
export function nameOf({ study, arm, seed }: Pick<Cell, "study" | "arm" | "seed">, key: string): string {
  const label = [study, arm, seed].filter((word) => word !== "").join("-");
  return `${label.replace(/[^\w.]+/g, "-").slice(0, 100)}-${key.slice(0, SHORT)}`;
}

/** What the bits of a result depend on, of an engine: its package, and on wasm the build of its kernels. */
export function engineKind({ source, kernels }: Engine): string {
  return kernels ? `${source} ${kernels}` : source;
}

function sortedFields(field: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value))
    throw new Error(`${field} of a cell's configuration is ${value}; use a finite number`);
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
