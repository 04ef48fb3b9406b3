import path from "node:path";
import { projectFolder } from "../lib/settings.js";
import { type Kernel, KernelDied, startKernel, Timeout } from "./jupyter-client.js";
import { type CodeCell, type Notebook, readNotebook, writeNotebook } from "./notebook-file.js";
import { collectOutputs, type Displays } from "./outputs.js";
import type { JsonObject, Message } from "./wire.js";

/** How a notebook is executed. */
export interface RunOptions {
  /** The file to write the executed notebook to; it may be the input itself. */
  output: string;
  /** The limit of one cell, 600 s when left out. */
  timeoutSeconds?: number;
  /** The limit of the whole notebook; none when left out. */
  totalTimeoutSeconds?: number;
  /** Environment variables for the notebook's kernel beside those of this process. */
  env?: Record<string, string>;
  onProgress?: (progress: Progress) => void;
}

/** What is reported while a notebook runs. Cells are code cells, counted from one. */
export type Progress =
  | { kind: "ready"; cells: number; seconds: number }
  | { kind: "cell-started"; cell: number; cells: number }
  | { kind: "text"; cell: number; cells: number; text: string }
  | { kind: "cell-ended"; cell: number; cells: number; ok: boolean; seconds: number };

/** Why a notebook did not run to its end. */
export interface Failure {
  /** The code cell, counted from one; 0 when the kernel did not start. */
  cell: number;
  id: string;
  ename: string;
  evalue: string;
  traceback: string[];
}

/** How a notebook ran. */
export interface RunResult {
  seconds: number;
  failure?: Failure;
  /** The signal that ended the run, if one did: the caller should end as well. */
  signal?: NodeJS.Signals;
}

type CellError = Pick<Failure, "ename" | "evalue" | "traceback">;

/** What the cells of one run share. */
interface Run {
  notebook: Notebook;
  kernel: Kernel;
  displays: Displays;
  /** Paths within them are stored relative to them. */
  folders: string[];
  options: RunOptions;
  /** When the whole notebook must be done, in milliseconds since the epoch. */
  deadline: number;
  /** Makes the outputs of the cells that have run; late ones included. */
  collected: (() => void)[];
}

/** How long a kernel may take to answer after the last cell, which may have left something to do behind. */
const lastAnswerSeconds = 60;

/** The most that one timer can wait for. */
const longestSeconds = 2 ** 31 / 1000 - 1;

/**
 * Executes the code cells of a notebook in its own folder with a new kernel of this project, stops at the first
 * cell that fails unless it is tagged `raises-exception`, and writes the executed notebook after every cell, so
 * that a run that is cut short keeps what it has. SIGINT and SIGTERM end the run in good order: the notebook is
 * written, and neither the kernel nor a scratch file stays behind.
 * @throws when the input is not a notebook or the output cannot be written; a cell's failure is in the result.
 */
