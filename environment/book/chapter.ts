import { readFileSync } from "node:fs";
import path from "node:path";
import { escapeHtml } from "../../lib/figures/drawing/figure-html.js";
import type { CodeCell, Notebook, TextCell } from "../notebook-file.js";
import { cleanHtml, document } from "./clean-html.js";
import { type Heading, orderHeadings } from "./headings.js";
import { highlight } from "./highlight.js";
import { linkPages, pageFile, type Surroundings } from "./links.js";
import { markdownHtml } from "./markdown.js";
import { type Formula, putMathematics, putTex, putWords } from "./mathematics.js";
import { type Picture, showOutput } from "./outputs.js";

/** A notebook as a page of the book, without what surrounds the text on every page. */
export interface Chapter {
  /** The notebook's name without ending. */
  readonly name: string;
  /** The page's file. */
  readonly file: string;
  readonly title: string;
  /** HTML of the paragraph under the title: what the notebook answers. */
  readonly answers: string;
  readonly headings: readonly Heading[];
  /** HTML of the text. */
  readonly body: string;
  /** Pictures and figures' data by their paths in the site. */
  readonly files: ReadonlyMap<string, Buffer | string>;
}

/** What is gathered while the cells of a notebook are gone through. */
interface Draft {
  readonly name: string;
  readonly formulas: Formula[];
  readonly files: Map<string, Buffer | string>;
  readonly surroundings: Surroundings;
}

/** Wider than this, in pixels, a figure is given more room than the text. */
const widestInText = 640;

/** Ids that every page has outside its text. */
export const pageIds = ["book-text", "book-contents", "book-query", "book-found"] as const;

/**
 * Makes a page of a notebook.
 * @throws when the notebook was not executed, has no title, names a picture that is not there, or holds a formula that is
 * not TeX; the message names the notebook and the fix.
 */
