import { escapeHtml } from "../../lib/figures/drawing/figure-html.js";
import type { MimeBundle, Output } from "../notebook-file.js";
import { cleanHtml, document } from "./clean-html.js";

/** A figure among a cell's outputs: its picture, and what draws it interactively where there is that. */
export interface Picture {
  /** File name without ending. */
  readonly name: string;
  readonly ending: "png" | "jpg" | "svg";
  readonly bytes: Buffer;
  readonly alternative: string;
  /** Pixels on the page, where the notebook says. */
  readonly width?: number;
  readonly height?: number;
  readonly plot?: PlotlyFigure;
}

/** What a page uses of a plotly figure. */
interface PlotlyFigure {
  readonly data?: readonly { readonly type?: string }[];
  readonly layout?: Record<string, unknown>;
}

/** An output as a page shows it. */
export type Shown = { readonly picture: Picture } | { readonly content: Node };

/** Trace types of plotly.js-cartesian-dist-min. */
const traceTypes = new Set(
  "bar box contour heatmap histogram histogram2d histogram2dcontour image pie scatter scatterternary violin".split(
    " ",
  ),
);

const pictures = [
  ["image/svg+xml", "svg"],
  ["image/png", "png"],
  ["image/jpeg", "jpg"],
] as const;

/** The richest form of an output that needs no program of its own to be seen; nothing where it has none. */
export function showOutput(output: Output): Shown[] {
  switch (output.output_type) {
    case "stream":
      return [text(output.text.join(""), output.name === "stderr" ? "output error" : "output")];
    case "error":
      return [text([`${output.ename}: ${output.evalue}`, ...output.traceback].join("\n"), "output error")];
    default:
      return showBundle(output.data, output.metadata);
  }
}

function showBundle(data: MimeBundle, metadata: Record<string, unknown>): Shown[] {
  const described = joined(data["text/plain"]);
  for (const [mime, ending] of pictures) {
    if (data[mime] === undefined) continue;
    const size = metadata[mime] as { width?: number; height?: number } | undefined;
    const plot = data["application/vnd.plotly.v1+json"] as PlotlyFigure | undefined;
    const bytes = Buffer.from(joined(data[mime]), ending === "svg" ? "utf8" : "base64");
    const name = /^Figure ([\w.-]+)/.exec(described)?.[1].replace(/\.+$/, "") ?? "figure";
    const alternative = alternativeOf(described, plot);
    return [{ picture: { name, ending, bytes, alternative, ...size, plot: plot && drawable(plot) } }];
  }
  if (data["text/html"] !== undefined) return [{ content: cleanHtml(joined(data["text/html"])) }];
  const source = described || joined(Object.entries(data).find(([mime]) => mime.startsWith("text/"))?.[1]);
  return source === "" ? [] : [text(source, "output")];
}

/** The figure, if the site's part of plotly.js can draw all of it. */
function drawable(plot: PlotlyFigure): PlotlyFigure | undefined {
  return plot.data?.every(({ type = "scatter" }) => traceTypes.has(type)) ? plot : undefined;
}

/** The description that the notebook gives, each series once, and the titles of the axes. */
function alternativeOf(described: string, plot: PlotlyFigure | undefined): string {
  const [title, series] = described.split(/: (.*)/s);
  const once = series ? `${title}: ${[...new Set(series.split(", "))].join(", ")}` : title || "Figure";
  const titles = Object.entries(plot?.layout ?? {}).flatMap(([key, axis]) => {
    const text = /^[xy]axis\d*$/.test(key) ? (axis as { title?: { text?: string } }).title?.text : undefined;
    return text ? [cleanHtml(text).textContent] : [];
  });
  return titles.length > 0 ? `${once}. Axes: ${[...new Set(titles)].join("; ")}` : once;
}

function text(value: string, className: string): Shown {
  const content = document.createElement("pre");
  content.className = className;
  content.innerHTML = escapeHtml(withoutColours(value.trimEnd()));
  return { content };
}

/** A text without a terminal's sequences for colours. */
function withoutColours(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences begin with one.
  return value.replace(/\u001b\[[\d;]*[A-Za-z]/g, "");
}

function joined(value: unknown): string {
  return Array.isArray(value) ? value.join("") : typeof value === "string" ? value : "";
}
