import { escapeHtml } from "../../lib/figures/drawing/figure-html.js";
import type { Chapter } from "./chapter.js";
import type { Heading } from "./headings.js";

/** A page that is not made of a notebook, such as one with a program of its own. */
export interface Companion {
  readonly file: string;
  readonly title: string;
  /** What the reader finds there, in a sentence. */
  readonly answers: string;
  /** HTML of all that is its own. */
  readonly main: string;
  /** Its own style sheet and program. */
  readonly style: string;
  readonly program: string;
}

/** What every page says of the book. */
export interface Book {
  readonly title: string;
  readonly description: string;
  readonly chapters: readonly Chapter[];
  readonly companions: readonly Companion[];
}

/** The hash of a style sheet without a rule, such as the one that plotly.js adds to a page and then fills. */
const emptySheet = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

/**
 * Nothing but the site's own files is loaded, and no script runs but those. KaTeX and plotly.js style single elements, and
 * plotly.js makes pictures of its plots.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' '${emptySheet}'`,
  "style-src-attr 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** The page of a notebook. */
export function chapterPage(book: Book, index: number): string {
  const { chapters } = book;
  const { title, file, name, body } = chapters[index];
  const number = numberOf(name);
  const before = chapters[index - 1];
  const after = chapters[index + 1];
  const turn = [
    ...(before ? [turnTo(before, "prev", "Previous")] : []),
    ...(after ? [turnTo(after, "next", "Next")] : []),
  ];
  return page(book, {
    file,
    title,
    main: `<header class="opening">
${number ? `<p class="number">Notebook ${number}</p>\n` : ""}<h1>${titleHtml(title)}</h1>
</header>
<div class="text">
${body}
</div>
<nav class="turn" aria-label="Previous and next page">${turn.join("")}</nav>`,
  });
}

/** The page of a companion. */
export function companionPage(book: Book, companion: Companion): string {
  return page(book, companion);
}

/** The page that the book opens with: what each page answers. */
export function indexPage(book: Book): string {
  const entries = book.chapters.map(
    ({ file, title, name, answers }) =>
      `<li><p class="number" aria-hidden="true">${numberOf(name) ?? ""}</p><h2><a href="${file}">${titleHtml(title)}</a></h2><p>${answers}</p></li>`,
  );
  const companions = book.companions.map(
    ({ file, title, answers }) =>
      `<li><h2><a href="${file}">${titleHtml(title)}</a></h2><p>${escapeHtml(answers)}</p></li>`,
  );
  return page(book, {
    file: "index.html",
    title: book.title,
    main: `<header class="opening">
<h1>${titleHtml(book.title)}</h1>
<p class="lead">${escapeHtml(book.description)}</p>
</header>
<ol class="chapters">
${[...entries, ...companions].join("\n")}
</ol>`,
  });
}

function numberOf(name: string): string | undefined {
  return /^(\d+)-/.exec(name)?.[1];
}

function turnTo({ file, title }: Chapter, rel: "prev" | "next", word: string): string {
  return `<a rel="${rel}" href="${file}"><span>${word}</span> ${titleHtml(title)}</a>`;
}

/** A title whose words stay whole at their hyphens. */
function titleHtml(title: string): string {
  return escapeHtml(title).replace(/[\w-]*\w-\w+/g, '<span class="whole">$&</span>');
}

/** What a page has of its own. */
type Own = Pick<Companion, "file" | "title" | "main"> & Partial<Pick<Companion, "style" | "program">>;

/** A page with what surrounds the text on all of them. */
function page(book: Book, { file, title, main, style, program }: Own): string {
  const full = title === book.title ? title : `${title} · ${book.title}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(full)}</title>
<link rel="icon" href="assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="assets/fonts.css">
<link rel="stylesheet" href="assets/book.css">${style ? `\n<link rel="stylesheet" href="${style}">` : ""}
<script src="assets/before.js"></script>
<script src="assets/book.js" defer></script>${program ? `\n<script src="${program}" defer></script>` : ""}
</head>
<body>
<a class="skip" href="#book-text">Skip to the text</a>
<header class="bar">
<button type="button" class="opens-contents" aria-expanded="false" aria-controls="book-contents">Contents</button>
<a class="home" href="index.html">${escapeHtml(book.title)}</a>
<form role="search" class="search">
<input id="book-query" type="search" placeholder="Search headings" aria-label="Search titles and headings" autocomplete="off" aria-controls="book-found">
<div id="book-found" hidden></div>
</form>
<div class="switches"><button type="button" class="code-switch" aria-pressed="false">Hide code</button><button type="button" class="theme-switch" aria-pressed="false">Dark</button></div>
</header>
<nav id="book-contents" aria-label="Contents">
${contents(book, file)}
</nav>
<main id="book-text" tabindex="-1">
${main}
</main>
</body>
</html>
`;
}

/** All pages; of the page itself also its headings, one list in the other. */
function contents({ chapters, companions }: Book, file: string): string {
  const item = (link: { file: string; title: string; name?: string; headings?: readonly Heading[] }) => {
    const here = link.file === file;
    const number = numberOf(link.name ?? "");
    const label = `${number ? `<span class="number">${number}</span> ` : ""}<span>${titleHtml(link.title)}</span>`;
    const below = here && link.headings?.length ? nested(link.headings) : "";
    return `<li><a href="${link.file}"${here ? ' aria-current="page"' : ""}>${label}</a>${below}</li>`;
  };
  return `<ul class="pages">\n${[...chapters, ...companions].map(item).join("\n")}\n</ul>`;
}

function nested(headings: readonly Heading[]): string {
  const shown = headings.filter(({ level }) => level <= 3);
  const items = shown.map(
    ({ id, level, html }) => `<li class="level-${level}"><a href="#${id}">${html}</a></li>`,
  );
  return `<ul class="headings">${items.join("")}</ul>`;
}
