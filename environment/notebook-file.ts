import { readFileSync } from "node:fs";
import { writeWhole } from "../lib/files/whole-file.js";
import { brief } from "./brief.js";
import { kernelDisplayName, kernelName, languageInfo } from "./kernelspec.js";
import { checkedAttachments, checkedMetadata, isObject, isTexts } from "./notebook-metadata.js";
import type { JsonObject } from "./wire.js";

/** A value per MIME type; texts are lists of lines. */
export type MimeBundle = Record<string, unknown>;

/** One output of a code cell, as nbformat 4.5 stores it. */
export type Output =
  | { output_type: "stream"; name: string; text: string[] }
  | { output_type: "display_data"; data: MimeBundle; metadata: JsonObject }
  | { output_type: "execute_result"; data: MimeBundle; metadata: JsonObject; execution_count: number | null }
  | { output_type: "error"; ename: string; evalue: string; traceback: string[] };

/** A cell of code. */
export interface CodeCell {
  cell_type: "code";
  id: string;
  metadata: JsonObject;
  source: string[];
  outputs: Output[];
  execution_count: number | null;
}

/** A cell of prose, or of text handed on as it is. */
export interface TextCell {
  cell_type: "markdown" | "raw";
  id: string;
  metadata: JsonObject;
  source: string[];
  attachments?: JsonObject;
}

/** A notebook of nbformat 4.5. */
export interface Notebook {
  nbformat: 4;
  nbformat_minor: 5;
  metadata: JsonObject;
  cells: (CodeCell | TextCell)[];
}

/** Characters of the JSON parser's own message. */
const mostOfReason = 150;

/** The lines of a text, each with its line end: how nbformat stores texts. */
export function toLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/**
 * Reads a notebook of nbformat 4 to be executed: without outputs, with unique cell ids, and with this project's
 * kernel in its metadata. Ids that are missing or double are numbered, so that the same file gives the same ids.
 * @throws when the file is not such a notebook; the message names the file, the place and the fix in one sentence.
 */
export function readNotebook(file: string): Notebook {
  const raw = objectAt(parse(file), `${file}: the notebook`);
  if (raw.nbformat !== 4)
    throw new Error(`${file}: nbformat is ${brief(raw.nbformat)}; save the notebook as nbformat 4`);
  if (!Array.isArray(raw.cells)) throw new Error(`${file}: cells is ${brief(raw.cells)}; it must be a list`);
  const taken = new Set<string>();
  const cells = raw.cells.map((cell, index) => readCell(cell, `${file}: cells[${index}]`, index, taken));
  const {
    kernelspec: _,
    language_info: __,
    ...metadata
  } = readMetadata(raw.metadata, "notebook", `${file}: metadata`);
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      ...metadata,
      kernelspec: { name: kernelName, display_name: kernelDisplayName, language: languageInfo.name },
      language_info: languageInfo,
    },
    cells,
  };
}

/** Writes a notebook as Jupyter itself would: keys sorted, indented by one. The file is replaced in one step. */
export async function writeNotebook(file: string, notebook: Notebook): Promise<void> {
  writeWhole(file, `${JSON.stringify(sortKeys(notebook), null, 1)}\n`);
}

function parse(file: string): unknown {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`${file} cannot be read (${code}); give the path of a notebook`);
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message.slice(0, mostOfReason) : "not UTF-8";
    throw new Error(`${file} is not JSON (${reason}); save it again as a notebook`);
  }
}

function readCell(raw: unknown, where: string, index: number, taken: Set<string>): CodeCell | TextCell {
  const cell = objectAt(raw, where);
  const type = cell.cell_type;
  if (type !== "code" && type !== "markdown" && type !== "raw")
    throw new Error(`${where}.cell_type is ${brief(type)}; use code, markdown or raw`);
  const common = {
    id: takeId(cell.id, index, taken),
    metadata: readMetadata(cell.metadata, "cell", `${where}.metadata`),
    source: readSource(cell.source, `${where}.source`),
  };
  if (type === "code") return { cell_type: "code", ...common, outputs: [], execution_count: null };
  if (cell.attachments === undefined) return { cell_type: type, ...common };
  const attachments = checkedAttachments(cell.attachments, `${where}.attachments`);
  return { cell_type: type, ...common, attachments };
}

function objectAt(value: unknown, where: string): JsonObject {
  if (isObject(value)) return value;
  throw new Error(`${where} is ${brief(value)}; it must be an object`);
}

function takeId(id: unknown, index: number, taken: Set<string>): string {
  const usable = (text: string) => /^[a-zA-Z0-9-_]{1,64}$/.test(text) && !taken.has(text);
  let chosen = typeof id === "string" && usable(id) ? id : `cell-${index + 1}`;
  while (!usable(chosen)) chosen += "-x";
  taken.add(chosen);
  return chosen;
}

/** Some front ends store when a cell ran; that is different each time and is left out. */
function readMetadata(metadata: unknown, of: "notebook" | "cell", where: string): JsonObject {
  const { execution: _, ...rest } = checkedMetadata(metadata, of, where);
  return rest;
}

function readSource(source: unknown, where: string): string[] {
  if (typeof source === "string") return toLines(source);
  if (isTexts(source)) return toLines(source.join(""));
  throw new Error(`${where} is ${brief(source)}; it must be a text or a list of lines`);
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sortKeys(each)]));
}
