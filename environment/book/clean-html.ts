import { JSDOM } from "jsdom";

/** The document that pages are put together in; nothing in it runs or is loaded. */
export const { document } = new JSDOM("<!doctype html>").window;

/** What prose and outputs may hold, with the attributes that each may have. */
const allowed = new Map<string, readonly string[]>([
  ..."p br hr strong em b i u s del ins sub sup small mark code pre kbd samp var blockquote q cite abbr dfn ul li dl dt dd"
    .split(" ")
    .map((name) => [name, []] as const),
  ..."table thead tbody tfoot tr caption summary div span h1 h2 h3 h4 h5 h6"
    .split(" ")
    .map((name) => [name, []] as const),
  ["a", ["href", "title"]],
  ["img", ["src", "alt", "title", "width", "height"]],
  ["ol", ["start"]],
  ["details", ["open"]],
  ["td", ["colspan", "rowspan"]],
  ["th", ["colspan", "rowspan", "scope"]],
]);

/** What goes with everything in it; of anything else that is not allowed, the content stays. */
const dropped =
  "script, style, template, noscript, iframe, frame, object, embed, svg, math, form, input, button, select, textarea, link, meta, base, title";

/** The classes of highlighted code. */
const codeClass = /^(?:hljs[\w-]*|language-[\w-]+|\w+_)$/;

/**
 * A piece of HTML without anything that runs, loads or asks: elements and attributes that are not known to be harmless
 * are gone, and so are addresses of other kinds than web and mail. The alignment of a cell becomes its class.
 */
export function cleanHtml(html: string): DocumentFragment {
  const template = document.createElement("template");
  template.innerHTML = html;
  const { content } = template;
  for (const element of content.querySelectorAll(dropped)) element.remove();
  for (const element of content.querySelectorAll("*")) cleanElement(element);
  return content;
}

function cleanElement(element: Element): void {
  const attributes = allowed.get(element.localName);
  if (attributes === undefined) {
    element.replaceWith(...element.childNodes);
    return;
  }
  const align = /text-align:\s*(right|center)/.exec(element.getAttribute("style") ?? "")?.[1];
  const classes = Array.from(element.classList).filter((name) => codeClass.test(name));
  for (const { name, value } of Array.from(element.attributes))
    if (!attributes.includes(name) || !isHarmless(name, value)) element.removeAttribute(name);
  if (align) classes.push(align);
  if (classes.length > 0) element.className = classes.join(" ");
}

function isHarmless(attribute: string, value: string): boolean {
  if (attribute !== "href" && attribute !== "src") return true;
  if (attribute === "src" && /^data:image\/(?:png|jpeg|gif|webp|svg\+xml);base64,/.test(value)) return true;
  const base = "https://page.invalid/";
  const protocol = URL.canParse(value, base) ? new URL(value, base).protocol : "";
  return ["https:", "http:", attribute === "src" ? "attachment:" : "mailto:"].includes(protocol);
}
