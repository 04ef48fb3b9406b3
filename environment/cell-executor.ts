import { readFileSync } from "node:fs";
import path from "node:path";
import { setImmediate, setTimeout } from "node:timers";
import { inspect } from "node:util";
import type { Diagnostic } from "tslab/dist/converter.js";
import {
  type CellError,
  type CellSource,
  type Complaint,
  compileError,
  runtimeError,
} from "./cell-errors.js";
import { shareVariables } from "./cell-variables.js";
import type { Tslab } from "./tslab.js";

/** How a cell ended; `result` shows the value of its last expression, if it has one. */
export type CellOutcome = { status: "ok"; result?: string } | { status: "error"; error: CellError };

/** The candidates for completing a name, and the stretch of code that they replace. */
export interface Completion {
  start: number;
  end: number;
  candidates: string[];
}

/** Compiles and runs cells that share their variables, one at a time. */
export interface CellExecutor {
  /** Runs a cell; `label` names it in errors, such as `cell [3]`. Never rejects. */
  execute(source: string, label: string): Promise<CellOutcome>;
  /**
   * Ends the running cell with an error; false when none runs. What it waits for goes on, but what comes of that
   * is dropped: neither its value nor the variables it would declare reach later cells.
   */
  abandon(thrown: unknown): boolean;
  /** The error that says what a cell threw after its end. */
  explain(thrown: unknown): CellError;
  /** The type and documentation of the name at an offset, or an empty text. */
  inspect(source: string, offset: number): string;
  complete(source: string, offset: number): Completion;
}

/** What the executor is at; while it is `running`, the code that runs is the cell's own. */
export type Phase = "idle" | "starting" | "compiling" | "running";

/** What the executor tells its owner. */
export interface ExecutorEvents {
  onPhase(phase: Phase): void;
}

/**
 * An executor of TypeScript cells whose imports are resolved from `folder`, which must be the process's
 * working directory.
 */
export function createCellExecutor(tslab: Tslab, folder: string, events: ExecutorEvents): CellExecutor {
  const cells = new Map<string, CellSource>();
  let current = { name: "", label: "", source: "" };
  let complaints: Complaint[] = [];
  let thrown: { value: unknown } | undefined;
  let lastExpression: string | undefined;
  let abandonRunning: ((value: unknown) => void) | undefined;

  let phase: Phase = "idle";
  const enter = (next: Phase) => {
    phase = next;
    events.onPhase(next);
  };
  /** Uses the compiler while a cell may be waiting for something. */
  const whileCompiling = <T>(use: () => T): T => {
    const before = phase;
    enter("compiling");
    try {
      return use();
    } finally {
      enter(before);
    }
  };

  const converter = tslab.createConverter({ isJS: false, isBrowser: false });
  const complain = (diagnostics: Diagnostic[], linesAdded: number) => {
    complaints = group(diagnostics, linesAdded).map((each) => locate(each, current, folder));
  };
  const node: typeof converter = {
    ...converter,
    convert(previous, source) {
      // tslab takes `await (x)`, `await [x]` and a lone `for await` for something else than a top-level await.
      const added = /\bawait\b/.test(source) ? "await null;\n" : "";
      const linesAdded = added ? 1 : 0;
      const converted = converter.convert(previous, added + source);
      complain(converted.diagnostics, linesAdded);
      cells.set(current.name, describe(current, converted.output ?? "", tslab.lastOrigin(), linesAdded));
      if (converted.diagnostics.length === 0) enter("running");
      lastExpression = converted.lastExpressionVar;
      if (converted.output === undefined) return converted;
      const declared = variables.declaration(current.name, tslab.lastVariables());
      // A line of its own keeps columns right behind tslab's wrapper; the name appears in stack frames.
      const output = `\n${converted.output}${declared}\n//# sourceURL=${current.name}`;
      return { ...converted, output, lastExpressionVar: undefined };
    },
    addModule(name, content, meta) {
      complain(converter.addModule(name, content, meta), 0);
      return [];
    },
  };
  const converters = {
    node,
    get browser(): typeof converter {
      throw new Error("cells for the browser are not supported; remove the @browser comment");
    },
    close: () => converter.close(),
  };
  const executor = tslab.createExecutor(folder, converters, {
    log: () => {},
    error: (value: unknown) => {
      thrown ??= { value };
    },
  });
  const variables = shareVariables(executor.locals);

  /**
   * Does a part of the running cell's work that may be abandoned or, as it computes, be unwound: in a timer, for Node
   * cannot go on after a `setImmediate` that was unwound, where others were due with it.
   */
  const onOwnStack = <T>(work: () => Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      let abandoned = false;
      abandonRunning = (value) => {
        abandoned = true;
        reject(value);
        executor.interrupt(); // tslab, too, forgets the cell
      };
      setTimeout(() => {
        if (!abandoned) work().then(resolve, reject);
      }, 0);
    });

  const run = async (source: string): Promise<CellOutcome> => {
    enter("compiling");
    const ok = await executor.execute(source);
    await new Promise(setImmediate); // a rejection that nobody handles is reported by now
    if (complaints.length > 0) return { status: "error", error: compileError(complaints) };
    if (!ok) throw thrown?.value;
    const result = lastExpression === undefined ? undefined : variables.take(lastExpression);
    if (result === undefined || result === null) return { status: "ok" };
    return { status: "ok", result: typeof result === "string" ? result : inspect(result) };
  };

  let serial = 0;
  const explain = (value: unknown) => runtimeError(value, cells);
  return {
    async execute(source, label) {
      current = { name: `cell-${++serial}`, label, source };
      complaints = [];
      thrown = undefined;
      lastExpression = undefined;
      variables.open(current.name);
      enter("starting");
      try {
        return await onOwnStack(() => run(source));
      } catch (value) {
        variables.close();
        // What was thrown is the cell's own, and may compute without an end when it is looked at.
        const error = await onOwnStack(async () => explain(value)).catch((interrupted) =>
          explain(interrupted),
        );
        return { status: "error", error };
      } finally {
        variables.close();
        abandonRunning = undefined;
        enter("idle");
      }
    },
    abandon(value) {
      abandonRunning?.(value);
      return abandonRunning !== undefined;
    },
    explain,
    inspect(source, offset) {
      const info = whileCompiling(() => executor.inspect(source, offset));
      return info ? tslab.printQuickInfo(info) : "";
    },
    complete: (source, offset) => whileCompiling(() => executor.complete(source, offset)),
  };
}

