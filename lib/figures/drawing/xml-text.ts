// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what XML cannot hold
const notXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

/** A text in which every character that XML cannot hold, such as a control character, is "\ufffd". */
export function xmlText(text: string): string {
  return text.replace(notXml, "\ufffd");
}
