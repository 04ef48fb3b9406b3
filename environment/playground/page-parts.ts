/** Pieces that the page is made of. */
import { subscripts } from "./words.js";

/** An element that the page has. */
export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  return document.getElementById(id) as E;
}

/** Puts a text with its subscripts into an element, in the place of what is there. */
export function write(element: Element, text: string): void {
  if (element.getAttribute("data-text") === text) return;
  element.setAttribute("data-text", text);
  element.replaceChildren(
    ...subscripts(text).map((piece, i) => {
      if (i % 2 === 0) return document.createTextNode(piece.replaceAll("(0, I)", "(0,\u00a0I)"));
      const lower = document.createElement("sub");
      lower.textContent = piece;
      return lower;
    }),
  );
}

/** Adds an element, with a text if there is one. */
export function append<Name extends keyof HTMLElementTagNameMap>(
  parent: Element,
  name: Name,
  text = "",
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  if (text !== "") write(element, text);
  parent.append(element);
  return element;
}
