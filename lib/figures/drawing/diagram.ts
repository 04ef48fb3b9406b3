/** Diagrams of boxes and arrows: sized by their texts, laid out on a grid, drawn as a plotly figure. Pixels, y downwards. */

import type { Box } from "./box.js";
import type { Figure } from "./figure.js";
import { textWidth } from "./text-metrics.js";

/** What a box stands for; each has colours of its own. "absent" is drawn dashed and grey, "plain" is text only. */
export type Look =
  | "data"
  | "network"
  | "latent"
  | "loss"
  | "context"
  | "target"
  | "rest"
  | "panel"
  | "absent"
  | "plain";

/** What a box says: plotly text, one entry per line. */
export interface BoxContent {
  readonly look: Look;
  /** In bold above the lines. */
  readonly title?: string;
  readonly lines?: readonly string[];
  /** Bars of cells below the lines, such as masks. */
  readonly strips?: readonly Strip[];
}

/** A bar of equal cells with a name on its left. */
export interface Strip {
  readonly name: string;
  readonly cells: readonly Look[];
}

/** A place in pixels, from the upper left. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A coloured rectangle: an outlined tint with round corners, or the full colour without outline. */
export interface Region extends Box {
  readonly look: Look;
  readonly full: boolean;
}

/** One line of text by its middle; `width` as it will be drawn. */
export interface DiagramText extends Point {
  readonly text: string;
  readonly width: number;
  readonly size: number;
  readonly color: string;
}

/** A line through points, its corners rounded. */
export interface Arrow {
  readonly points: readonly Point[];
  readonly look: "flow" | "dashed" | "loss";
}

/** Everything a diagram draws: regions first, arrows over them, texts on top. */
export interface Diagram {
  readonly width: number;
  readonly height: number;
  readonly regions: readonly Region[];
  readonly arrows: readonly Arrow[];
  readonly texts: readonly DiagramText[];
}

/** A box's content with its place in a grid. */
export interface GridCell extends BoxContent {
  readonly column: number;
  readonly lane: number;
}

/** Where a grid's boxes stand. */
export interface Grid<Name extends string> {
  readonly boxes: Readonly<Record<Name, Box>>;
  readonly width: number;
  readonly height: number;
  /** y halfway between a lane and the next one. */
  readonly below: (lane: number) => number;
  /** x halfway between a column and the next one. */
  readonly rightOf: (column: number) => number;
}

/** Size of a box's title in pixels. */
export const titleSize = 14;
/** Size of its other lines in pixels. */
export const lineSize = 12.5;

const titleHeight = 21;
const lineHeight = 18;
const stripHeight = 15;
const stripsTop = 5;
const stripNameWidth = 24;
const shortestStrip = 128;
const padding = { x: 12, y: 9 };
const subscriptScale = 0.7;

/** Okabe and Ito's colours as outlines on their own tints; every text has a contrast of at least 4.5:1. */
const looks: Record<Look, { fill: string; line: string; text: string }> = {
  data: { fill: "#F1F1F1", line: "#777777", text: "#222222" },
  network: { fill: "#E7F1F8", line: "#0072B2", text: "#222222" },
  latent: { fill: "#E3F4EE", line: "#009E73", text: "#222222" },
  loss: { fill: "#F8E9F0", line: "#882255", text: "#661A40" },
  context: { fill: "#E7F1F8", line: "#0072B2", text: "#222222" },
  target: { fill: "#FDF1D8", line: "#E69F00", text: "#222222" },
  rest: { fill: "#F1F1F1", line: "#DDDDDD", text: "#222222" },
  panel: { fill: "#FFFFFF", line: "#BBBBBB", text: "#222222" },
  absent: { fill: "#FFFFFF", line: "#AAAAAA", text: "#6F6F6F" },
  plain: { fill: "#FFFFFF", line: "#FFFFFF", text: "#444444" },
};

