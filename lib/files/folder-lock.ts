import { closeSync, existsSync, mkdirSync, openSync, rmdirSync, rmSync } from "node:fs";
import path from "node:path";
import { ownedFileName, ownedFiles } from "./owner.js";
import { printable } from "./printable.js";
import { writeProblem } from "./whole-file.js";

const LOCK = "lock";

/** A folder, or a part of one, that is ours until `release`, or until this process ends. */
export interface FolderLock {
  release(): void;
}

/** What another process, or this one, works on. */
export class InUse extends Error {}

/** Locks of this process: released when it ends by `process.exit`. */
const held = new Set<() => void>();

process.on("exit", () => {
  for (const release of held) release();
});

/**
 * Keeps other processes from working in a folder, which is made if need be; `release` removes it if it was made here and
 * is still empty. The lock is an empty file that names its process, so that one whose process was killed counts no longer
 * (`OwnedFile` says how that is known). Of two that start at the same moment both may be refused, never none.
 * @param part what of the folder is meant, if not all of it; locks of other parts do not count
 * @throws InUse when another process, or this one, works there; CannotWrite when no lock can be made.
 */
export function lockFolder(folder: string, part = LOCK): FolderLock {
  const made = !existsSync(folder);
  const lock = path.join(folder, ownedFileName(part));
  const release = () => {
    held.delete(release);
    rmSync(lock, { force: true });
    if (made) removeIfEmpty(folder);
  };
  claim(folder, lock);
  for (const { name, what, pid, leftBehind } of ownedFiles(folder)) {
    const file = path.join(folder, name);
    if (what !== part || file === lock) continue;
    if (leftBehind) {
      rmSync(file, { force: true });
      continue;
    }
    release();
    throw inUse(folder, pid, file);
  }
  held.add(release);
  return { release };
}

function claim(folder: string, lock: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    closeSync(openSync(lock, "wx"));
  } catch (error) {
    if (existsSync(lock)) throw inUse(folder, process.pid, lock);
    throw writeProblem(folder, error);
  }
}

function inUse(folder: string, pid: number, lock: string): Error {
  return new InUse(
    `${printable(folder)} is in use by process ${pid}; wait until it ends or name another folder (if it ran on another machine and has ended, delete ${printable(lock)})`,
  );
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It is not empty.
  }
}
