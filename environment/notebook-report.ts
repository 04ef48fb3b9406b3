/** What people see while notebooks run. */
import type { Failure, Progress } from "./run-notebook.js";

/** How often a long cell is reported where lines cannot be rewritten. */
const reportEvery = 15;

/** Prints one line per cell, and while a cell runs the last line that it printed itself. */
export function progressReporter(name: string): { show(progress: Progress): void; close(): void } {
  const live = process.stdout.isTTY;
  let began = Date.now();
  let reported = began;
  let lastLine = "";
  let head = "";
  let timer: NodeJS.Timeout | undefined;
  const line = (text: string) => process.stdout.write(`${live ? "\r\x1b[K" : ""}${text}\n`);
  const tick = () => {
    const seconds = Math.round((Date.now() - began) / 1000);
    const text = `${head} … ${seconds} s ${lastLine}`.trimEnd();
    if (live) process.stdout.write(`\r\x1b[K${text.slice(0, (process.stdout.columns ?? 80) - 1)}`);
    else if (Date.now() - reported >= reportEvery * 1000) {
      reported = Date.now();
      line(text);
    }
  };
  const close = () => clearInterval(timer);
  return {
    close,
    show(progress) {
      if (progress.kind === "ready") {
        line(`${name}: kernel ready in ${progress.seconds.toFixed(1)} s`);
        return;
      }
      head = `${name}: cell ${progress.cell}/${progress.cells}`;
      if (progress.kind === "cell-started") {
        began = reported = Date.now();
        lastLine = "";
        timer = setInterval(tick, live ? 200 : 1000);
      } else if (progress.kind === "text") {
        lastLine = progress.text.split(/[\r\n]/).findLast((each) => each.trim() !== "") ?? lastLine;
      } else {
        close();
        line(`${head} ${progress.ok ? "ok" : "FAILED"} ${progress.seconds.toFixed(1)} s`);
      }
    },
  };
}

/** A failure as text: where it happened, then the traceback. */
export function explainFailure(name: string, failure: Failure): string {
  const where =
    failure.cell === 0 ? "before its first cell" : `in code cell ${failure.cell} (id ${failure.id})`;
  return [`${name} failed ${where}: ${failure.ename}: ${failure.evalue}`, ...failure.traceback].join(
    "\n    ",
  );
}