const arrowColors: Record<Arrow["look"], string> = { flow: "#444444", dashed: "#444444", loss: "#882255" };
const head = { length: 9, halfWidth: 4.5 };
const cornerRadius = 7;

/** Width in pixels of one line of plotly text; subscripts and superscripts are smaller. */
export function lineWidth(text: string, size: number): number {
  let [bold, depth, width] = [false, 0, 0];
  for (const piece of text.split(/(<[^>]*>)/)) {
    const [, closing, tag] = /^<(\/?)(\w+)/.exec(piece) ?? [];
    if (tag === "b") bold = !closing;
    else if (tag === "sub" || tag === "sup") depth += closing ? -1 : 1;
    else if (!tag) width += textWidth(piece, { size: size * subscriptScale ** depth, bold, italic: false });
  }
  return width;
}

/** The size that a box needs for its content. */
export function boxSize({ title, lines = [], strips = [] }: BoxContent): { width: number; height: number } {
  const widths = [
    ...(title ? [lineWidth(`<b>${title}</b>`, titleSize)] : []),
    ...lines.map((line) => lineWidth(line, lineSize)),
    ...strips.map(() => stripNameWidth + shortestStrip),
  ];
  return {
    width: Math.ceil(Math.max(...widths)) + 2 * padding.x,
    height: contentHeight({ look: "plain", title, lines, strips }) + 2 * padding.y,
  };
}

/** A box's rectangle, cells and texts, the content in its middle. */
export function placeBox(content: BoxContent, box: Box): Pick<Diagram, "regions" | "texts"> {
  const { look, title, lines = [], strips = [] } = content;
  const color = looks[look].text;
  const x = box.x + box.width / 2;
  let y = box.y + (box.height - contentHeight(content)) / 2;
  const regions: Region[] = look === "plain" ? [] : [{ ...box, look, full: false }];
  const texts: DiagramText[] = [];
  if (title) {
    texts.push(textAt(`<b>${title}</b>`, { x, y: y + titleHeight / 2 }, titleSize, color));
    y += titleHeight;
  }
  for (const line of lines) {
    texts.push(textAt(line, { x, y: y + lineHeight / 2 }, lineSize, color));
    y += lineHeight;
  }
  y += strips.length > 0 ? stripsTop : 0;
  for (const { name, cells } of strips) {
    const left = box.x + padding.x;
    const width = lineWidth(name, lineSize);
    texts.push(textAt(name, { x: left + width / 2, y: y + stripHeight / 2 }, lineSize, color));
    const bar = {
      x: left + stripNameWidth,
      y: y + 2,
      width: box.width - 2 * padding.x - stripNameWidth,
      height: stripHeight - 4,
    };
    regions.push(...cellRuns(cells, bar));
    y += stripHeight;
  }
  return { regions, texts };
}

/** One line of text around a point. */
export function textAt(text: string, at: Point, size = lineSize, color = looks.plain.text): DiagramText {
  return { ...at, text, width: lineWidth(text, size), size, color };
}

/**
 * Lays cells out: every box of a column has the width of its widest one and stands in the middle of its lane.
 * @param gaps pixels between columns and between lanes
 */
export function placeGrid<Name extends string>(
  cells: Readonly<Record<Name, GridCell>>,
  gaps: { readonly column: number; readonly lane: number },
  margin = 10,
): Grid<Name> {
  const entries = Object.entries(cells) as [Name, GridCell][];
  const sizes = entries.map(([, cell]) => ({ cell, ...boxSize(cell) }));
  const extents = (place: "column" | "lane", extent: "width" | "height", gap: number) => {
    const count = 1 + Math.max(...sizes.map(({ cell }) => cell[place]));
    let start = margin;
    return Array.from({ length: count }, (_, i) => {
      const size = Math.max(0, ...sizes.filter(({ cell }) => cell[place] === i).map((own) => own[extent]));
      const from = start;
      start += size + gap;
      return { from, to: from + size };
    });
  };
  const columns = extents("column", "width", gaps.column);
  const lanes = extents("lane", "height", gaps.lane);
  const boxes = entries.map(([name, { column, lane }], i) => {
    const { from, to } = columns[column];
    const { height } = sizes[i];
    const middle = (lanes[lane].from + lanes[lane].to) / 2;
    return [name, { x: from, y: middle - height / 2, width: to - from, height }];
  });
  return {
    boxes: Object.fromEntries(boxes),
    width: columns[columns.length - 1].to + margin,
    height: lanes[lanes.length - 1].to + margin,
    below: (lane) => lanes[lane].to + gaps.lane / 2,
    rightOf: (column) => columns[column].to + gaps.column / 2,
  };
}

