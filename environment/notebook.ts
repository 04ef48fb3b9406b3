/** Executes notebooks from the command line: `node dist/environment/notebook.js notebooks/a.ipynb --out runs`. */
import path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { type Failure, type Progress, runNotebook } from "./run-notebook.js";

interface Options {
  out?: string;
  timeout: number;
  totalTimeout?: number;
  quiet?: boolean;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("give a number of seconds above 0");
  return value;
}

const program = new Command("notebook")
  .description("Executes Jupyter notebooks with this project's kernel; each is run in its own folder.")
  .argument("<notebook...>", "files ending in .ipynb")
  .option("--out <dir>", "write the executed notebooks there; else each is replaced")
  .option("--timeout <seconds>", "limit of one cell", positive, 600)
  .option("--total-timeout <seconds>", "limit of one notebook", positive)
  .option("--quiet", "say nothing unless a cell fails")
  .parse();
const options = program.opts<Options>();

/** How often a long cell is reported where lines cannot be rewritten. */
const reportEvery = 15;

/** Prints one line per cell, and while a cell runs the last line that it printed itself. */
function reporter(name: string): { show(progress: Progress): void; close(): void } {
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

function explain(name: string, failure: Failure): string {
  const where =
    failure.cell === 0 ? "before its first cell" : `in code cell ${failure.cell} (id ${failure.id})`;
  return [`${name} failed ${where}: ${failure.ename}: ${failure.evalue}`, ...failure.traceback].join(
    "\n    ",
  );
}

for (const file of program.args) {
  const name = path.basename(file);
  const report = reporter(name);
  try {
    const { failure, seconds, signal } = await runNotebook(file, {
      output: options.out ? path.join(options.out, name) : file,
      timeoutSeconds: options.timeout,
      totalTimeoutSeconds: options.totalTimeout,
      onProgress: options.quiet ? undefined : report.show,
    });
    if (failure) {
      process.exitCode = 1;
      console.error(explain(name, failure));
    } else if (!options.quiet) console.log(`${name}: done in ${seconds.toFixed(1)} s`);
    if (signal) break;
  } catch (error) {
    process.exitCode = 1;
    console.error((error as Error).message);
  } finally {
    report.close();
  }
}
