/**
 * Finished cells on disk, so that a study goes on where it stopped: one JSON file each, or a folder with the same as
 * `cell.json` for a training, which keeps its checkpoint and its model beside it. They are found by the key at the end of
 * their names, so that a label may change.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { type FolderLock, InUse, lockFolder } from "../files/folder-lock.js";
import { printable } from "../files/printable.js";
import { writeWhole } from "../files/whole-file.js";
import { projectFolder } from "../settings.js";
import { type Cell, cellKey, cellName, nameOf, SHORT, shortKey, versionsOf } from "./cell.js";
import { codeCommit, libraryVersion } from "./provenance.js";

/** Where and when a result was made. */
export interface CellProvenance {
  /** `describeEngine` of what computed. */
  readonly engine: string;
  readonly version: string;
  readonly commit?: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** What it cost, all sittings together. */
  readonly seconds: number;
}

/** A cell as it lies on disk, with its result: plain JSON. */
export interface FinishedCell<Result = unknown> extends Omit<Cell, "computations"> {
  readonly key: string;
  /** With their versions. */
  readonly computations: Readonly<Record<string, number>>;
  readonly provenance: CellProvenance;
  readonly result: Result;
}

/** What is known when a cell is finished, beside its result. */
export type Making = Omit<CellProvenance, "version" | "commit">;

const INSIDE = "cell.json";

/** Where cells lie: the project's `runs/`, or what the environment variable `VARJEPA_RUNS` names. */
export function runsFolder(): string {
  return process.env.VARJEPA_RUNS ?? path.join(projectFolder, "runs");
}

/** A finished cell, or `undefined`; a file that is not whole counts as absent, which is said on standard error, once. */
export function readCell<Result>(cell: Cell, runs = runsFolder()): FinishedCell<Result> | undefined {
  const file = fileOf(cell, runs);
  return existsSync(file) ? (readFinished(file, cellKey(cell)) as FinishedCell<Result>) : undefined;
}

/** Keeps a result. @throws CannotWrite when that cannot be done. */
export function writeCell<Result>(
  cell: Cell,
  result: Result,
  making: Making,
  runs = runsFolder(),
): FinishedCell<Result> {
  const { study, arm, seed, computations, configuration, data, engine: kind } = cell;
  const key = cellKey(cell);
  const finished = {
    ...{ study, arm, seed, key, computations: versionsOf(computations), configuration, data, engine: kind },
    provenance: { version: libraryVersion(), commit: codeCommit(), ...making },
    result,
  };
  writeWhole(fileOf(cell, runs), JSON.stringify(finished, null, 1));
  return finished;
}

