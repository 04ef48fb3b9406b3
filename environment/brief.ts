const mostCharacters = 60;

/** A value as a short text for an error message: its JSON, cut after 60 characters. Never throws. */
export function brief(value: unknown): string {
  const text = textOf(value);
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, mostCharacters));
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}
