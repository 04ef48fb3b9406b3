/** Known words that are most like one that is not known. */

/** Longer texts are no misspelt words; of them only the beginning is compared. */
const longest = 40;

/** The few names whose beginning is nearest to a text, the shortest way to the whole name first; case does not count. */
export function closest(text: string, names: readonly string[], count = 3): string[] {
  const word = text.slice(0, longest).toLowerCase();
  const far = (name: string) => {
    const edits = editsToBeginnings(word, name.toLowerCase());
    return Math.min(...edits) * longest + edits.at(-1)!;
  };
  return [...names].sort((a, b) => far(a) - far(b)).slice(0, count);
}

/** How many letters must be put in, taken out or replaced to make a word each beginning of a name, the empty one first. */
function editsToBeginnings(word: string, name: string): number[] {
  let before = Array.from({ length: name.length + 1 }, (_, j) => j);
  for (let i = 1; i <= word.length; i++) {
    const edits = [i];
    for (let j = 1; j <= name.length; j++)
      edits.push(
        Math.min(before[j] + 1, edits[j - 1] + 1, before[j - 1] + (word[i - 1] === name[j - 1] ? 0 : 1)),
      );
    before = edits;
  }
  return before;
}
