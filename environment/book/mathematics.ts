import katex from "katex";

/** A formula of a notebook: its TeX, and whether it stands on lines of its own. */
export interface Formula {
  readonly tex: string;
  readonly display: boolean;
}

/** What is read as one piece. Code of either kind and escaped characters come first: no mathematics is in them. */
const pieces = [
  /(?<=^|\n) {0,3}(?<fence>`{3,}|~{3,})[^\n]*(?:\n[\s\S]*?)?(?:\n {0,3}\k<fence>[`~]*[ \t]*(?=\n|$)|$)/,
  /(?<!`)(?<ticks>`+)(?!`)(?:[^\n]|\n(?!\s*\n))*?(?<!`)\k<ticks>(?!`)/,
  /\\[\\$]/,
  /\$\$(?<alone>[\s\S]+?)\$\$/,
  // A dollar before a space opens nothing, one after a space or before a digit closes nothing: they are money.
  /\$(?=\S)(?<within>(?:\\[^\n]|[^\\$\n]|\n(?!\s*\n))+?)(?<=\S)\$(?!\d)/,
];
const scanner = new RegExp(pieces.map(({ source }) => source).join("|"), "g");

/** Characters without a meaning, in Unicode as in Markdown, around the number of a formula. */
const open = "\uE000";
const close = "\uE001";
const mark = new RegExp(`${open}(\\d+)${close}`, "g");

/**
 * Takes the mathematics out of a text in Markdown, as Jupyter does, so that underscores, asterisks and bars in it stay
 * what they are. The formulas are appended to `formulas`; marks stand in their places.
 */
export function takeMathematics(markdown: string, formulas: Formula[]): string {
  const keep = ({ tex, display }: Formula) => {
    formulas.push({ tex: tex.trim(), display });
    return `${open}${formulas.length - 1}${close}`;
  };
  const text = markdown.replaceAll(open, "").replaceAll(close, "");
  return text.replace(scanner, (whole: string, ...rest) => {
    const { alone, within }: Record<string, string | undefined> = rest.at(-1);
    if (alone !== undefined) return keep({ tex: alone, display: true });
    return within === undefined ? whole : keep({ tex: within, display: false });
  });
}

/**
 * Typesets the formulas whose marks stand in a piece of HTML.
 * @throws when a formula is not TeX that KaTeX knows; the message holds the formula.
 */
export function putMathematics(html: string, formulas: readonly Formula[]): string {
  return html.replace(mark, (_, index: string) => typeset(formulas[Number(index)]));
}

/** The same with the TeX itself instead of the typeset formula: for attributes. */
export function putTex(text: string, formulas: readonly Formula[]): string {
  return text.replace(mark, (_, index: string) => formulas[Number(index)].tex);
}

/** The same with plain words and letters: for anchors and the search. */
export function putWords(text: string, formulas: readonly Formula[]): string {
  return text.replace(mark, (_, index: string) => wordsOf(formulas[Number(index)].tex));
}

/** A text without the marks. */
export function dropMathematics(text: string): string {
  return text.replace(mark, "");
}

function typeset({ tex, display }: Formula): string {
  try {
    return katex.renderToString(tex, { displayMode: display, output: "htmlAndMathml", strict: false });
  } catch (error) {
    throw new Error(`the formula ${tex} cannot be typeset (${(error as Error).message})`);
  }
}

/** For example `q(s_x | x)` for `q(s_x \mid x)`. */
function wordsOf(tex: string): string {
  return tex
    .replace(/\\(?:mathcal|mathrm|mathbb|mathbf|text|texttt|hat|bar|left|right|,|;|!|quad)(?![a-z])/g, " ")
    .replace(/\\mid\b/g, "|")
    .replace(/\\(?:Vert|\|)/g, "‖")
    .replace(/\\(?=[A-Za-z])/g, "")
    .replace(/[{}\\]/g, "")
    .replace(/\s+/g, " ")
    .trim();
}
