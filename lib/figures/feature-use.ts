import type { Masks } from "../models/tokens/masks.js";
import { mean } from "../moments.js";
import type { Figure } from "./drawing/figure.js";
import { legendAbove, seriesStyle } from "./drawing/theme.js";

/** How often each feature is in a mask: shares between 0 and 1, `[features]`. */
export interface UseSeries {
  readonly name: string;
  readonly shares: readonly number[];
}

/**
 * How often each feature is in the context and in a target, as shares of all masks of that kind.
 * @param draws masks of any number of steps
 * @param features D
 */
export function featureShares(
  draws: readonly Masks[],
  features: number,
): { readonly context: number[]; readonly target: number[] } {
  const count = (select: (masks: Masks) => Int32Array, masksOf: (masks: Masks) => number): number[] => {
    const uses = Array<number>(features).fill(0);
    let total = 0;
    for (const masks of draws) {
      for (const j of select(masks)) uses[j]++;
      total += masksOf(masks);
    }
    return uses.map((use) => use / total);
  };
  return {
    context: count(
      ({ context }) => context,
      ({ rows }) => rows,
    ),
    target: count(
      ({ targets }) => targets,
      ({ rows, targetViews }) => rows * targetViews,
    ),
  };
}

/** Horizontal distance of neighbouring series at a feature. */
const sideStep = 0.3;

/** Shares of masks that hold each feature, one marker per feature, series side by side, with a line at each series' mean. */
export function featureUse(series: readonly UseSeries[]): Figure {
  return {
    data: series.map(({ name, shares }, i) => {
      const { color, symbol } = seriesStyle(i);
      return {
        type: "scatter",
        mode: "markers",
        name,
        cliponaxis: false,
        x: shares.map((_, j) => j + 1 + (i - (series.length - 1) / 2) * sideStep),
        y: shares,
        marker: { color, symbol, size: 7 },
      };
    }),
    layout: {
      width: 760,
      height: 330,
      margin: { t: 34 },
      legend: legendAbove,
      xaxis: {
        title: { text: "feature j" },
        range: [0, 1 + Math.max(...series.map(({ shares }) => shares.length))],
      },
      yaxis: { title: { text: "share of masks" }, rangemode: "tozero" },
      shapes: series.map(({ shares }, i) => {
        const average = mean(shares);
        return {
          type: "line",
          xref: "paper",
          x0: 0,
          x1: 1,
          y0: average,
          y1: average,
          layer: "below",
          line: { color: seriesStyle(i).color, width: 1, dash: "dot" },
        };
      }),
    },
  };
}
