/**
 * A message in which only options are advised that a command has. What reads tables advises options of those commands that
 * read them first: another command's message goes without the parenthesis, and without the alternative that it belongs to.
 * @param options as they are typed: `--missing`
 */
export function withOwnAdvice(message: string, options: readonly string[]): string {
  return message.replace(
    /(, or [^,;:()]*)? \((--[a-z-]+)( ('([^']|'\\'')*'|[^)']*))?\)/g,
    (advice, _alternative, option) => (options.includes(option) ? advice : ""),
  );
}
