/** Known words that are most like one that is not known. */

/** Longer texts are no misspelt words; of them only the beginning is compared. */
const longest = 40;

/** The few names nearest to a text: those that begin with it first, then by how many letters differ; case does not count. */
export function closest(text: string, names: readonly string[], count = 3): string[] {
  const word = text.slice(0, longest).toLowerCase();
  const far = (name: string) =>
    (name.toLowerCase().startsWith(word) ? 0 : longest) + editsBetween(word, name.toLowerCase());
  return [...names].sort((a, b) => far(a) - far(b)).slice(0, count);
}

/** How many letters must be put in, taken out or replaced to make one word the other. */
function editsBetween(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const edits = [i];
    for (let j = 1; j <= b.length; j++)
      edits.push(Math.min(before[j] + 1, edits[j - 1] + 1, before[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    before = edits;
  }
  return before[b.length];
}
