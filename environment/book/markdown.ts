import MarkdownIt from "markdown-it";
import { highlight } from "./highlight.js";
import { type Formula, takeMathematics } from "./mathematics.js";

const markdown = new MarkdownIt({ html: true, highlight });

/** A cell of prose as HTML, not yet clean. Its mathematics goes to `formulas`; marks stand in their places. */
export function markdownHtml(source: string, formulas: Formula[]): string {
  return markdown.render(takeMathematics(source, formulas));
}
