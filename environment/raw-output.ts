/**
 * What is written to the kernel's standard output and error past `process.stdout` and `process.stderr`: by programs
 * that a cell starts, by `fs.writeSync`, by native code. What starts the kernel hands it back to the kernel, where it arrives
 * apart from what cells print; marks written into it say which came first.
 */
import { writeSync } from "node:fs";
import type { Printed } from "./stream-writer.js";

type Name = Printed["name"];

/** The file descriptors of the kernel's process; from the third on it has them from `kernel.ts`. */
export const descriptors = {
  stdout: 1,
  stderr: 2,
  readStdout: 3,
  readStderr: 4,
  /** Jupyter's log. */
  log: 5,
  /** A byte comes for each SIGINT. */
  interrupts: 6,
} as const;

/** A piece of raw output, or the number of a mark in it. */
export type RawPiece = Buffer | number;

const digits = 10;
/** How long a full pipe may keep a mark waiting, in milliseconds. */
const patience = 1000;

/** Writes the mark of a number (below 10¹⁰) with a key (a UUID) into both raw outputs; false when one of them does not take it. */
export function writeMark(key: string, serial: number): boolean {
  const mark = Buffer.from(`\0${key}${String(serial).padStart(digits, "0")}`);
  return [descriptors.stdout, descriptors.stderr].map((each) => writeAll(each, mark)).every(Boolean);
}

function writeAll(descriptor: number, bytes: Buffer): boolean {
  const giveUp = Date.now() + patience;
  for (let sent = 0; sent < bytes.length; ) {
    try {
      sent += writeSync(descriptor, bytes, sent);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN" || Date.now() > giveUp) return false;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
  return true;
}

/** A raw output as it is without its marks. */
export function withoutMarks(text: string): string {
  return text.replace(/\0[0-9a-f-]{36}\d{10}/g, "");
}

/** Finds the marks with a key in raw output that comes in chunks cut anywhere. */
export function markFinder(key: string): (chunk: Buffer) => RawPiece[] {
  const start = Buffer.from(`\0${key}`);
  const length = start.length + digits;
  let rest = Buffer.alloc(0);
  return (chunk) => {
    const pieces: RawPiece[] = [];
    rest = Buffer.concat([rest, chunk]);
    for (let at = rest.indexOf(start); at >= 0 && at + length <= rest.length; at = rest.indexOf(start)) {
      if (at > 0) pieces.push(rest.subarray(0, at));
      pieces.push(Number(rest.toString("latin1", at + start.length, at + length)));
      rest = rest.subarray(at + length);
    }
    const keep = unfinishedMark(rest, start, length);
    if (keep < rest.length) pieces.push(rest.subarray(0, rest.length - keep));
    rest = rest.subarray(rest.length - keep);
    return pieces;
  };
}

/** How many bytes at the end may be the beginning of a mark. */
function unfinishedMark(bytes: Buffer, start: Buffer, length: number): number {
  for (
    let at = bytes.indexOf(0, Math.max(0, bytes.length - length));
    at >= 0;
    at = bytes.indexOf(0, at + 1)
  ) {
    const compared = Math.min(start.length, bytes.length - at);
    if (bytes.subarray(at, at + compared).equals(start.subarray(0, compared))) return bytes.length - at;
  }
  return 0;
}

/**
 * Lets the kernel's messages and both raw outputs meet at each mark: whoever comes there first waits for the
 * others, though never longer than a second, for one of them may be closed.
 */
export function createMeetings(): (who: Name | "messages", mark: number) => Promise<void> {
  const arrived = { stdout: 0, stderr: 0, messages: 0 };
  let waiting: { mark: number; go(): void }[] = [];
  return (who, mark) => {
    arrived[who] = mark;
    const everyone = Math.min(...Object.values(arrived));
    for (const { go } of waiting.filter((each) => each.mark <= everyone)) go();
    waiting = waiting.filter((each) => each.mark > everyone);
    if (mark <= everyone) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patience);
      waiting.push({
        mark,
        go() {
          clearTimeout(timer);
          resolve();
        },
      });
    });
  };
}
