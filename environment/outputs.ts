import path from "node:path";
import { pathToFileURL } from "node:url";
import { type MimeBundle, type Output, toLines } from "./notebook-file.js";
import type { JsonObject, Message } from "./wire.js";

/** Makes a cell's list of outputs from the messages that a kernel publishes while the cell runs. */
export interface OutputCollector {
  add(message: Message): void;
  /** What the notebook stores: streams merged, carriage returns carried out, texts free of machine paths. */
  outputs(): Output[];
}

/** An output while it is collected: stream texts are kept in pieces. */
type Draft =
  | { type: "stream"; name: string; pieces: string[] }
  | { type: "shown"; executionCount?: number | null; data: JsonObject; metadata: JsonObject }
  | { type: "error"; ename: string; evalue: string; traceback: string[] };

type Shown = Extract<Draft, { type: "shown" }>;

/** So many characters of what a cell prints are kept, and of all that it puts out: no notebook is opened with more. */
const MOST_PRINTED = 4e6;
const MOST_KEPT = 5e7;

/** An output counts as at least so many characters. */
const LEAST_SIZE = 100;

/** The outputs shown so far under a display id, in any cell of a notebook: a later cell may update them. */
export type Displays = Map<string, Shown[]>;

/**
 * A collector for one cell. `displays` is shared by the cells of a notebook; paths within `folders` are stored
 * relative to them.
 */
export function collectOutputs(displays: Displays, folders: string[]): OutputCollector {
  let drafts: Draft[] = [];
  let clearAtNext = false;
  let size = { printed: 0, all: 0, leftOut: 0 };
  const clear = () => {
    drafts = [];
    clearAtNext = false;
    size = { printed: 0, all: 0, leftOut: 0 };
  };
  /** Whether so many characters more are kept; of what is printed, nothing behind a gap. */
  const fits = (more: number, isPrinted: boolean) => {
    const isFull = () => size.all + more > MOST_KEPT || (isPrinted && size.printed + more > MOST_PRINTED);
    if (isFull() && size.leftOut === 0) {
      const saved = shorten(drafts);
      size.printed -= saved;
      size.all -= saved;
    }
    const fitting = !isFull() && !(isPrinted && size.leftOut > 0);
    if (!fitting) size.leftOut += more;
    else size.all += more;
    if (fitting && isPrinted) size.printed += more;
    return fitting;
  };
  const push = (draft: Draft) => {
    if (clearAtNext) clear();
    if (fits(LEAST_SIZE + sizeOf(draft), draft.type === "stream")) drafts.push(draft);
  };
  const show = (content: JsonObject, executionCount?: number | null) => {
    const shown: Shown = { type: "shown", executionCount, ...bundleOf(content) };
    push(shown);
    const id = displayId(content);
    if (id) displays.set(id, [...(displays.get(id) ?? []), shown]);
  };
  const handlers: Record<string, (content: JsonObject) => void> = {
    stream(content) {
      const name = String(content.name);
      const text = String(content.text);
      const last = drafts.at(-1);
      if (!clearAtNext && last?.type === "stream" && last.name === name) {
        if (fits(text.length, true)) last.pieces.push(text);
      } else push({ type: "stream", name, pieces: [text] });
    },
    display_data: (content) => show(content),
    execute_result: (content) => show(content, (content.execution_count as number | undefined) ?? null),
    update_display_data(content) {
      for (const shown of displays.get(displayId(content) ?? "") ?? [])
        Object.assign(shown, bundleOf(content));
    },
    clear_output(content) {
      if (content.wait) clearAtNext = true;
      else clear();
    },
    error(content) {
      const traceback = (content.traceback as string[] | undefined) ?? [];
      push({ type: "error", ename: String(content.ename), evalue: String(content.evalue), traceback });
    },
  };
  return {
    add({ header: { msg_type }, content }) {
      if (Object.hasOwn(handlers, msg_type)) handlers[msg_type](content);
    },
    outputs() {
      const outputs = drafts.map((draft) => finish(draft, (text) => relativePaths(text, folders)));
      if (size.leftOut === 0) return outputs;
      const text = `[${megabytes(size.all)} of this cell's output are kept, ${megabytes(size.leftOut)} are left out]\n`;
      return [...outputs, { output_type: "stream", name: "stderr", text: [text] }];
    },
  };
}

