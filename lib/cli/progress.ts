import { printableLines } from "../files/printable.js";
import { progressLine } from "../training/progress.js";

/** Seconds between two lines where a line cannot be rewritten. */
const SECONDS_BETWEEN = 10;

/**
 * Takes text that begins with a carriage return and rewrites itself, on standard error. Where that is no terminal, only
 * the first text, one every ten seconds and the last become lines.
 */
export function progressWriter(): (text: string) => void {
  if (process.stderr.isTTY) return (text) => process.stderr.write(text);
  let last = Number.NEGATIVE_INFINITY;
  return (text) => {
    const now = performance.now();
    if (!text.endsWith("\n") && now - last < 1000 * SECONDS_BETWEEN) return;
    last = now;
    process.stderr.write(`${text.trim()}\n`);
  };
}

/** A progress line on standard error: call it with how much is done of how much. */
export function progress(label: string): (done: number, total: number, detail?: string) => void {
  return progressLine(label, progressWriter());
}

/** A remark on standard error. */
export function say(text: string): void {
  process.stderr.write(`${printableLines(text)}\n`);
}

/** A result on standard output. */
export function print(text: string): void {
  console.log(printableLines(text));
}
