import type { Figure } from "./drawing/figure.js";
import { seriesStyle } from "./drawing/theme.js";

/** Titles of the two axes and of the legend (plotly text). */
export interface LatentScatterOptions {
  xLabel?: string;
  yLabel?: string;
  legendTitle?: string;
  title?: string;
}

/**
 * Latents in the plane, one colour and marker per class, classes in increasing order.
 * @param points `[n, 2]`.
 * @param labels `[n]`, a class each.
 * @throws when there are not as many labels as points.
 */
export function latentScatter(
  points: ArrayLike<number>[],
  labels: ArrayLike<number | string>,
  options: LatentScatterOptions = {},
): Figure {
  if (points.length !== labels.length)
    throw new Error(`labels has ${labels.length} entries; give one for each of the ${points.length} points`);
  const { xLabel = "latent 1", yLabel = "latent 2", legendTitle, title } = options;
  const classes = [...new Set(Array.from(labels))].sort(ascending);
  return {
    data: classes.map((label, i) => {
      const members = points.filter((_, n) => labels[n] === label);
      const { color, symbol } = seriesStyle(i);
      return {
        type: "scatter",
        mode: "markers",
        name: String(label),
        x: members.map((point) => point[0]),
        y: members.map((point) => point[1]),
        marker: { color, symbol, size: 6, opacity: 0.8 },
      };
    }),
    layout: {
      ...(title ? { title: { text: title } } : {}),
      xaxis: { title: { text: xLabel } },
      yaxis: { title: { text: yLabel } },
      legend: { itemsizing: "constant", ...(legendTitle ? { title: { text: legendTitle } } : {}) },
      showlegend: true,
    },
  };
}

function ascending(a: number | string, b: number | string): number {
  return typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : 1;
}
