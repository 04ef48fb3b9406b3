/** Names and cells of a file as they stand in messages: bounded, and without characters that a terminal would obey. */

const longest = 60;
const mostListed = 12;

/** Controls, line separators, marks that turn the direction of writing, and half characters. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A text within quotes, cut to 60 characters, control characters and quotes escaped. */
export function quoted(text: string): string {
  return escaped(JSON.stringify(cut(text)));
}

/** A text as it is when it can be printed so, else as `quoted` gives it. */
export function shown(text: string): string {
  return text.length <= longest && text !== "" && text.search(unprintable) < 0 ? text : quoted(text);
}

/** The first names of a list, each as `shown` gives it. */
export function listed(names: readonly string[], most = mostListed): string {
  const first = names.slice(0, most).map(shown).join(", ");
  return names.length > most ? `${first}, … (${names.length} in all)` : first;
}

/** An option as it can be typed in a shell with these values; nothing where a value cannot be typed. */
export function typed(option: string, values: readonly string[]): string {
  if (values.some((value) => value.length > longest || value.search(unprintable) >= 0)) return "";
  const list = values.map((value) => (/[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value));
  const word = list.join(",");
  return ` (--${option} ${/^[\w./:@%+-][\w./:@%+,-]*$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`})`;
}

/** A number of things in words: `1 cell`, `2,000 cells`. */
export function counted(number: number, thing: string): string {
  return `${number.toLocaleString("en")} ${thing}${number === 1 ? "" : "s"}`;
}

function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function escaped(text: string): string {
  return text.replace(unprintable, (character) =>
    Array.from({ length: character.length }, (_, i) => {
      return `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
    }).join(""),
  );
}
