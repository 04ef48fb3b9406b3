/** The same latents in several states or of several models, side by side on the same axes. */
import { rangeOf } from "../moments.js";
import type { Figure, Trace } from "./drawing/figure.js";
import { panelAxes, panelPlace, panelSpan } from "./drawing/panels.js";
import { seriesStyle } from "./drawing/theme.js";

/** Points in the plane with their classes. */
export interface LatentPanel {
  readonly title: string;
  /** `[n, 2]` */
  readonly points: readonly ArrayLike<number>[];
  /** A class for each point. */
  readonly labels: ArrayLike<number | string>;
}

/** How panels are laid out. */
export interface LatentPanelsOptions {
  /** Panels in a row; all in one when left out. */
  readonly columns?: number;
  /** Plotly text. */
  readonly legendTitle?: string;
  /** Of the horizontal and the vertical axis, written at the outer panels. */
  readonly axisTitles?: readonly [x: string, y: string];
  /** Radius of a circle around 0 to compare with: about 2.45 holds 95 % of a standard normal in the plane. */
  readonly circle?: number;
}

const PANEL = 250;
const MARGIN = { l: 44, r: 12, t: 64, b: 30 };
const GAP = 56;
const TITLE = 24;

/**
 * A panel for each set of points, all with the same square axes, so that what has shrunk looks small.
 * @throws when there is no panel, or one has not as many labels as points.
 */
export function latentPanels(
  panels: readonly LatentPanel[],
  { columns = panels.length, legendTitle, axisTitles, circle }: LatentPanelsOptions = {},
): Figure {
  if (panels.length === 0) throw new Error("there is no panel to draw; give at least one");
  for (const { title, points, labels } of panels)
    if (points.length !== labels.length)
      throw new Error(
        `the panel "${title}" has ${labels.length} labels for ${points.length} points; give one for each`,
      );
  const classes = [...new Set(panels.flatMap(({ labels }) => Array.from(labels)))].sort((a, b) =>
    a < b ? -1 : 1,
  );
  const reach = Math.max(
    circle ?? 0,
    ...rangeOf(panels.flatMap(({ points }) => points.flatMap((point) => [point[0], point[1]]))).map(Math.abs),
  );
  const range = [-1.05 * reach, 1.05 * reach];
  const rows = Math.ceil(panels.length / columns);
  const [width, height] = [columns, rows].map((count) => count * PANEL + (count - 1) * GAP);
  const axes = panels.map((_, i) => {
    const [x, y] = [
      panelSpan(i % columns, columns, GAP / width),
      panelSpan(rows - 1 - Math.floor(i / columns), rows, GAP / height),
    ];
    const [across, up] = [i + columns >= panels.length, i % columns === 0].map((outer, axis) =>
      outer && axisTitles ? { title: { text: axisTitles[axis] } } : {},
    );
    return panelAxes(i, { domain: x, range, ...across }, { domain: y, range, ...up });
  });
  const margin = axisTitles ? { ...MARGIN, l: MARGIN.l + TITLE, b: MARGIN.b + TITLE } : MARGIN;
  return {
    data: panels.flatMap((panel, i) => traces(panel, i, classes)),
    layout: {
      width: width + margin.l + margin.r,
      height: height + margin.t + margin.b,
      margin,
      ...Object.assign({}, ...axes),
      annotations: panels.map(({ title }, i) => ({
        text: `<b>${title}</b>`,
        ...refs(i),
        x: 0.5,
        y: 1,
        xanchor: "center",
        yanchor: "bottom",
        yshift: 3,
        showarrow: false,
        font: { size: 15 },
      })),
      ...(circle !== undefined && {
        shapes: panels.map((_, i) => {
          const { xaxis, yaxis } = panelPlace(i);
          return {
            ...{ type: "circle", xref: xaxis, yref: yaxis, layer: "below" },
            ...{ x0: -circle, x1: circle, y0: -circle, y1: circle },
            line: { color: "#888888", width: 1.5, dash: "dot" },
          };
        }),
      }),
      legend: {
        ...{ orientation: "h", x: 0, y: 1, yanchor: "top", yref: "container" },
        itemsizing: "constant",
        ...(legendTitle && { title: { text: legendTitle } }),
      },
      showlegend: true,
    },
  };
}

function refs(panel: number) {
  const { xaxis, yaxis } = panelPlace(panel);
  return { xref: `${xaxis} domain`, yref: `${yaxis} domain` };
}

function traces(
  { points, labels }: LatentPanel,
  panel: number,
  classes: readonly (number | string)[],
): Trace[] {
  return classes.map((label, i) => {
    const { color, symbol } = seriesStyle(i);
    const members = points.filter((_, n) => labels[n] === label);
    return {
      ...{ type: "scatter", mode: "markers", name: String(label), legendgroup: String(label) },
      showlegend: panel === 0,
      ...panelPlace(panel),
      x: members.map((point) => point[0]),
      y: members.map((point) => point[1]),
      marker: { color, symbol, size: 5, opacity: 0.65 },
    };
  });
}