/** A point on a side of a box, `share` of the way along it from the left or the top. */
export function side(box: Box, which: "left" | "right" | "top" | "bottom", share = 0.5): Point {
  if (which === "left" || which === "right")
    return { x: which === "left" ? box.x : box.x + box.width, y: box.y + share * box.height };
  return { x: box.x + share * box.width, y: which === "top" ? box.y : box.y + box.height };
}

/** A straight or bent arrow. */
export function flow(...points: Point[]): Arrow {
  return { look: "flow", points };
}

/** An arrow that leaves upwards or downwards, runs along the height `y`, and enters from above or below. */
export function around(from: Point, y: number, to: Point): Arrow {
  return flow(from, { x: from.x, y }, { x: to.x, y }, to);
}

/** A key to the looks: coloured squares with their meaning, in one line. */
export function placeLegend(
  entries: readonly (readonly [Look, string])[],
  left: number,
  middle: number,
): Pick<Diagram, "regions" | "texts"> {
  const regions: Region[] = [];
  const texts: DiagramText[] = [];
  let x = left;
  for (const [look, meaning] of entries) {
    const width = lineWidth(meaning, lineSize);
    regions.push({
      x,
      y: middle - 7,
      width: 14,
      height: 14,
      look,
      full: look === "context" || look === "target",
    });
    texts.push(textAt(meaning, { x: x + 20 + width / 2, y: middle }));
    x += 20 + width + 26;
  }
  return { regions, texts };
}

/** Boxes on their grid, arrows between them, and a key below. */
export function gridDiagram<Name extends string>(
  cells: Readonly<Record<Name, GridCell>>,
  grid: Grid<Name>,
  arrows: readonly Arrow[],
  notes: readonly DiagramText[],
  legend: readonly (readonly [Look, string])[],
): Diagram {
  const names = Object.keys(cells) as Name[];
  const parts = names.map((name) => placeBox(cells[name], grid.boxes[name]));
  const key = placeLegend(legend, 12, grid.height + 14);
  return {
    width: grid.width,
    height: grid.height + 30,
    regions: [...parts, key].flatMap(({ regions }) => regions),
    arrows,
    texts: [...[...parts, key].flatMap(({ texts }) => texts), ...notes],
  };
}

/** The diagram as a plotly figure made of shapes and annotations only: vectors at every size. */
export function diagramFigure({ width, height, regions, arrows, texts }: Diagram): Figure {
  const axis = { visible: false, fixedrange: true, automargin: false };
  return {
    data: [],
    layout: {
      width: Math.ceil(width),
      height: Math.ceil(height),
      margin: { l: 0, r: 0, t: 0, b: 0 },
      xaxis: { ...axis, range: [0, Math.ceil(width)] },
      yaxis: { ...axis, range: [Math.ceil(height), 0] },
      hovermode: false,
      dragmode: false,
      shapes: [...regions.map(regionShape), ...arrows.flatMap(arrowShapes)],
      annotations: texts.map(({ text, x, y, size, color }) => ({
        text,
        x,
        y,
        xref: "x",
        yref: "y",
        xanchor: "center",
        yanchor: "middle",
        showarrow: false,
        borderpad: 0,
        font: { size, color },
      })),
    },
  };
}

