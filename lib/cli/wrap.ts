/** Columns that a terminal surely has. */
const WIDTH = 100;

/** Words in lines of at most 100 characters, those after the first indented by two. */
export function wrapped(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last !== undefined && last.length + 1 + word.length <= WIDTH)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? word : `  ${word}`);
  }
  return lines.join("\n");
}

/** What the words of a table mean, one line each. */
export function glossary(meanings: Readonly<Record<string, string>>): string {
  return Object.entries(meanings)
    .map(([term, meaning]) => wrapped(`${term}: ${meaning}`))
    .join("\n");
}
