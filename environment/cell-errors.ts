import path from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import type { Position } from "./tslab.js";

/** An error as Jupyter's `error` message carries it. */
export interface CellError {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** One complaint of the compiler about a cell, or about a file that the cell imports. */
export interface Complaint {
  /** Such as `cell [3]` or `helper.ts`. */
  where: string;
  /** The source text, if known; its offending line is shown. */
  source?: string;
  start: Position;
  end: Position;
  code: number;
  messages: string[];
}

/** A cell that ran: what its stack frames are called, its source, and the way back from compiled code. */
export interface CellSource {
  label: string;
  source: string;
  origin(compiled: Position): Position | undefined;
}

const ownFolder = path.dirname(fileURLToPath(import.meta.url));
const internalFrame = /node:|[/\\]tslab[/\\]dist[/\\]/;
/** So many causes and reasons of one error are shown. */
const mostExplained = 20;

/** What is called through tslab's table of variables has this before its name. */
const proxyName = /^(\s+at (?:async )?)Proxy\./;

const cellFrame = /\b(cell-\d+):(\d+):(\d+)/;

/** What Node puts above a stack: the place, the compiled line and a row of carets. */
const decoration = /^.+:\d+\n.*\n\s*\^+\n\n?/;

/** The error of a cell that does not compile: each complaint with its line and the source around it. */
export function compileError(complaints: Complaint[]): CellError {
  const traceback = complaints.flatMap((complaint) => {
    const { where, start, code, messages, source } = complaint;
    const [first, ...more] = messages;
    return [
      `${where}, line ${start.line}, column ${start.column} - error TS${code}: ${first}`,
      ...more.map((message) => `    ${message}`),
      ...(source === undefined ? [] : codeFrame(source, start, complaint.end)),
    ];
  });
  const { where, start, messages } = complaints[0];
  return { ename: "CompileError", evalue: `${where}, line ${start.line}: ${messages[0]}`, traceback };
}

/**
 * The error of a cell that threw: the stack without frames of the kernel and of Node, its cell frames named by
 * the line of the notebook's own source, and the source around the topmost of them; then the same for its
 * causes and, of an `AggregateError`, its reasons. `cells` is keyed by the name that compiled cells have in stack
 * frames. What was thrown may be anything, also an object that throws when it is looked at: this never does.
 */
export function runtimeError(thrown: unknown, cells: ReadonlyMap<string, CellSource>): CellError {
  if (!isError(thrown)) {
    const evalue = textOf(thrown);
    return { ename: "Thrown", evalue, traceback: [`Thrown: ${evalue}`] };
  }
  const [ename, evalue] = [fieldOf(thrown, "name"), fieldOf(thrown, "message")].map(plainText);
  return { ename, evalue, traceback: explain(thrown, cells, { left: mostExplained }) };
}

/** What was thrown, its causes and its reasons, as far as there are explanations left. */
function explain(thrown: unknown, cells: ReadonlyMap<string, CellSource>, count: { left: number }): string[] {
  if (!isError(thrown)) return [textOf(thrown)];
  const traceback = explainStack(thrown, cells);
  const add = (title: string, value: unknown, indent: string) => {
    if (count.left-- <= 0) return;
    const [first, ...rest] = explain(value, cells, count);
    traceback.push(`${indent}${title} ${first}`, ...rest.map((line) => indent + line));
  };
  const reasons = fieldOf(thrown, "errors");
  if (Array.isArray(reasons))
    for (let i = 0; i < reasons.length && count.left > 0; i++) add(`Reason ${i + 1}:`, reasons[i], "  ");
  const cause = fieldOf(thrown, "cause");
  if (cause !== undefined) add("Caused by", cause, "");
  return traceback;
}

function attempt<T>(get: () => T, otherwise: T): T {
  try {
    return get();
  } catch {
    return otherwise;
  }
}

function isError(value: unknown): value is Error {
  return attempt(() => value instanceof Error, false);
}

function fieldOf(error: Error, name: string): unknown {
  return attempt(() => error[name as keyof Error], undefined);
}

function plainText(value: unknown): string {
  return typeof value === "string" ? value : textOf(value);
}

/** A value as Node shows it, also when it does not let itself be shown. */
function textOf(value: unknown): string {
  return attempt(() => inspect(value), `${typeof value} that cannot be shown`);
}

function explainStack(error: Error, cells: ReadonlyMap<string, CellSource>): string[] {
  const own = fieldOf(error, "stack");
  const [name, message] = [fieldOf(error, "name"), fieldOf(error, "message")].map(plainText);
  const stack = (typeof own === "string" ? own : `${name}: ${message}`).replace(decoration, "");
  const traceback: string[] = [];
  let sourceShown = false;
  for (const printed of stack.split("\n")) {
    const line = printed.replace(proxyName, "$1");
    const isFrame = /^\s+at /.test(line);
    if (isFrame && (internalFrame.test(line) || line.includes(ownFolder))) continue;
    const match = isFrame ? cellFrame.exec(line) : null;
    const cell = match && cells.get(match[1]);
    if (!match || !cell) {
      traceback.push(line);
      continue;
    }
    const place = cell.origin({ line: Number(match[2]), column: Number(match[3]) });
    if (!place) continue;
    if (!sourceShown) traceback.push(...codeFrame(cell.source, place));
    sourceShown = true;
    traceback.push(line.replace(match[0], `${cell.label}, line ${place.line}, column ${place.column}`));
  }
  return traceback;
}

/** The offending line and one line on either side, numbered, with the place from `start` to `end` underlined. */
export function codeFrame(source: string, start: Position, end: Position = start): string[] {
  const lines = source.split("\n");
  const from = Math.max(1, start.line - 1);
  const to = Math.min(lines.length, start.line + 1);
  const width = String(to).length;
  const frame: string[] = [];
  for (let line = from; line <= to; line++) {
    const text = lines[line - 1];
    frame.push(`${line === start.line ? ">" : " "} ${String(line).padStart(width)} | ${text}`);
    if (line !== start.line) continue;
    const stop = end.line === start.line ? end.column : text.length + 1;
    const indent = text.slice(0, start.column - 1).replace(/[^\t]/g, " ");
    frame.push(`  ${" ".repeat(width)} | ${indent}${"^".repeat(Math.max(1, stop - start.column))}`);
  }
  return frame;
}
