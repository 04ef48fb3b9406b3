import { document } from "./clean-html.js";
import { dropMathematics, type Formula, putWords } from "./mathematics.js";

/** A heading below a page's title. */
export interface Heading {
  readonly id: string;
  readonly level: number;
  /** Its content, with marks in the places of formulas. */
  readonly html: string;
  /** The same as plain words. */
  readonly words: string;
}

/**
 * Gives every heading an id of its own and a level at most one deeper than that of the heading before, from 2 on.
 * @param taken ids that the page has elsewhere; those given are added.
 */
export function orderHeadings(body: Element, formulas: readonly Formula[], taken: Set<string>): Heading[] {
  let before = 1;
  return Array.from(body.querySelectorAll("h1, h2, h3, h4, h5, h6"), (found) => {
    const level = Math.max(2, Math.min(Number(found.localName[1]), before + 1));
    before = level;
    const heading = document.createElement(`h${level}`);
    heading.append(...found.childNodes);
    found.replaceWith(heading);
    const text = heading.textContent ?? "";
    heading.id = free(slug(dropMathematics(text)) || "section", taken);
    return { id: heading.id, level, html: heading.innerHTML, words: putWords(text, formulas) };
  });
}

/** For example `4-context-encoder` for `4. Context encoder:`. */
export function slug(text: string): string {
  const plain = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return plain.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
}

function free(wanted: string, taken: Set<string>): string {
  let id = wanted;
  for (let i = 2; taken.has(id); i++) id = `${wanted}-${i}`;
  taken.add(id);
  return id;
}
