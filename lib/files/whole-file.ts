/**
 * Everything that this project writes is written here, so that a file is either whole or what it was before, also when the
 * disk is full, the process is killed or the power fails: the bytes go to a temporary file in the same folder, all
 * of them however many a single write takes, the file is brought to the disk, its size checked, then it gets its name, and
 * the folder is brought to the disk. Temporary files of processes that have ended are removed when their folder is
 * next written to (`OwnedFile` says how that is known).
 */
import { randomBytes } from "node:crypto";
// Not by name: tests put other functions in the place of these.
import fs from "node:fs";
import path from "node:path";
import { setImmediate } from "node:timers/promises";
import { ownedFileName, removeLeftBehind } from "./owner.js";
import { printable } from "./printable.js";

/** Appends to a file that is being written. */
export type Append = (chunk: string | Uint8Array) => Promise<void>;

/** A file could not be written; the message says why and what to do, and what was there before is unchanged. */
export class CannotWrite extends Error {}

/** Bytes that are gathered before they are written. */
const AT_ONCE = 1 << 16;

/** Bytes after which timers and signals have their turn. */
const BETWEEN_TURNS = 1 << 20;

/**
 * Writes a file, whole or not at all, and its folder if need be.
 * @throws CannotWrite naming the file and the fix; what was there before is unchanged.
 */
export function writeWhole(file: string, content: string | Uint8Array): void {
  const started = begin(file);
  try {
    put(started, content);
    settle(started);
    name(started);
  } finally {
    discard(started);
  }
}

/**
 * Writes a file piece by piece, whole or not at all, and its folder if need be. Memory does not grow with the file.
 * @throws CannotWrite naming the file and the fix, or what `write` throws; what was there before is unchanged.
 */
export async function writePieces(file: string, write: (append: Append) => Promise<void>): Promise<void> {
  await writeTogether([{ file, write }]);
}

/** A file and what writes it. */
export interface FilePieces {
  readonly file: string;
  readonly write: (append: Append) => Promise<void>;
}

/**
 * Writes files one after another as `writePieces` does, all of them or none: the first gets its name when the bytes of the
 * last are on the disk. From then on only what keeps a file from being renamed, a kill or the power, can leave some without.
 * @throws as `writePieces` does; once a file has its name, naming those that have.
 */
export async function writeTogether(files: readonly FilePieces[]): Promise<void> {
  const all: Started[] = [];
  try {
    for (const { file, write } of files) {
      const started = begin(file);
      all.push(started);
      let nextTurn = BETWEEN_TURNS;
      await write(async (chunk) => {
        put(started, chunk);
        if (started.bytes < nextTurn) return;
        nextTurn = started.bytes + BETWEEN_TURNS;
        await setImmediate();
      });
      settle(started);
    }
    for (const [i, started] of all.entries()) {
      try {
        name(started);
      } catch (error) {
        if (i === 0) throw error;
        const written = all.slice(0, i).map(({ file }) => printable(file));
        throw new CannotWrite(`${(error as Error).message}; written anew already: ${written.join(", ")}`, {
          cause: error,
        });
      }
    }
  } finally {
    for (const started of all) discard(started);
  }
}

/** Whether a file can be written; nothing is changed, nor left behind. @throws CannotWrite when it cannot. */
export function checkWritable(file: string): void {
  explaining(file, () => {
    const before = checkReplaceable(file);
    let folder = path.dirname(before ? fs.realpathSync(file) : path.resolve(file));
    while (!fs.existsSync(folder) && folder !== path.dirname(folder)) folder = path.dirname(folder);
    const trial = path.join(folder, temporaryName());
    fs.closeSync(fs.openSync(trial, "wx"));
    fs.rmSync(trial);
  });
}

