/** Executes notebooks from the command line: `node dist/environment/notebook.js notebooks/a.ipynb --out runs`. */
import path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { explainFailure, progressReporter } from "./notebook-report.js";
import { runNotebook } from "./run-notebook.js";

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

for (const file of program.args) {
  const name = path.basename(file);
  const report = progressReporter(name);
  try {
    const { failure, seconds, signal } = await runNotebook(file, {
      output: options.out ? path.join(options.out, name) : file,
      timeoutSeconds: options.timeout,
      totalTimeoutSeconds: options.totalTimeout,
      onProgress: options.quiet ? undefined : report.show,
    });
    if (failure) {
      process.exitCode = 1;
      console.error(explainFailure(name, failure));
    } else if (!options.quiet) console.log(`${name}: done in ${seconds.toFixed(1)} s`);
    if (signal) break;
  } catch (error) {
    process.exitCode = 1;
    console.error((error as Error).message);
  } finally {
    report.close();
  }
}
