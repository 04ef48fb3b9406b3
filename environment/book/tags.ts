/** An opening tag of a page. */
export interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

const tag = /<([a-z][\w-]*)((?:\s+[^\s"=<>/]+(?:="[^"]*")?)*)\s*\/?>/g;
const attribute = /\s+([^\s"=<>/]+)(?:="([^"]*)")?/g;

/**
 * The opening tags of a page of the book, in their order. Much faster than a parser, and no more than what such pages need:
 * names in small letters, values in double quotes, no "<" in a text.
 */
export function tagsOf(page: string): Tag[] {
  return Array.from(page.matchAll(tag), ([, name, rest]) => ({
    name,
    attributes: new Map(
      Array.from(rest.matchAll(attribute), ([, key, value]) => [key, decoded(value ?? "")]),
    ),
  }));
}

const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00a0" };

function decoded(value: string): string {
  return value.replace(/&(?:#(\d+)|([a-z]+));/g, (whole, code, name) =>
    code ? String.fromCodePoint(Number(code)) : (named[name] ?? whole),
  );
}
