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

/** The outputs shown so far under a display id, in any cell of a notebook: a later cell may update them. */
export type Displays = Map<string, Shown[]>;

/**
 * A collector for one cell. `displays` is shared by the cells of a notebook; paths within `folders` are stored
 * relative to them.
 */
export function collectOutputs(displays: Displays, folders: string[]): OutputCollector {
  let drafts: Draft[] = [];
  let clearAtNext = false;
  const push = (draft: Draft) => {
    if (clearAtNext) drafts = [];
    clearAtNext = false;
    drafts.push(draft);
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
      if (!clearAtNext && last?.type === "stream" && last.name === name) last.pieces.push(text);
      else push({ type: "stream", name, pieces: [text] });
    },
    display_data: (content) => show(content),
    execute_result: (content) => show(content, (content.execution_count as number | undefined) ?? null),
    update_display_data(content) {
      for (const shown of displays.get(displayId(content) ?? "") ?? [])
        Object.assign(shown, bundleOf(content));
    },
    clear_output(content) {
      if (content.wait) clearAtNext = true;
      else drafts = [];
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
    outputs: () => drafts.map((draft) => finish(draft, (text) => relativePaths(text, folders))),
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