export function chapterOf(name: string, notebook: Notebook, surroundings: Surroundings): Chapter {
  const draft: Draft = { name, formulas: [], files: new Map(), surroundings };
  try {
    checkExecuted(notebook, `${surroundings.folder}/${name}.ipynb`);
    return finish(draft, notebook);
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`);
  }
}

function finish(draft: Draft, notebook: Notebook): Chapter {
  const { name, formulas, files, surroundings } = draft;
  const body = document.createElement("div");
  for (const cell of notebook.cells)
    body.append(...(cell.cell_type === "code" ? codeNodes(cell, draft) : proseNodes(cell, draft)));
  linkPages(body, surroundings);
  for (const table of body.querySelectorAll("table")) frameTable(table);
  const titleElement = body.querySelector("h1");
  if (!titleElement) throw new Error("there is no title; begin the first cell with one, as in # Title");
  const answers = titleElement.nextElementSibling?.localName === "p" ? titleElement.nextElementSibling : null;
  titleElement.remove();
  const headings = orderHeadings(body, formulas, new Set(pageIds));
  for (const element of body.querySelectorAll("[alt], [title]"))
    for (const attribute of Array.from(element.attributes))
      attribute.value = putTex(attribute.value, formulas);
  return {
    name,
    file: pageFile(name),
    title: putWords(titleElement.textContent ?? "", formulas),
    answers: putMathematics(withoutLabel(answers), formulas),
    headings: headings.map((heading) => ({ ...heading, html: putMathematics(heading.html, formulas) })),
    body: putMathematics(body.innerHTML, formulas),
    files,
  };
}

function checkExecuted({ cells }: Notebook, file: string): void {
  const code = cells.filter((cell) => cell.cell_type === "code" && cell.source.join("").trim() !== "");
  if (code.length > 0 && code.every((cell) => (cell as CodeCell).outputs.length === 0))
    throw new Error(`no cell has an output; execute it with npm run notebook -- ${file}`);
}

/** The HTML of a paragraph without the bold words that it begins with, such as **Goal.** */
function withoutLabel(paragraph: Element | null): string {
  if (!paragraph) return "";
  const copy = paragraph.cloneNode(true) as Element;
  const first = copy.firstChild;
  if (first?.nodeName === "STRONG" && /[.:]$/.test(first.textContent ?? "")) first.remove();
  return copy.innerHTML.trim();
}

function proseNodes(cell: TextCell, draft: Draft): Node[] {
  const source = cell.source.join("");
  const content = cleanHtml(
    cell.cell_type === "raw" ? `<pre>${escapeHtml(source)}</pre>` : markdownHtml(source, draft.formulas),
  );
  for (const image of content.querySelectorAll("img")) keepImage(image, cell, draft);
  return Array.from(content.childNodes);
}

function codeNodes(cell: CodeCell, draft: Draft): Node[] {
  const source = cell.source.join("");
  const nodes: Node[] = [];
  if (source.trim() !== "") {
    const fold = document.createElement("details");
    fold.className = "code";
    if (!isMostlyImports(source) && !isHidden(cell)) fold.setAttribute("open", "");
    fold.innerHTML = `<summary>Code</summary><pre><code>${highlight(source, "typescript")}</code></pre>`;
    nodes.push(fold);
  }
  for (const shown of cell.outputs.flatMap(showOutput)) {
    if ("picture" in shown) nodes.push(figureOf(shown.picture, draft));
    else nodes.push(outputOf(shown.content, cell, draft));
  }
  return nodes;
}

/** Whether JupyterLab hides the code of the cell. */
function isHidden({ metadata }: CodeCell): boolean {
  return (metadata.jupyter as { source_hidden?: unknown } | undefined)?.source_hidden === true;
}

/** Whether more lines than not only say what is used from where. */
function isMostlyImports(source: string): boolean {
  const lines = (text: string) => text.split("\n").length;
  const imports = source.match(/^(?:\s*import\s[^;]*;)+/)?.[0] ?? "";
  return lines(imports) > 8 && 2 * lines(imports) > lines(source);
}

/** An output's own HTML. Its headings are none of the page's. */
function outputOf(content: Node, cell: CodeCell, draft: Draft): Element {
  const output = document.createElement("div");
  output.className = "result";
  output.append(content);
  for (const heading of output.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const paragraph = document.createElement("p");
    paragraph.append(...heading.childNodes);
    heading.replaceWith(paragraph);
  }
  for (const image of output.querySelectorAll("img")) keepImage(image, cell, draft);
  return output;
}

function figureOf(picture: Picture, draft: Draft): Element {
  const { name, ending, bytes, alternative, width, height, plot } = picture;
  const source = addFile(draft, name, ending, bytes);
  const figure = document.createElement("figure");
  if ((width ?? 0) > widestInText) figure.className = "wide";
  const size = width && height ? ` width="${width}" height="${height}"` : "";
  const image = `<img src="${source}" alt="${escapeHtml(alternative)}"${size} loading="lazy" decoding="async">`;
  if (plot) {
    const data = addFile(draft, name, "plotly.json", JSON.stringify(plot));
    figure.innerHTML = `<div class="frame" data-plot="${data}">${image}</div><button type="button" class="explore">Explore<span class="unseen"> ${escapeHtml(alternative.split(/[:.] /)[0])}</span></button>`;
  } else figure.innerHTML = `<div class="frame">${image}</div>`;
  return figure;
}

/** Puts a picture of a text, wherever it lies, into the site. */
function keepImage(image: HTMLImageElement, cell: TextCell | CodeCell, draft: Draft): void {
  const source = image.getAttribute("src") ?? "";
  const { bytes, name } = readImage(source, cell, draft.surroundings);
  const ending = path.extname(name).slice(1);
  image.setAttribute("src", addFile(draft, path.basename(name, `.${ending}`), ending, bytes));
  image.setAttribute("loading", "lazy");
  if (!image.hasAttribute("alt"))
    throw new Error(`the picture ${name} has no text that stands for it; write one, as in ![text](file)`);
}

const endings: Record<string, string> = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/gif": "gif",
  "image/webp": "webp",
  "image/svg+xml": "svg",
};

function readImage(source: string, cell: TextCell | CodeCell, { project, folder }: Surroundings) {
  const encoded = /^data:([\w/+]+);base64,(.*)$/s.exec(source);
  if (encoded) return { name: `picture.${endings[encoded[1]]}`, bytes: Buffer.from(encoded[2], "base64") };
  const attached = /^attachment:(.*)$/.exec(source)?.[1];
  if (attached !== undefined) {
    const attachments = (cell as TextCell).attachments as Record<string, Record<string, string>> | undefined;
    const [mime, content] = Object.entries(attachments?.[decodeURIComponent(attached)] ?? {})[0] ?? [];
    if (content === undefined) throw new Error(`the picture ${attached} is not attached; attach it again`);
    return { name: `picture.${endings[mime]}`, bytes: Buffer.from([content].flat().join(""), "base64") };
  }
  const file = path.posix.join(folder, decodeURIComponent(source));
  if (source === "" || /^[a-z]+:|^\//i.test(source) || file.startsWith(".."))
    throw new Error(`the picture ${source} is not a file of the project; copy it there`);
  try {
    return { name: path.basename(file), bytes: readFileSync(path.join(project, file)) };
  } catch {
    throw new Error(`the picture ${source} cannot be read; check its path`);
  }
}

/** Adds a file under a name that no other has. @returns its path in the site. */
function addFile(
  { name: page, files }: Draft,
  name: string,
  ending: string,
  content: Buffer | string,
): string {
  let file = `figures/${page}/${name}.${ending}`;
  for (let i = 2; files.has(file); i++) file = `figures/${page}/${name}-${i}.${ending}`;
  files.set(file, content);
  return file;
}

/** Characters of a cell that is not broken into lines. */
const shortCell = 16;

/**
 * Lets a table that is wider than the page be moved sideways, and says of its header cells what they head. Its cells break
 * into lines neither at ± nor before a bar, and short ones not at all.
 */
function frameTable(table: HTMLTableElement): void {
  for (const cell of table.querySelectorAll("thead th"))
    if (cell.textContent?.trim()) cell.setAttribute("scope", "col");
    else cell.replaceWith(document.createElement("td"));
  for (const cell of table.querySelectorAll("td")) {
    const text = cell.textContent ?? "";
    if (text.length <= shortCell) cell.classList.add("short");
    else if (cell.childElementCount === 0)
      cell.textContent = text.replace(/ ± /g, "\u00a0±\u00a0").replace(/ \| /g, "\u00a0| ");
  }
  const frame = document.createElement("div");
  frame.className = "table";
  table.replaceWith(frame);
  frame.append(table);
}
