import path from "node:path";
import type { Site } from "./site.js";
import { type Tag, tagsOf } from "./tags.js";

/** What is wrong with the pages of a site, a sentence each: links and files that are not there, ids that are double. */
export function checkSite(site: Site): string[] {
  const pages = new Map(
    [...site].filter(([file]) => file.endsWith(".html")).map(([file, html]) => [file, tagsOf(String(html))]),
  );
  const idsOf = new Map([...pages].map(([file, tags]) => [file, values(tags, "id")]));
  return [...pages].flatMap(([file, tags]) => {
    const ids = idsOf.get(file)!;
    const double = ids.filter((id, index) => ids.indexOf(id) !== index);
    return [
      ...double.map((id) => `${file}: the id ${id} is there twice`),
      ...addresses(tags).flatMap((address) => {
        const wrong = whatIsWrong(address, file, site, idsOf);
        return wrong ? [`${file}: ${address} ${wrong}`] : [];
      }),
    ];
  });
}

function values(tags: readonly Tag[], attribute: string): string[] {
  return tags.flatMap(({ attributes }) => attributes.get(attribute) ?? []);
}

/** All that a page leads to or loads, but for links that are meant to lead out of the site. */
function addresses(tags: readonly Tag[]): string[] {
  const leadsOut = ({ name, attributes }: Tag) =>
    name === "a" &&
    attributes.get("rel")?.startsWith("external") &&
    /^(?:https?:|mailto:|\/\/)/.test(attributes.get("href") ?? "");
  const within = tags.filter((tag) => !leadsOut(tag));
  return [
    ...["href", "src", "data-plot"].flatMap((attribute) => values(within, attribute)),
    ...values(tags, "data-loads").flatMap((files) => files.split(" ")),
  ];
}

function whatIsWrong(address: string, from: string, site: Site, idsOf: ReadonlyMap<string, string[]>) {
  if (/^(?:[a-z][a-z\d+.-]*:|\/)/i.test(address)) return "is not a file of the site";
  const [name, fragment] = address.split("#");
  const file = name === "" ? from : path.posix.join(path.posix.dirname(from), decodeURIComponent(name));
  if (!site.has(file)) return "leads to no file of the site; mend or remove it in the notebook";
  if (fragment === undefined || idsOf.get(file)?.includes(decodeURIComponent(fragment))) return undefined;
  return `leads to no heading of ${file}; mend or remove it in the notebook`;
}
