import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { offlineProgram, playgroundFiles } from "../playground/files.js";
import { playground } from "../playground/layout.js";
import { sharedFiles } from "./assets.js";
import { type Chapter, chapterOf } from "./chapter.js";
import { type Book, type Companion, chapterPage, companionPage, indexPage } from "./layout.js";
import { repositoryOf } from "./links.js";
import { readExecuted } from "./read-executed.js";
import type { Entry } from "./search.js";

/** The files of a site by their paths in it, with "/" between their parts. */
export type Site = ReadonlyMap<string, Buffer | string>;

/** Pages beside those of the notebooks. */
const companions: readonly Companion[] = [playground];

/** In every book, and in no other folder. */
const listOfHeadings = "assets/headings.json";

/**
 * Makes the book of the notebooks in a folder of the project.
 * @throws when a notebook cannot become a page; the message names it and the fix.
 */
export async function makeSite(project: string, folder = "notebooks"): Promise<Site> {
  const names = readdirSync(path.join(project, folder))
    .filter((file) => file.endsWith(".ipynb"))
    .map((file) => path.basename(file, ".ipynb"))
    .sort();
  if (names.length === 0) throw new Error(`${folder} holds no notebook; name a folder that does`);
  const { description, repository } = JSON.parse(readFileSync(path.join(project, "package.json"), "utf8"));
  const surroundings = { project, folder, pages: new Set(names), repository: repositoryOf(repository) };
  const chapters = names.map((name) =>
    chapterOf(name, readExecuted(path.join(project, folder, `${name}.ipynb`)), surroundings),
  );
  const book: Book = { title: "The Var-JEPA book", description, chapters, companions };
  const site = new Map<string, Buffer | string>([
    ["index.html", indexPage(book)],
    ...chapters.map(({ file }, index) => [file, chapterPage(book, index)] as const),
    ...companions.map((companion) => [companion.file, companionPage(book, companion)] as const),
    ...chapters.flatMap(({ files }) => [...files]),
    ...(await sharedFiles()),
    ...(await playgroundFiles()),
    [listOfHeadings, JSON.stringify(entriesOf(chapters))],
  ]);
  return site.set("playground-offline.js", await offlineProgram(site));
}

function entriesOf(chapters: readonly Chapter[]): Entry[] {
  return [
    ...chapters.flatMap(({ file, title, headings }) => [
      { href: file, words: title },
      ...headings.map(({ id, words }) => ({ href: `${file}#${id}`, words, page: title })),
    ]),
    ...companions.map(({ file, title }) => ({ href: file, words: title })),
  ];
}

/**
 * Writes a site into a folder, in the place of an earlier book.
 * @throws when the folder holds something else.
 */
export function writeSite(site: Site, folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0 && !existsSync(path.join(folder, listOfHeadings)))
    throw new Error(`${folder} holds other files than a book; name an empty or a new folder with --out`);
  const fresh = `${path.resolve(folder)}.${process.pid}.tmp`;
  try {
    for (const [name, content] of site) {
      const file = path.join(fresh, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