/**
 * What a terminal shows of a text with carriage returns: what follows one overwrites the line from its start.
 * Linear in the length of the text.
 */
export function applyCarriageReturns(text: string): string {
  if (!text.includes("\r")) return text;
  return text.split("\n").map(overwrite).join("\n");
}

/** A text in which paths and file addresses within the folders are relative to them. */
export function relativePaths(text: string, folders: string[]): string {
  let result = text;
  for (const folder of folders)
    for (const [root, separator] of [
      [pathToFileURL(folder).href, "/"],
      [folder, path.sep],
    ]) {
      const [rootPattern, separatorPattern] = [escapePattern(root), escapePattern(separator)];
      const whole = new RegExp(
        `(?<![\\w.-])${rootPattern}(?:${separatorPattern}(?=[^\\s])|(?![\\w.-]))`,
        "g",
      );
      if (result.includes(root)) result = result.replace(whole, (match) => (match === root ? "." : ""));
    }
  return result;
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function overwrite(line: string): string {
  if (!line.includes("\r")) return line;
  const segments = line.split("\r");
  const shown: string[] = [];
  for (let i = segments.length - 1; i >= 0; i--) {
    if (segments[i].length <= shown.length) continue; // wholly overwritten
    for (const character of [...segments[i]].slice(shown.length)) shown.push(character);
  }
  return shown.join("");
}

/** Carries out carriage returns in what is collected, as far as nothing that comes can change it; returns the characters saved. */
function shorten(drafts: readonly Draft[]): number {
  let saved = 0;
  for (const draft of drafts) {
    if (draft.type !== "stream" || !draft.pieces.some((piece) => piece.includes("\r"))) continue;
    const text = draft.pieces.join("");
    const open = Math.max(text.lastIndexOf("\r"), text.lastIndexOf("\n") + 1);
    draft.pieces = [applyCarriageReturns(text.slice(0, open)) + text.slice(open)];
    saved += text.length - draft.pieces[0].length;
  }
  return saved;
}

/** Characters of an output. */
function sizeOf(draft: Draft): number {
  const lengths = (texts: readonly unknown[]) =>
    texts.reduce<number>((sum, text) => sum + (typeof text === "string" ? text.length : 0), 0);
  if (draft.type === "stream") return lengths(draft.pieces);
  return draft.type === "shown" ? lengths(Object.values(draft.data)) : lengths(draft.traceback);
}

function megabytes(characters: number): string {
  return `${(characters / 1e6).toFixed(1)} MB`;
}

function displayId(content: JsonObject): string | undefined {
  return (content.transient as { display_id?: string } | undefined)?.display_id;
}

function bundleOf(content: JsonObject): { data: JsonObject; metadata: JsonObject } {
  return { data: (content.data ?? {}) as JsonObject, metadata: (content.metadata ?? {}) as JsonObject };
}

function finish(draft: Draft, clean: (text: string) => string): Output {
  switch (draft.type) {
    case "stream": {
      const text = toLines(clean(applyCarriageReturns(draft.pieces.join(""))));
      return { output_type: "stream", name: draft.name, text };
    }
    case "error": {
      const { ename, evalue, traceback } = draft;
      return { output_type: "error", ename, evalue: clean(evalue), traceback: traceback.map(clean) };
    }
    case "shown": {
      const shown = { data: finishBundle(draft.data, clean), metadata: draft.metadata };
      return draft.executionCount === undefined
        ? { output_type: "display_data", ...shown }
        : { output_type: "execute_result", ...shown, execution_count: draft.executionCount };
    }
  }
}

/**
 * Texts become lists of lines; JSON stays as it is, and so does what is encoded in base64. What should be a text and
 * is none becomes one.
 */
function finishBundle(data: JsonObject, clean: (text: string) => string): MimeBundle {
  const isText = (mime: string) =>
    mime.startsWith("text/") || mime === "image/svg+xml" || mime === "application/javascript";
  const isJson = (mime: string) => /^application\/(.*\+)?json$/.test(mime);
  return Object.fromEntries(
    Object.entries(data).map(([mime, value]) => {
      if (isJson(mime)) return [mime, value];
      const text = typeof value === "string" ? value : JSON.stringify(value);
      return [mime, isText(mime) ? toLines(clean(text)) : text];
    }),
  );
}