export async function runNotebook(input: string, options: RunOptions): Promise<RunResult> {
  const started = Date.now();
  const notebook = readNotebook(input);
  const folder = path.dirname(path.resolve(input));
  const seconds = () => (Date.now() - started) / 1000;
  const stopSignal = watchSignals();
  const collected: Run["collected"] = [];
  let kernel: Kernel | undefined;
  try {
    const starting = startKernel({ folder, env: options.env });
    starting.then((late) => stopSignal.received && late.stop()).catch(() => {});
    kernel = await Promise.race([starting, stopSignal.arrival]);
    const run: Run = {
      notebook,
      kernel,
      displays: new Map(),
      folders: [projectFolder, folder],
      options,
      deadline: started + (options.totalTimeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000,
      collected,
    };
    options.onProgress?.({ kind: "ready", cells: codeCells(notebook).length, seconds: seconds() });
    const failure = (await runCells(run, stopSignal)) ?? (await endOf(run));
    return { seconds: seconds(), failure, signal: stopSignal.received };
  } catch (error) {
    if (!(error instanceof KernelDied || error instanceof Timeout || error instanceof Stopped)) throw error;
    return {
      seconds: seconds(),
      failure: { cell: 0, id: "", ...describe(error) },
      signal: stopSignal.received,
    };
  } finally {
    await kernel?.stop();
    for (const collect of collected) collect();
    await writeNotebook(options.output, notebook);
    stopSignal.ignore();
  }
}

async function runCells(run: Run, stopSignal: StopSignal): Promise<Failure | undefined> {
  const { notebook, options } = run;
  const cells = codeCells(notebook);
  for (const [index, cell] of cells.entries()) {
    if (cell.source.join("").trim() === "") continue;
    const position = { cell: index + 1, cells: cells.length };
    options.onProgress?.({ kind: "cell-started", ...position });
    const began = Date.now();
    const error = await runCell(run, cell, position, stopSignal);
    for (const collect of run.collected) collect();
    await writeNotebook(options.output, notebook);
    const expected = error && mayRaise(cell) && !error.final;
    const ok = !error || Boolean(expected);
    options.onProgress?.({ kind: "cell-ended", ...position, ok, seconds: (Date.now() - began) / 1000 });
    if (error && !expected) {
      const { ename, evalue, traceback } = error;
      return { cell: index + 1, id: cell.id, ename, evalue, traceback };
    }
  }
  return undefined;
}

/** Why a notebook failed whose cells have all run: its kernel has died since. */
async function endOf({ notebook, kernel }: Run): Promise<Failure | undefined> {
  const last = codeCells(notebook).length;
  try {
    await kernel.request("shell", { type: "kernel_info_request", timeoutSeconds: lastAnswerSeconds });
    return undefined;
  } catch (error) {
    return { cell: last, id: codeCells(notebook)[last - 1]?.id ?? "", ...describe(error as Error) };
  }
}

/** Runs one cell and fills in its outputs. An error is `final` when no cell can run after it. */
async function runCell(
  run: Run,
  cell: CodeCell,
  position: { cell: number; cells: number },
  stopSignal: StopSignal,
): Promise<(CellError & { final: boolean }) | undefined> {
  const { kernel, options, folders } = run;
  const collector = collectOutputs(run.displays, folders);
  let lastWords: CellError | undefined;
  run.collected.push(() => {
    cell.outputs = collector.outputs();
    if (lastWords) cell.outputs.push({ output_type: "error", ...lastWords });
  });
  const onOutput = (message: Message) => {
    collector.add(message);
    const { text } = message.content;
    if (message.header.msg_type === "stream")
      options.onProgress?.({ kind: "text", ...position, text: String(text) });
  };
  const limit = Math.min(options.timeoutSeconds ?? 600, longestSeconds);
  const rest = Math.max(0.001, (run.deadline - Date.now()) / 1000);
  const content = {
    code: cell.source.join(""),
    silent: false,
    store_history: true,
    stop_on_error: !mayRaise(cell),
  };
  cell.execution_count = position.cell;
  try {
    const request = kernel.request("shell", {
      type: "execute_request",
      content,
      onOutput,
      timeoutSeconds: Math.min(limit, rest),
    });
    const reply = await Promise.race([request, stopSignal.arrival]);
    cell.execution_count = (reply.execution_count as number | undefined) ?? position.cell;
    return reply.status === "ok" ? undefined : { ...errorOf(reply), final: false };
  } catch (error) {
    const cause =
      error instanceof Timeout
        ? new Timeout(
            limit <= rest
              ? `the cell did not end within ${limit} s; raise --timeout`
              : `the notebook did not end within ${options.totalTimeoutSeconds} s; raise --total-timeout`,
          )
        : error;
    lastWords = describe(cause as Error);
    return { ...lastWords, final: true };
  }
}

function codeCells(notebook: Notebook): CodeCell[] {
  return notebook.cells.filter((cell): cell is CodeCell => cell.cell_type === "code");
}

function mayRaise(cell: CodeCell): boolean {
  const { tags } = cell.metadata;
  return Array.isArray(tags) && tags.includes("raises-exception");
}

function errorOf(reply: JsonObject): CellError {
  const { ename, evalue, traceback } = reply;
  return {
    ename: String(ename ?? reply.status),
    evalue: String(evalue ?? ""),
    traceback: Array.isArray(traceback) ? traceback.map(String) : [],
  };
}

function describe(error: Error): CellError {
  const lines = `${error.name}: ${error.message}`.split("\n");
  return { ename: error.name, evalue: error.message.split("\n")[0], traceback: lines };
}

/** The run was ended by a signal. */
class Stopped extends Error {
  override name = "Stopped";
}

interface StopSignal {
  received?: NodeJS.Signals;
  /** Rejects with {@link Stopped} when SIGINT or SIGTERM arrives. */
  arrival: Promise<never>;
  ignore(): void;
}

function watchSignals(): StopSignal {
  let reject: (error: Stopped) => void;
  const arrival = new Promise<never>((_, rejectArrival) => {
    reject = rejectArrival;
  });
  arrival.catch(() => {}); // a signal that arrives between two cells is seen by the next one
  const onSignal = (signal: NodeJS.Signals) => {
    watch.received = signal;
    reject(new Stopped(`the run was ended by ${signal}`));
  };
  const watch: StopSignal = {
    arrival,
    ignore() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
  process.once("SIGINT", onSignal);
  process.once("SIGTERM", onSignal);
  return watch;
}
