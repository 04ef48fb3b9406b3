import { mean } from "../moments.js";
import { decileRows } from "./decile-curves.js";
import type { Figure, Trace } from "./drawing/figure.js";
import { panelAxes, panelPlace, panelSpan } from "./drawing/panels.js";
import { seriesStyle } from "./drawing/theme.js";

/** What the figure is drawn from: one entry per row in each list. */
export interface AmbiguityScatterRows {
  /** `[n, 2]`. */
  readonly points: readonly ArrayLike<number>[];
  /** Class names. */
  readonly labels: readonly string[];
  /** Ambiguity u between 0 and 1. */
  readonly ambiguity: ArrayLike<number>;
}

/** Limits of u between the panels. */
const limits = [0, 1 / 3, 2 / 3, 1];
const panels = limits.length - 1;
const panelNames = ["clear: u < ⅓", "⅓ ≤ u < ⅔", "ambiguous: u ≥ ⅔"];
const gap = 0.03;

/**
 * Rows in a plane, coloured by class, in three panels of growing ambiguity with the same axes. The crosses, the same
 * in every panel, are the class means of the least ambiguous tenth (none for a class without a row there).
 * @throws when the lists differ in length or hold fewer than ten rows.
 */
export function ambiguityScatter({ points, labels, ambiguity }: AmbiguityScatterRows): Figure {
  if (labels.length !== points.length || ambiguity.length !== points.length)
    throw new Error(
      `there are ${points.length} points, ${labels.length} labels and ${ambiguity.length} ambiguities; give as many of each`,
    );
  const clearest = decileRows(ambiguity)[0];
  const classes = [...new Set(labels)].sort();
  const data: Trace[] = [];
  const axes: Record<string, unknown> = {};
  for (let panel = 0; panel < panels; panel++) {
    const place = panelPlace(panel);
    const x = {
      domain: panelSpan(panel, panels, gap),
      ...(panel > 0 ? { matches: "x" } : {}),
      title: { text: "first principal direction" },
    };
    const y = {
      ...(panel > 0 ? { matches: "y" } : {}),
      showticklabels: panel === 0,
      ...(panel === 0 ? { title: { text: "second direction" } } : {}),
    };
    Object.assign(axes, panelAxes(panel, x, y));
    classes.forEach((name, i) => {
      const { color, symbol } = seriesStyle(i);
      const rows = labels.flatMap((label, row) =>
        label === name && panelOf(ambiguity[row]) === panel ? [row] : [],
      );
      data.push({
        type: "scatter",
        mode: "markers",
        name,
        legendgroup: name,
        showlegend: panel === 0,
        x: rows.map((row) => points[row][0]),
        y: rows.map((row) => points[row][1]),
        marker: { color, symbol, size: 5, opacity: 0.7 },
        ...place,
      });
    });
    const centres = classes.map((name) => {
      const rows = [...clearest].filter((row) => labels[row] === name);
      return [0, 1].map((axis) => mean(rows.map((row) => points[row][axis])));
    });
    data.push({
      type: "scatter",
      mode: "markers",
      name: "class mean",
      legendgroup: "mean",
      showlegend: panel === 0,
      x: centres.map(([x]) => x),
      y: centres.map(([, y]) => y),
      marker: { color: "#000000", symbol: "cross", size: 13, line: { color: "#FFFFFF", width: 2 } },
      ...place,
    });
  }
  return {
    data,
    layout: {
      width: 1000,
      height: 400,
      margin: { t: 62 },
      legend: {
        orientation: "h",
        x: 0,
        y: 1.1,
        yanchor: "bottom",
        itemsizing: "constant",
        title: { text: "class " },
      },
      annotations: panelNames.map((text, panel) => ({
        text,
        x: (panel + 0.5) / panels,
        xref: "paper",
        xanchor: "center",
        y: 1.01,
        yref: "paper",
        yanchor: "bottom",
        showarrow: false,
      })),
      ...axes,
    },
  };
}

function panelOf(u: number): number {
  return limits.findIndex((limit, i) => u < limit || i === panels) - 1;
}
