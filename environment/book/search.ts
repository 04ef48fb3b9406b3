/** A title or heading that the search finds. */
export interface Entry {
  /** The page, with the heading's id where it is one. */
  readonly href: string;
  readonly words: string;
  /** The page's title; nothing where it is the entry itself. */
  readonly page?: string;
}

/** Most entries that a search shows. */
const most = 12;

/**
 * The entries that hold every word of a query, in capitals or not and with accents or without: those whose own words begin
 * with the query's first, then others, each in the order of the book.
 */
export function find(entries: readonly Entry[], query: string): Entry[] {
  const wanted = folded(query).match(/[\p{L}\p{N}]+/gu) ?? [];
  if (wanted.length === 0) return [];
  const score = ({ words, page }: Entry): number => {
    const own = folded(words);
    const all = `${own} ${folded(page ?? "")}`;
    if (!wanted.every((word) => all.includes(word))) return 0;
    if (!wanted.every((word) => own.includes(word))) return 1;
    return wanted.every((word) => beginsIn(own, word)) ? (page === undefined ? 4 : 3) : 2;
  };
  return entries
    .map((entry) => ({ entry, points: score(entry) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points)
    .slice(0, most)
    .map(({ entry }) => entry);
}

function beginsIn(text: string, word: string): boolean {
  return new RegExp(`(?<![\\p{L}\\p{N}])${word}`, "u").test(text);
}

function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
