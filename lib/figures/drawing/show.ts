import path from "node:path";
import { writeWhole } from "../../files/whole-file.js";
import { figuresFolder } from "../../settings.js";
import { cellDisplay, type Output } from "./display.js";
import { type Figure, plainFigure } from "./figure.js";
import { figureHtml } from "./figure-html.js";
import { figureToSvg, svgToPng } from "./render.js";
import { defaultSize, themed } from "./theme.js";
import { xmlText } from "./xml-text.js";

/** How `show` names and sizes a figure. */
export interface ShowOptions {
  /** File name without ending; the figure is saved only when given. */
  name?: string;
  /** What the picture shows, in words, for who does not see it; by default the names of its series, or what the figure says of itself. */
  alternative?: string;
  /** Pixels; by default the figure's own size. */
  width?: number;
  height?: number;
}

/**
 * Draws a figure. In a notebook it becomes the cell's output: interactive where plotly.js can be loaded, a
 * picture elsewhere. With a name, `<name>.svg`, `<name>.png` and `<name>.plotly.json` are written to the
 * folder of `figuresFolder()`.
 * @throws when the name is not a plain file name or the figure needs WebGL.
 */
export async function show(figure: Figure, options: ShowOptions = {}): Promise<void> {
  const { name } = options;
  if (name !== undefined) checkName(name);
  const display = cellDisplay();
  const drawn = sized(figure, options);
  const svg = await figureToSvg(drawn);
  const png = svgToPng(svg);
  if (name !== undefined) await save(name, drawn, svg, png);
  display?.(figureOutput(drawn, png, describe(drawn, options)));
}

function sized({ data, layout }: Figure, { width, height }: ShowOptions): Figure {
  const size = {
    width: width ?? layout.width ?? defaultSize.width,
    height: height ?? layout.height ?? defaultSize.height,
  };
  return plainFigure(themed({ data, layout: { ...layout, ...size } }));
}

function figureOutput(figure: Figure, png: Buffer, description: string): Output {
  const { width, height } = figure.layout;
  return {
    data: {
      "application/vnd.plotly.v1+json": figure,
      "image/png": png.toString("base64"),
      "text/html": figureHtml(figure, png, description),
      "text/plain": description,
    },
    metadata: { "image/png": { width, height } },
  };
}

/** What the figure says of itself, or for example `Figure losses: A, B`. */
function describe(
  { data, layout }: Figure,
  { name, alternative = layout.meta?.alternative }: ShowOptions,
): string {
  if (alternative !== undefined) return xmlText(alternative);
  const series = [...new Set(data.flatMap((trace) => (typeof trace.name === "string" ? [trace.name] : [])))];
  const title = name === undefined ? "Figure" : `Figure ${name}`;
  const text = series.length > 0 ? `${title}: ${series.join(", ")}` : title;
  return xmlText(text.replace(/<\/?[a-z][^>]*>/g, ""));
}

async function save(name: string, figure: Figure, svg: string, png: Buffer): Promise<void> {
  const folder = figuresFolder();
  writeWhole(path.join(folder, `${name}.svg`), svg);
  writeWhole(path.join(folder, `${name}.png`), png);
  writeWhole(path.join(folder, `${name}.plotly.json`), `${JSON.stringify(figure)}\n`);
}

function checkName(name: string): void {
  if (!/^\w[\w.-]*$/.test(name))
    throw new Error(
      `name is ${JSON.stringify(name.slice(0, 60))}; use letters, digits, "-", "_" and "." only`,
    );
}
