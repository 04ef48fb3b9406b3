import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { document } from "./clean-html.js";
import { slug } from "./headings.js";

/** What links of a notebook can lead to. */
export interface Surroundings {
  /** The project's folder. */
  readonly project: string;
  /** The notebooks' folder in it, with "/" between its parts. */
  readonly folder: string;
  /** Names of the notebooks that are pages, without ending. */
  readonly pages: ReadonlySet<string>;
  /** Address of the project's files on the web, ending in "/"; nothing where they are not published. */
  readonly repository?: string;
}

/**
 * Makes the links of a notebook links of a page: to a notebook, to its page; to another file of the project, to the web or,
 * where it is not there, plain text. A notebook's name or number in the type of code becomes a link as well. What leads nowhere
 * stays and is found when the site is checked.
 */
export function linkPages(body: Element, surroundings: Surroundings): void {
  for (const link of body.querySelectorAll<HTMLAnchorElement>("a[href]")) linkPage(link, surroundings);
  for (const code of body.querySelectorAll("code")) {
    if (code.closest("a, pre")) continue;
    const name = notebookOf(code.textContent ?? "", surroundings.pages);
    if (name === undefined) continue;
    const link = document.createElement("a");
    link.setAttribute("href", pageFile(name));
    code.replaceWith(link);
    link.append(code);
  }
}

/** The notebook that a text means: by its name, with its folder and ending or without, or by a number such as 01. */
function notebookOf(text: string, pages: ReadonlySet<string>): string | undefined {
  const name = text.replace(/^notebooks\//, "").replace(/\.ipynb$/, "");
  if (pages.has(name)) return name;
  return /^0\d$/.test(text) ? [...pages].find((page) => page.startsWith(`${text}-`)) : undefined;
}

/** The file of a notebook's page. */
export function pageFile(name: string): string {
  return `${name}.html`;
}

function linkPage(link: HTMLAnchorElement, surroundings: Surroundings): void {
  const address = addressOf(link.getAttribute("href")!, surroundings);
  if (address === undefined) link.replaceWith(...link.childNodes);
  else link.setAttribute("href", address);
  if (address !== undefined && outside.test(address)) link.setAttribute("rel", "external noreferrer");
}

/** Addresses that lead out of the site. */
const outside = /^(?:[a-z][a-z\d+.-]*:|\/\/)/i;

/** What a link of a notebook means in the book; nothing for a file of the project that is not on the web. */
function addressOf(href: string, { project, folder, pages, repository }: Surroundings): string | undefined {
  if (outside.test(href)) return href;
  const [address, fragment] = href.split("#");
  const anchor = fragment ? `#${slug(decodeURIComponent(fragment))}` : "";
  if (address === "") return anchor;
  const file = path.posix.join(folder, decodeURIComponent(address));
  const name = path.posix.basename(file, ".ipynb");
  if (file === `${folder}/${name}.ipynb` && pages.has(name)) return pageFile(name) + anchor;
  if (file.startsWith("..") || !existsSync(path.join(project, file))) return href;
  const kind = statSync(path.join(project, file)).isDirectory() ? "tree" : "blob";
  return repository && `${repository}${kind}/HEAD/${file}`;
}

/** The address of a project's files on the web from the field `repository` of its package.json. */
export function repositoryOf(field: string | { url?: string } | undefined): string | undefined {
  const url = typeof field === "string" ? field : field?.url;
  const short = /^(?:github:)?([\w.-]+\/[\w.-]+)$/.exec(url ?? "")?.[1];
  const web = short ? `https://github.com/${short}` : url?.replace(/^git\+/, "").replace(/\.git$/, "");
  return web?.startsWith("https://") ? `${web}/` : undefined;
}
