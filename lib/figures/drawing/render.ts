import { createHash } from "node:crypto";
import { type Figure, plainFigure } from "./figure.js";
import { plotlyWindow } from "./plotly-window.js";
import { palettePng } from "./png.js";
import { drawSvg } from "./text-metrics.js";
import { themed } from "./theme.js";
import { xmlText } from "./xml-text.js";

/** Plotly's trace types that need WebGL, with the type that draws the same data without it. */
const withoutWebGl: Record<string, string> = {
  scattergl: "scatter",
  scatterpolargl: "scatterpolar",
  scatter3d: "scatter",
  mesh3d: "scatter",
  surface: "heatmap",
  isosurface: "contour",
  volume: "contour",
  cone: "quiver",
  streamtube: "quiver",
  splom: "scatter",
  parcoords: "scatter",
  scattermap: "scattergeo",
  choroplethmap: "choropleth",
  densitymap: "scattergeo",
};

let queue: Promise<unknown> = Promise.resolve();

/**
 * Draws a plotly figure as an SVG text without a browser, in the project's theme. The same figure gives the
 * same text, byte for byte, in every process. Size in pixels from `layout.width` and `layout.height`.
 * @throws when a trace needs WebGL, or when plotly refuses the figure.
 */
export async function figureToSvg(figure: Figure): Promise<string> {
  refuseWebGl(figure);
  const plain = plainFigure(themed(figure));
  const drawing = queue.then(() => draw(plain));
  queue = drawing.catch(() => {});
  return drawing;
}

/** Draws an SVG as a PNG on white with at most 256 colours, `scale` times as wide and high. */
export function svgToPng(svg: string, scale = 2): Buffer {
  const image = drawSvg(svg, scale);
  return palettePng(image.width, image.height, image.pixels);
}

async function draw(figure: Figure): Promise<string> {
  const svg = xmlText(await (await plotlyWindow()).draw(figure, seedOf(figure)));
  return svg.replace(/ style="([^"]*image-rendering[^"]*)"/g, (_, style: string) => pixelated(style));
}

/** Plotly's long style for enlarging without smoothing, in the one form that PNG renderer and browsers know. */
function pixelated(style: string): string {
  const others = style.split(";").filter((rule) => rule.trim() !== "" && !rule.includes("image-rendering"));
  const kept = others.length > 0 ? ` style="${others.join(";").trim()}"` : "";
  return `${kept} image-rendering="optimizeSpeed"`;
}

function seedOf(figure: Figure): number {
  return createHash("sha256").update(JSON.stringify(figure)).digest().readUInt32BE(0);
}

function refuseWebGl({ data }: Figure): void {
  data.forEach(({ type }, i) => {
    const instead = withoutWebGl[type];
    if (instead)
      throw new Error(`trace ${i} has type "${type}", which needs a browser's WebGL; use "${instead}"`);
  });
}
