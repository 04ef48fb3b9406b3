import type { Site } from "./site.js";
import { tagsOf } from "./tags.js";

/** Bytes that a page needs, as they lie on the disk. */
export interface PageWeight {
  readonly page: string;
  readonly text: number;
  readonly pictures: number;
  /** Styles, programs, what these load at once, and all fonts, though a browser loads only the cuts that a page uses. */
  readonly shared: number;
  /** What figures load only when they are made interactive. */
  readonly figuresData: number;
}

/** Most bytes that a page may need when it is first seen. */
export const mostAtFirst = 2_000_000;

/** What each page weighs; plotly.js, which is loaded with the first interactive figure, is left out. */
export function weighSite(site: Site): PageWeight[] {
  const sum = (files: Iterable<string>) =>
    [...new Set(files)].reduce((total, file) => total + Buffer.byteLength(site.get(file) ?? ""), 0);
  const fonts = [...site.keys()].filter((file) => file.startsWith("assets/fonts/"));
  return [...site.keys()]
    .filter((file) => file.endsWith(".html"))
    .map((page) => {
      const tags = tagsOf(String(site.get(page)));
      const all = (attribute: string, ...names: string[]) =>
        tags.flatMap(({ name, attributes }) =>
          names.includes(name) ? (attributes.get(attribute) ?? []) : [],
        );
      return {
        page,
        text: sum([page]),
        pictures: sum(all("src", "img")),
        shared: sum([
          ...[...all("href", "link"), ...all("src", "script"), ...fonts],
          ...all("data-loads", "div").flatMap((files) => files.split(" ")),
        ]),
        figuresData: sum(all("data-plot", "div")),
      };
    });
}

/** Bytes of a page when it is first seen, all pictures down to its end included. */
export function atFirst({ text, pictures, shared }: PageWeight): number {
  return text + pictures + shared;
}