function contentHeight({ title, lines = [], strips = [] }: BoxContent): number {
  return (
    (title ? titleHeight : 0) +
    lines.length * lineHeight +
    (strips.length > 0 ? stripsTop + strips.length * stripHeight : 0)
  );
}

/** Neighbours of one look as one rectangle, so that a row of hundreds of cells stays a handful of shapes. */
function cellRuns(cells: readonly Look[], bar: Box): Region[] {
  const regions: Region[] = [];
  let from = 0;
  for (let i = 1; i <= cells.length; i++) {
    if (cells[i] === cells[from]) continue;
    const [start, end] = [from, i].map((cell) => bar.x + (cell / cells.length) * bar.width);
    regions.push({ ...bar, x: start, width: end - start, look: cells[from], full: true });
    from = i;
  }
  return regions;
}

function regionShape({ x, y, width, height, look, full }: Region): object {
  const { fill, line } = looks[look];
  if (full)
    return { type: "rect", x0: x, y0: y, x1: x + width, y1: y + height, fillcolor: line, line: { width: 0 } };
  const r = Math.min(cornerRadius, width / 4, height / 4);
  const [right, bottom] = [x + width, y + height];
  const path =
    `M${at(x + r, y)}L${at(right - r, y)}Q${at(right, y)} ${at(right, y + r)}L${at(right, bottom - r)}` +
    `Q${at(right, bottom)} ${at(right - r, bottom)}L${at(x + r, bottom)}Q${at(x, bottom)} ${at(x, bottom - r)}` +
    `L${at(x, y + r)}Q${at(x, y)} ${at(x + r, y)}Z`;
  const outline = { color: line, width: 1.5, dash: look === "absent" ? "4px,3px" : "solid" };
  return { type: "path", path, fillcolor: fill, line: outline };
}

/** The line, shortened where the head begins, and the head; a loss's line has none. */
function arrowShapes({ points, look }: Arrow): object[] {
  const color = arrowColors[look];
  const [before, tip] = points.slice(-2);
  const length = Math.hypot(tip.x - before.x, tip.y - before.y);
  const [ux, uy] = [(tip.x - before.x) / length, (tip.y - before.y) / length];
  const neck = { x: tip.x - ux * head.length, y: tip.y - uy * head.length };
  const line = {
    type: "path",
    path: roundedPath(look === "loss" ? points : [...points.slice(0, -1), neck]),
    line: { color, width: 1.6, dash: look === "dashed" ? "5px,3px" : "solid" },
  };
  if (look === "loss") return [line];
  const [sx, sy] = [-uy * head.halfWidth, ux * head.halfWidth];
  const path = `M${at(tip.x, tip.y)}L${at(neck.x + sx, neck.y + sy)}L${at(neck.x - sx, neck.y - sy)}Z`;
  return [line, { type: "path", path, fillcolor: color, line: { width: 0 } }];
}

function roundedPath(points: readonly Point[]): string {
  const [first, ...rest] = points;
  let path = `M${at(first.x, first.y)}`;
  rest.forEach((corner, i) => {
    const next = rest[i + 1];
    if (!next) {
      path += `L${at(corner.x, corner.y)}`;
      return;
    }
    const enter = towards(corner, points[i]);
    const leave = towards(corner, next);
    path += `L${at(enter.x, enter.y)}Q${at(corner.x, corner.y)} ${at(leave.x, leave.y)}`;
  });
  return path;
}

/** The point a corner's radius away from it, or halfway to a nearer neighbour. */
function towards(corner: Point, other: Point): Point {
  const length = Math.hypot(other.x - corner.x, other.y - corner.y);
  const share = Math.min(cornerRadius, length / 2) / length;
  return { x: corner.x + share * (other.x - corner.x), y: corner.y + share * (other.y - corner.y) };
}

/** A point of an SVG path to a tenth of a pixel. */
function at(x: number, y: number): string {
  return `${Math.round(x * 10) / 10},${Math.round(y * 10) / 10}`;
}
