import path from "node:path";
import { JSDOM } from "jsdom";
import type { Site } from "./site.js";

/** What is wrong with the pages of a site, a sentence each: links and files that are not there, ids that are double. */
export function checkSite(site: Site): string[] {
  const pages = new Map(
    [...site.keys()]
      .filter((file) => file.endsWith(".html"))
      .map((file) => [file, new JSDOM(String(site.get(file))).window.document]),
  );
  return [...pages].flatMap(([file, document]) => {
    const ids = Array.from(document.querySelectorAll("[id]"), ({ id }) => id);
    const double = ids.filter((id, index) => ids.indexOf(id) !== index);
    return [
      ...double.map((id) => `${file}: the id ${id} is there twice`),
      ...addresses(document).flatMap((address) => {
        const wrong = whatIsWrong(address, file, site, pages);
        return wrong ? [`${file}: ${address} ${wrong}`] : [];
      }),
    ];
  });
}

/** All that a page leads to or loads. */
function addresses(document: Document): string[] {
  return ["href", "src", "data-plot"].flatMap((attribute) =>
    Array.from(document.querySelectorAll(`[${attribute}]`), (element) => {
      const address = element.getAttribute(attribute)!;
      const leadsOut = element.matches("a[rel~=external]") && /^(?:https?:|mailto:|\/\/)/.test(address);
      return leadsOut ? [] : [address];
    }).flat(),
  );
}

function whatIsWrong(address: string, from: string, site: Site, pages: ReadonlyMap<string, Document>) {
  if (/^(?:[a-z][a-z\d+.-]*:|\/)/i.test(address)) return "is not a file of the site";
  const [name, fragment] = address.split("#");
  const file = name === "" ? from : path.posix.join(path.posix.dirname(from), decodeURIComponent(name));
  if (!site.has(file)) return "leads to no file of the site; mend or remove it in the notebook";
  if (fragment === undefined || fragment === "") return undefined;
  if (pages.get(file)?.getElementById(decodeURIComponent(fragment)) == null)
    return `leads to no heading of ${file}; mend or remove it in the notebook`;
}