function describe(
  cell: { label: string; source: string },
  compiled: string,
  origin: CellSource["origin"],
  linesAdded: number,
): CellSource {
  const [lines, compiledLines] = [cell.source, compiled].map((text) => text.split("\n").length);
  return {
    label: cell.label,
    source: cell.source,
    origin({ line, column }) {
      if (line - 1 > compiledLines) return undefined; // tslab's own call of the cell
      const place = origin({ line: line - 1, column });
      const sourceLine = place ? place.line - 1 - linesAdded : 0; // tslab puts one line before every cell
      return place && sourceLine >= 1 && sourceLine <= lines
        ? { line: sourceLine, column: place.column }
        : undefined;
    },
  };
}

/** tslab lists a message and its explanations one after the other, all at the same place. */
function group(
  diagnostics: Diagnostic[],
  linesAdded: number,
): (Omit<Complaint, "where"> & { file?: string })[] {
  const groups: (Omit<Complaint, "where"> & { file?: string })[] = [];
  for (const { start, end, messageText, code, fileName } of diagnostics) {
    const shift = fileName === undefined ? linesAdded : 0;
    const from = { line: start.line + 1 - shift, column: start.character + 1 };
    const last = groups.at(-1);
    if (last && last.start.line === from.line && last.start.column === from.column) {
      last.messages.push(messageText);
      continue;
    }
    const to = { line: end.line + 1 - shift, column: end.character + 1 };
    groups.push({ start: from, end: to, code, messages: [messageText], file: fileName });
  }
  return groups;
}

function locate(
  complaint: Omit<Complaint, "where"> & { file?: string },
  cell: { label: string; source: string },
  folder: string,
): Complaint {
  const { file, ...rest } = complaint;
  if (file === undefined) return { ...rest, where: cell.label, source: cell.source };
  return { ...rest, where: file, source: readIfThere(path.join(folder, file)) };
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined; // a module defined by a cell has no file
  }
}
