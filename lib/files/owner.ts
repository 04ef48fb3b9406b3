/** Which process a file belongs to, said in the file's name: what a killed process left can be told from what is in use. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";

const PREFIX = ".var-jepa-";

/** `.var-jepa-<machine>-<process>-<its start>-<what>` */
const ownedName = /^\.var-jepa-([0-9a-f]{8})-(\d+)-(\d+)-(.+)$/;

/** A file that a process keeps beside others while it works on them. */
export interface OwnedFile {
  readonly name: string;
  /** The last part of its name. */
  readonly what: string;
  readonly pid: number;
  /**
   * Whether its process is known to have ended: it was a process of this machine (same host name and, on Linux, same
   * process namespace), and there is none of its number or, on Linux, one that started at another time. A process of
   * another machine counts as running, since nothing can be known of it.
   */
  readonly leftBehind: boolean;
}

let own: string | undefined;

/** The name of a file of this process in a folder where others may have theirs; it begins with a dot. */
export function ownedFileName(what: string): string {
  own ??= `${PREFIX}${thisMachine()}-${process.pid}-${processOf(process.pid).start ?? 0}-`;
  return own + what;
}

/** The files of a folder that belong to a process, this one or another; none if there is no such folder. */
export function ownedFiles(folder: string): OwnedFile[] {
  return namesIn(folder).flatMap((name) => {
    const [, machine, pid, start, what] = ownedName.exec(name) ?? [];
    if (machine === undefined) return [];
    const leftBehind = machine === thisMachine() && hasEnded(Number(pid), Number(start));
    return [{ name, what, pid: Number(pid), leftBehind }];
  });
}

/** Removes from a folder what processes left that have ended. */
export function removeLeftBehind(folder: string): void {
  for (const { name, leftBehind } of ownedFiles(folder)) {
    if (!leftBehind) continue;
    try {
      rmSync(path.join(folder, name), { force: true });
    } catch {
      // It belongs to another user, who will remove it.
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

let machine: string | undefined;

function thisMachine(): string {
  machine ??= createHash("sha256").update(`${hostname()} ${processNamespace()}`).digest("hex").slice(0, 8);
  return machine;
}

/** Containers may share a host name, but count their processes apart. */
function processNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

function hasEnded(pid: number, start: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return true;
  }
  const now = processOf(pid);
  return now.ended || (now.start !== undefined && now.start !== start);
}

/** What Linux says of a process: when it started, in ticks since the machine did, and whether only its entry is left. */
function processOf(pid: number): { start?: number; ended: boolean } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold anything; fields are counted from behind it: state is 3, start time 22.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { start: Number(fields[19]), ended: fields[0] === "Z" || fields[0] === "X" };
  } catch {
    return { ended: false };
  }
}
