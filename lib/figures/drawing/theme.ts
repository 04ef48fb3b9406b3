import type { VariantName } from "../../papers/var-jepa/simulation-variants.js";
import type { Figure } from "./figure.js";
import { fontFamily } from "./text-metrics.js";

/** How one series looks: plotly's `line.color`, `line.dash` and `marker.symbol`. */
export interface SeriesStyle {
  color: string;
  dash: string;
  symbol: string;
}

/**
 * One look per objective of Table 1, the same in every figure; objectives with SIGReg have open markers and
 * broken lines. Dash and marker tell all ten apart without colour. The colours are those of Okabe and Ito
 * (https://jfly.uni-koeln.de/color/) with a contrast of at least 3:1 on white (A, B, C, E, F) and five of
 * Paul Tol's (SRON/EPS/TN/09-002): muted green (D), wine (G), indigo (I), olive (J) and dark red (H).
 */
export const objectiveStyles: Record<VariantName, SeriesStyle> = {
  A: { color: "#000000", dash: "solid", symbol: "circle" },
  B: { color: "#0072B2", dash: "dash", symbol: "square-open" },
  C: { color: "#009E73", dash: "dashdot", symbol: "diamond-open" },
  D: { color: "#117733", dash: "longdash", symbol: "hexagon-open" },
  E: { color: "#D55E00", dash: "solid", symbol: "triangle-up" },
  F: { color: "#CC79A7", dash: "dot", symbol: "triangle-down" },
  G: { color: "#882255", dash: "solid", symbol: "x" },
  H: { color: "#663333", dash: "longdashdot", symbol: "cross-open" },
  I: { color: "#332288", dash: "dot", symbol: "star" },
  J: { color: "#999933", dash: "dash", symbol: "pentagon-open" },
};

const seriesColors = (["B", "E", "C", "F", "I", "J", "G", "A", "D", "H"] as const).map(
  (letter) => objectiveStyles[letter].color,
);
const seriesDashes = ["solid", "dash", "dot", "dashdot", "longdash"];
const seriesSymbols = [
  "circle",
  "square",
  "diamond",
  "triangle-up",
  "x",
  "star",
  "triangle-down",
  "cross",
  "pentagon",
  "hourglass",
];

/** The look of series number `index` (0, 1, …) of a figure whose series are not objectives; repeats after ten. */
export function seriesStyle(index: number): SeriesStyle {
  const i = index % seriesColors.length;
  return {
    color: seriesColors[i],
    dash: seriesDashes[i % seriesDashes.length],
    symbol: seriesSymbols[i],
  };
}

/** Width and height in pixels of a figure that names none: its text is about 7 pt at half a page's width. */
export const defaultSize = { width: 520, height: 360 };

/** The paper's symbols as plotly text. */
export const symbols = {
  sx: "s<sub>x</sub>",
  sy: "s<sub>y</sub>",
  klSx: "KL(q(s<sub>x</sub>|x) ‖ N(0, I))",
  klZ: "KL(q(z|s<sub>x</sub>) ‖ N(0, I))",
  klSy: "KL(q(s<sub>y</sub>|s<sub>x</sub>,z,y) ‖ p(s<sub>y</sub>|s<sub>x</sub>,z))",
  klAggregate: "KL<sub>agg</sub>",
  covarianceDistance: "‖C − I‖<sub>F</sub>",
  meanNorm: "‖m‖<sub>2</sub>",
} as const;

/** Plotly's `legend` for a row above the plots. */
export const legendAbove = { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" } as const;

/** Plotly's `line` and `marker` of a curve; eight markers at most, so that dense curves stay readable. */
export function lineAndMarker({ color, dash, symbol }: SeriesStyle) {
  return {
    line: { color, dash, width: 2 },
    marker: { color, symbol, size: 8, maxdisplayed: 8 },
  };
}

const axis = {
  showline: true,
  linecolor: "#444444",
  ticks: "outside",
  tickcolor: "#444444",
  gridcolor: "#E5E5E5",
  zeroline: false,
  automargin: true,
  title: { standoff: 8, font: { size: 16 } },
};

const template = {
  layout: {
    font: { family: `${fontFamily}, Verdana, sans-serif`, size: 15, color: "#222222" },
    title: { font: { size: 17 }, x: 0.5, xanchor: "center" },
    colorway: seriesColors,
    paper_bgcolor: "white",
    plot_bgcolor: "white",
    xaxis: axis,
    yaxis: axis,
    legend: { font: { size: 14 }, bgcolor: "rgba(255,255,255,0)" },
    colorscale: { sequential: "Viridis", sequentialminus: "Viridis", diverging: "RdBu" },
    margin: { l: 10, r: 12, t: 14, b: 10 },
    hovermode: "closest",
  },
  data: { heatmap: [{ autocolorscale: true }], contour: [{ autocolorscale: true }] },
};

/** The figure with the project's size, fonts, colours, axes and margins wherever it names none itself. */
export function themed({ data, layout }: Figure): Figure {
  const titleMargin = layout.title ? { t: 42 } : {};
  const margin = { ...template.layout.margin, ...titleMargin, ...(layout.margin as object | undefined) };
  return { data, layout: { ...defaultSize, ...layout, margin, template } };
}
