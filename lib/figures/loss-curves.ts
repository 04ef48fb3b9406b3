import { rangeOf } from "../moments.js";
import type { Figure } from "./drawing/figure.js";
import { lineAndMarker, seriesStyle } from "./drawing/theme.js";

/** One curve: its name in the legend and one value per epoch (or step). */
export interface CurveSeries {
  name: string;
  values: number[];
  /** Plotly's `line.dash`; each series has its own when omitted. */
  dash?: string;
}

/** Axis titles (plotly text) and the kind of the vertical axis. */
export interface LossCurvesOptions {
  xLabel?: string;
  yLabel?: string;
  title?: string;
  /** A logarithmic vertical axis. */
  log?: boolean;
  /** Where the first value stands, and how far apart values are; 1 when left out. */
  first?: number;
  apart?: number;
}

/**
 * Curves over training, each with its own colour, dash and marker.
 * @throws when `log` is set and a value is not positive.
 */
export function lossCurves(series: CurveSeries[], options: LossCurvesOptions = {}): Figure {
  const { xLabel = "epoch", yLabel = "loss", title, log = false, first = 1, apart = 1 } = options;
  if (log) for (const { name, values } of series) checkPositive(name, values);
  return {
    data: series.map(({ name, values, dash }, i) => {
      const style = seriesStyle(i);
      return {
        type: "scatter",
        mode: "lines+markers",
        name,
        x: values.map((_, i) => first + i * apart),
        y: values,
        ...lineAndMarker({ ...style, dash: dash ?? style.dash }),
      };
    }),
    layout: {
      ...(title ? { title: { text: title } } : {}),
      xaxis: { title: { text: xLabel } },
      yaxis: { title: { text: yLabel }, ...(log ? logAxis(series) : {}) },
    },
  };
}

/** Labels at 1, 2, 5 where they fit; plotly's own choice crowds them between one and three decades. */
function logAxis(series: CurveSeries[]): Record<string, unknown> {
  const [least, most] = rangeOf(series.flatMap(({ values }) => values));
  const decades = Math.log10(most / least);
  const ticks = decades >= 1 && decades < 3 ? { dtick: "D2" } : {};
  return { type: "log", exponentformat: "power", ...ticks };
}

function checkPositive(name: string, values: number[]): void {
  const index = values.findIndex((value) => value <= 0);
  if (index >= 0)
    throw new Error(`series "${name}" is ${values[index]} at ${index + 1}; leave out log for such values`);
}