/** The folder of a cell that keeps more than one file, made if need be; `writeCell` then writes into it. */
export function cellFolder(cell: Cell, runs = runsFolder()): string {
  const folder = path.join(runs, entryOf(cell, runs) ?? cellName(cell));
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Keeps other processes from making a cell until `release` or the end of this process; `undefined` if one makes it. */
export function claimCell(cell: Cell, runs = runsFolder()): FolderLock | undefined {
  mkdirSync(runs, { recursive: true });
  try {
    return lockFolder(runs, `claim-${shortKey(cell)}`);
  } catch (error) {
    if (error instanceof InUse) return undefined;
    throw error;
  }
}

/** The same, once no other process makes it. */
export async function claimWhenFree(cell: Cell, runs = runsFolder()): Promise<FolderLock> {
  for (;;) {
    const claim = claimCell(cell, runs);
    if (claim) return claim;
    await betweenClaims();
  }
}

/** A wait, not always as long: of two processes that claim a cell at the same moment both are refused. */
export function betweenClaims(): Promise<void> {
  return setTimeout(200 + 300 * Math.random());
}

/** Every finished cell of a folder; those that are not whole are left out, which is said. */
export function finishedCells(runs = runsFolder()): FinishedCell[] {
  return finishedFiles(runs).flatMap((file) => readFinished(path.join(runs, file)) ?? []);
}

/**
 * Copies the finished cells of a folder, or of a file of `packCells`, that another folder has not; a training with its checkpoint
 * and its model. Killed on the way, it leaves whole cells, and goes on when it is started again.
 * @returns how many were copied and how many were there already
 * @throws when there is nothing of that name, or a file holds something else; InUse when a process makes one of the cells here;
 * CannotWrite when one cannot be written.
 */
export function mergeCells(from: string, into = runsFolder()): { copied: number; known: number } {
  if (!existsSync(from)) throw new Error(`there is no ${printable(from)}; name a folder or a file of cells`);
  const counts = { copied: 0, known: 0 };
  const take = ({ key }: FinishedCell, source: string, inside: string, write: (folder: string) => void) => {
    const target = entryOfKey(key.slice(0, SHORT), into) ?? source;
    const here = path.join(into, target, inside);
    if (existsSync(here) && readFinished(here, key)) {
      counts.known++;
      return;
    }
    mkdirSync(into, { recursive: true });
    const claim = lockFolder(into, `claim-${key.slice(0, SHORT)}`);
    try {
      write(path.join(into, target));
    } finally {
      claim.release();
    }
    counts.copied++;
  };
  if (statSync(from).isFile()) {
    for (const cell of packedCells(from))
      take(cell, `${nameOf(cell, cell.key)}.json`, "", (file) =>
        writeWhole(file, JSON.stringify(cell, null, 1)),
      );
    return counts;
  }
  for (const file of finishedFiles(from)) {
    const cell = readFinished(path.join(from, file));
    if (!cell) continue;
    const [source, inside = ""] = file.split(path.sep);
    take(cell, source, inside, (target) => {
      // The cell itself last: a folder without it is not finished, and a checkpoint needs the records of its epochs.
      const beside = inside ? filesIn(path.join(from, source)).filter((name) => name !== INSIDE) : [];
      for (const name of [...beside.sort(checkpointsLast), inside])
        writeWhole(path.join(target, name), readFileSync(path.join(from, source, name)));
    });
  }
  return counts;
}

/**
 * Writes those of the cells that are finished to one file, a line of JSON each, without what trainings keep beside them: small
 * enough to lie beside the results, so that others go on from there (`mergeCells`). Those
 * of them that the file holds already are kept; what it holds of others, such as those of an earlier plan, is dropped.
 * @returns how many it holds then, and how many were dropped
 * @throws when the file holds something else; CannotWrite
 */
export function packCells(
  cells: readonly Cell[],
  file: string,
  runs = runsFolder(),
): { held: number; dropped: number } {
  const held = new Map(existsSync(file) ? packedCells(file).map((cell) => [cell.key, cell]) : []);
  const asked = new Map(cells.map((cell) => [cellKey(cell), cell]));
  const found = [...asked].flatMap(([key, cell]) => readCell(cell, runs) ?? held.get(key) ?? []);
  writeWhole(file, found.map((cell) => `${JSON.stringify(cell)}\n`).join(""));
  return { held: found.length, dropped: [...held.keys()].filter((key) => !asked.has(key)).length };
}

/** The cells of a file of `packCells`. @throws naming the first line that is none. */
function packedCells(file: string): FinishedCell[] {
  const lines = readFileSync(file, "utf8").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line, i) => {
    try {
      return finishedCell(line);
    } catch (error) {
      const why = printable((error as Error).message);
      throw new Error(
        `line ${i + 1} of ${printable(file)} is not a finished cell (${why}); name a folder of cells or a file that studies pack wrote`,
      );
    }
  });
}

const checkpointsLast = (a: string, b: string) =>
  Number(a.includes("checkpoint")) - Number(b.includes("checkpoint"));

/** Files below a folder, by their paths in it, but for those that processes work with, whose names begin with a dot. */
function filesIn(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).filter(
    (name) => !path.basename(name).startsWith(".") && statSync(path.join(folder, name)).isFile(),
  );
}

/** Files of finished cells, by their paths in the folder; other things lie in it too. */
function finishedFiles(runs: string): string[] {
  return namesIn(runs)
    .filter((name) => /-[0-9a-f]{12}(\.json)?$/.test(name))
    .map((name) => (name.endsWith(".json") ? name : path.join(name, INSIDE)))
    .filter((file) => existsSync(path.join(runs, file)));
}

function fileOf(cell: Cell, runs: string): string {
  const entry = entryOf(cell, runs) ?? `${cellName(cell)}.json`;
  return path.join(runs, entry.endsWith(".json") ? entry : path.join(entry, INSIDE));
}

function entryOf(cell: Cell, runs: string): string | undefined {
  return entryOfKey(shortKey(cell), runs);
}

/** The file or folder of a key, whatever its labels. */
function entryOfKey(short: string, runs: string): string | undefined {
  return namesIn(runs).find((name) => name.endsWith(`-${short}.json`) || name.endsWith(`-${short}`));
}

function namesIn(folder: string): string[] {
  if (existsSync(folder) && !statSync(folder).isDirectory())
    throw new Error(`${printable(folder)} is a file; name a folder of cells`);
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith(".")) : [];
}

const saidBroken = new Set<string>();

/** @param key what its key must be, if that is known */
function readFinished(file: string, key?: string): FinishedCell | undefined {
  try {
    return finishedCell(readFileSync(file, "utf8"), key);
  } catch (error) {
    const { message } = error as Error;
    if (!saidBroken.has(file))
      console.error(`${printable(file)} is not a finished cell (${printable(message)}); it is made again`);
    saidBroken.add(file);
    return undefined;
  }
}

/** @param key what its key must be, if that is known. @throws when the text is no finished cell, or another. */
function finishedCell(text: string, key?: string): FinishedCell {
  const found = JSON.parse(text);
  if (found?.result === undefined || found.provenance === undefined) throw new Error("it holds no result");
  if (typeof found.key !== "string" || (key ?? found.key) !== found.key)
    throw new Error("it is the result of something else");
  return found;
}
