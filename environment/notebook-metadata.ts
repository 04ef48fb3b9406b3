import { brief } from "./brief.js";
import { isDeeper } from "./nesting.js";
import type { JsonObject } from "./wire.js";

/** What a field must be, in words, and whether a value is. */
type Rule = [what: string, holds: (value: unknown) => boolean];

const text: Rule = ["a text", (value) => typeof value === "string"];
const yesOrNo: Rule = ["true or false", (value) => typeof value === "boolean"];

/** The fields of a notebook's metadata that nbformat gives a meaning. */
const notebookRules: Record<string, Rule> = {
  title: text,
  authors: ["a list", Array.isArray],
};

/** The same of a cell's metadata. */
const cellRules: Record<string, Rule> = {
  name: ["a text that is not empty", (value) => typeof value === "string" && value !== ""],
  collapsed: yesOrNo,
  scrolled: ['true, false or "auto"', (value) => typeof value === "boolean" || value === "auto"],
  deletable: yesOrNo,
  editable: yesOrNo,
  format: text,
  jupyter: ["an object", isObject],
  tags: ["a list of different texts without commas", isTags],
};

/** How deep metadata may be nested; deeper, it could not be written again. */
const deepest = 100;

/** Whether a value is an object with fields. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Checks the metadata of a notebook or a cell, which may be missing.
 * @throws when it is not as nbformat 4.5 wants it; the message begins with `where`.
 */
export function checkedMetadata(metadata: unknown, of: "notebook" | "cell", where: string): JsonObject {
  if (metadata === undefined) return {};
  if (!isObject(metadata)) throw new Error(`${where} is ${brief(metadata)}; it must be an object`);
  for (const [field, [what, holds]] of Object.entries(of === "cell" ? cellRules : notebookRules))
    if (Object.hasOwn(metadata, field) && !holds(metadata[field]))
      throw new Error(`${where}.${field} is ${brief(metadata[field])}; it must be ${what}`);
  checkDepth(metadata, where);
  return metadata;
}

/**
 * Checks the files attached to a cell of text.
 * @throws when they are not, per name, values by MIME type; the message begins with `where`.
 */
export function checkedAttachments(attachments: unknown, where: string): JsonObject {
  if (!isObject(attachments)) throw new Error(`${where} is ${brief(attachments)}; it must be an object`);
  for (const [name, bundle] of Object.entries(attachments)) {
    const place = `${where}[${brief(name)}]`;
    if (!isObject(bundle)) throw new Error(`${place} is ${brief(bundle)}; it must be an object`);
    for (const [mime, value] of Object.entries(bundle))
      if (!/^application\/(.*\+)?json$/.test(mime) && typeof value !== "string" && !isTexts(value))
        throw new Error(`${place}[${brief(mime)}] is ${brief(value)}; it must be a text or a list of lines`);
  }
  checkDepth(attachments, where);
  return attachments;
}

/** Whether a value is a list of texts. */
export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function isTags(value: unknown): boolean {
  return isTexts(value) && new Set(value).size === value.length && value.every((tag) => /^[^,]+$/.test(tag));
}

function checkDepth(value: unknown, where: string): void {
  if (isDeeper(value, deepest))
    throw new Error(`${where} is nested more than ${deepest} levels deep; make it flatter`);
}
