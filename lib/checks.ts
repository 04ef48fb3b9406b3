/** Checks of single fields whose values come from outside: configurations, files. Each names field, value and fix. */

/** Longest piece of a foreign text in a message. */
const LONGEST = 300;

/** A text on one line, cut where it is longer than a sentence should be. */
export function brief(text: string, longest = LONGEST): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they would break the line, or the terminal
  const line = text.slice(0, 2 * longest).replace(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ");
  return text.length > longest ? `${line.slice(0, longest)}…` : line;
}

/** Any value as it would stand in JSON, cut to a few words. */
export function shown(value: unknown): string {
  return brief(typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "missing"), 60);
}

/** @throws when the value is no whole number from `least` to `most`, if that is given. */
export function checkWhole(
  field: string,
  value: unknown,
  least: number,
  most = Number.POSITIVE_INFINITY,
): void {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return;
  const range = most === Number.POSITIVE_INFINITY ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new Error(`${field} is ${shown(value)}; use a whole number ${range}`);
}

/** @throws when the value is no number from `least` to `most`. */
export function checkNumber(field: string, value: unknown, least: number, most: number): void {
  if (typeof value !== "number" || !(value >= least && value <= most))
    throw new Error(`${field} is ${shown(value)}; use a number from ${least} to ${most}`);
}

/** @throws when the value is none of the choices. */
export function checkChoice(field: string, value: unknown, choices: readonly string[]): void {
  if (!choices.includes(value as string))
    throw new Error(
      `${field} is ${shown(value)}; use ${choices.map((choice) => JSON.stringify(choice)).join(" or ")}`,
    );
}

/** @throws when the value is no object with named fields. */
export function checkRecord(field: string, value: unknown): asserts value is Record<string, unknown> {
  if (!isRecord(value)) throw new Error(`${field} is ${shown(value)}; use an object with named fields`);
}

/** @throws when the value is no list. */
export function checkList(field: string, value: unknown): asserts value is unknown[] {
  if (!Array.isArray(value)) throw new Error(`${field} is ${shown(value)}; use a list`);
}

/** Whether two pieces of plain data say the same; the order of fields does not count, and NaN is the same as NaN. */
export function sameData(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a, b] as Record<string, unknown>[];
  const fields = Object.keys(left);
  return (
    fields.length === Object.keys(right).length &&
    fields.every((field) => Object.hasOwn(right, field) && sameData(left[field], right[field]))
  );
}

/** The first field, by either's order, in which two records of plain data differ; `undefined` if they say the same. */
export function differingField(a: object, b: object): string | undefined {
  const [left, right] = [a, b] as Record<string, unknown>[];
  return Object.keys({ ...left, ...right }).find((field) => !sameData(left[field], right[field]));
}

/** Whether a value is an object with named fields. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