/** A failure to write as a sentence that names the file; anything else stays as it is. */
export function writeProblem(file: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof CannotWrite || code === undefined) return error;
  // Node's own message goes on with what was called on which file, which may be a temporary one: `EBUSY: text, open '…'`.
  const described = message.replace(/^[A-Z\d]+: /, "").replace(/, \w+( '.*)?$/s, "");
  const [why, fix] = reasons[code] ?? [described, "mend that and do it again"];
  return new CannotWrite(
    `${printable(file)} could not be written: ${why} (${code}); what was there before is unchanged; ${fix}`,
    { cause: error },
  );
}

const full = ["the disk is full", "make room and do it again"] as const;
const forbidden = ["writing there is not allowed", "name another place or change its permissions"] as const;
const noFolder = ["a part of its path is a file, not a folder", "name another place"] as const;

/** By error code: what it means, and what to do. */
const reasons: Readonly<Record<string, readonly [string, string]>> = {
  ENOSPC: full,
  EDQUOT: ["the disk quota is used up", full[1]],
  EFBIG: ["it is larger than a file may be there", "name another place"],
  EACCES: forbidden,
  EPERM: forbidden,
  EROFS: ["the file system is read-only", "name another place"],
  ENOTDIR: noFolder,
  EEXIST: noFolder,
  ENOENT: ["its folder is gone, or a link to it leads nowhere", "make the folder and do it again"],
  ENAMETOOLONG: ["its name is too long", "give it a shorter one"],
  EIO: ["the disk reports an error", "name another place, and look after the disk"],
};

/** A file under way. */
interface Started {
  /** As it was named. */
  readonly file: string;
  /** Behind symbolic links. */
  readonly target: string;
  readonly temporary: string;
  descriptor: number | undefined;
  /** Given to `put` so far. */
  bytes: number;
  /** What is not written yet: the first `filled` bytes. */
  readonly gathered: Buffer;
  filled: number;
}

function begin(file: string): Started {
  return explaining(file, () => {
    const before = checkReplaceable(file);
    const target = before ? fs.realpathSync(file) : path.resolve(file);
    const folder = path.dirname(target);
    fs.mkdirSync(folder, { recursive: true });
    if (!tidied.has(folder)) removeLeftBehind(folder);
    tidied.add(folder);
    const temporary = path.join(folder, temporaryName());
    underWay.add(temporary);
    const descriptor = fs.openSync(temporary, "wx");
    if (before) keepOwner(descriptor, before);
    const gathered = Buffer.allocUnsafe(AT_ONCE);
    return { file, target, temporary, descriptor, bytes: 0, gathered, filled: 0 };
  });
}

function put(started: Started, chunk: string | Uint8Array): void {
  const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  started.bytes += bytes.length;
  if (started.filled + bytes.length > AT_ONCE) flush(started);
  if (bytes.length > AT_ONCE) writeAll(started, bytes);
  else {
    started.gathered.set(bytes, started.filled);
    started.filled += bytes.length;
  }
}

function flush(started: Started): void {
  writeAll(started, started.gathered.subarray(0, started.filled));
  started.filled = 0;
}

/** In as many writes as it takes: one may write less than it is given, on a disk that is getting full for instance. */
function writeAll({ file, descriptor }: Started, bytes: Uint8Array): void {
  explaining(file, () => {
    for (let at = 0; at < bytes.length; ) {
      const written = fs.writeSync(descriptor as number, bytes, at, bytes.length - at);
      if (written === 0) throw refusal(file, "the disk takes no more bytes", full[1]);
      at += written;
    }
  });
}

/** Brings all bytes to the disk, under the temporary name. */
function settle(started: Started): void {
  flush(started);
  const { file, bytes } = started;
  explaining(file, () => {
    const descriptor = started.descriptor as number;
    fs.fsyncSync(descriptor);
    const { size } = fs.fstatSync(descriptor);
    if (size !== bytes) throw refusal(file, `${size} of ${bytes} bytes are on the disk`, full[1]);
    started.descriptor = undefined;
    fs.closeSync(descriptor);
  });
}

function name({ file, target, temporary }: Started): void {
  explaining(file, () => fs.renameSync(temporary, target));
  underWay.delete(temporary);
  syncFolder(path.dirname(target));
}

/** Removes what is not finished. */
function discard({ temporary, descriptor }: Started): void {
  if (!underWay.delete(temporary)) return;
  if (descriptor !== undefined) fs.closeSync(descriptor);
  fs.rmSync(temporary, { force: true });
}

/** Without this a new name may be lost with the power. Some file systems, and Windows, cannot. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const descriptor = fs.openSync(folder, "r");
  try {
    fs.fsyncSync(descriptor);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!["EINVAL", "ENOTSUP", "EPERM", "EBADF"].includes(code)) throw error;
  } finally {
    fs.closeSync(descriptor);
  }
}

/** What stands in the file's place, if anything does. @throws when that is no file. */
function checkReplaceable(file: string): fs.Stats | undefined {
  const before = fs.statSync(file, { throwIfNoEntry: false });
  if (before?.isDirectory()) throw refusal(file, "it is a folder", "name a file");
  if (before && !before.isFile()) throw refusal(file, "it is a device, a pipe or a socket", "name a file");
  return before;
}

/** A file that replaces another has its permissions and, where that is allowed, its owner. */
function keepOwner(descriptor: number, { mode, uid, gid }: fs.Stats): void {
  fs.fchmodSync(descriptor, mode & 0o777);
  const present = fs.fstatSync(descriptor);
  if (present.uid === uid && present.gid === gid) return;
  try {
    fs.fchownSync(descriptor, uid, gid);
  } catch {
    // Only the superuser may give files away.
  }
}

function refusal(file: string, why: string, fix: string): CannotWrite {
  return new CannotWrite(
    `${printable(file)} could not be written: ${why}; what was there before is unchanged; ${fix}`,
  );
}

function explaining<T>(file: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw writeProblem(file, error);
  }
}

function temporaryName(): string {
  return ownedFileName(`${randomBytes(4).toString("hex")}.tmp`);
}

/** Folders from which this process has removed what others left. */
const tidied = new Set<string>();

/** Temporary files of this process: removed when it ends by `process.exit`. */
const underWay = new Set<string>();

process.on("exit", () => {
  for (const temporary of underWay) fs.rmSync(temporary, { force: true });
});
