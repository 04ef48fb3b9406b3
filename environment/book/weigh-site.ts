import { JSDOM } from "jsdom";
import type { Site } from "./site.js";

/** Bytes that a page needs, as they lie on the disk. */
export interface PageWeight {
  readonly page: string;
  readonly text: number;
  readonly pictures: number;
  /** Styles, programs and all fonts, though a browser loads only the cuts that a page uses. */
  readonly shared: number;
  /** What figures load only when they are made interactive. */
  readonly figuresData: number;
}

/** Most bytes that a page may need when it is first seen. */
export const mostAtFirst = 2_000_000;

/** What each page weighs; plotly.js, which is loaded with the first interactive figure, is left out. */
export function weighSite(site: Site): PageWeight[] {
  const size = (file: string) => Buffer.byteLength(site.get(file) ?? "");
  const sum = (files: Iterable<string>) => [...new Set(files)].reduce((total, file) => total + size(file), 0);
  const fonts = [...site.keys()].filter((file) => file.startsWith("assets/fonts/"));
  return [...site.keys()]
    .filter((file) => file.endsWith(".html"))
    .map((page) => {
      const { document } = new JSDOM(String(site.get(page))).window;
      const all = (selector: string, attribute: string) =>
        Array.from(document.querySelectorAll(selector), (element) => element.getAttribute(attribute)!);
      const shared = [...all("link[href]", "href"), ...all("script[src]", "src"), ...fonts];
      return {
        page,
        text: size(page),
        pictures: sum(all("img", "src")),
        shared: sum(shared),
        figuresData: sum(all("[data-plot]", "data-plot")),
      };
    });
}

/** Bytes of a page when it is first seen, all pictures down to its end included. */
export function atFirst({ text, pictures, shared }: PageWeight): number {
  return text + pictures + shared;
}
