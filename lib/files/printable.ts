/** Text from a file or a name, with everything that would move a terminal's cursor or colour it written out: `\n`, `\x1b`. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, written);
}

/** The same, but lines stay lines and tabs tabs. */
export function printableLines(text: string): string {
  return text.replace(/[^\n\t]+/g, printable);
}

const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function written(character: string): string {
  const code = character.charCodeAt(0);
  const hex = code.toString(16);
  return short[character] ?? (code < 256 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`);
}
