import { mean } from "../moments.js";
import type { Figure, Trace } from "./drawing/figure.js";
import { panelAxes, panelPlace, panelSpan } from "./drawing/panels.js";
import { legendAbove, seriesStyle } from "./drawing/theme.js";

/** One run of a sweep. */
export interface TradeOffPoint {
  /** What is swept, above 0. */
  readonly x: number;
  /** Measures by name, the same names in every point. */
  readonly measures: Readonly<Record<string, number>>;
  /** Standard errors by name, of measures that have one. */
  readonly errors?: Readonly<Record<string, number>>;
}

/** A level to compare a measure with. */
export interface TradeOffLevel {
  readonly name: string;
  readonly measures: Readonly<Record<string, number>>;
}

/**
 * What a weight trades for what: one panel per measure above a common logarithmic axis; every run is a marker, with
 * two standard errors where it has any, a line joins the means of equal x, and levels (an untrained encoder, raw columns) are dotted.
 * @throws when there is no point, or an x is not above 0.
 */
export function tradeOff(
  points: readonly TradeOffPoint[],
  xLabel: string,
  levels: readonly TradeOffLevel[] = [],
): Figure {
  if (points.length === 0) throw new Error("points is empty; give at least one run");
  const bad = points.find(({ x }) => !(x > 0));
  if (bad) throw new Error(`x is ${bad.x}; a logarithmic axis needs numbers above 0`);
  const names = Object.keys(points[0].measures);
  const xs = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  const data: Trace[] = [];
  const axes: Record<string, unknown> = {};
  names.forEach((name, panel) => {
    const axis = { ...panelPlace(panel), type: "scatter" };
    const { color, symbol } = seriesStyle(0);
    const at = (x: number) => points.filter((point) => point.x === x).map(({ measures }) => measures[name]);
    data.push(
      {
        ...axis,
        mode: "lines",
        showlegend: false,
        x: xs,
        y: xs.map((x) => mean(at(x))),
        line: { color, width: 2 },
      },
      {
        ...axis,
        mode: "markers",
        name: "trained, one marker per seed",
        legendgroup: "trained",
        showlegend: panel === 0,
        x: points.map(({ x }) => x),
        y: points.map(({ measures }) => measures[name]),
        ...(points.some(({ errors }) => errors?.[name]) && {
          error_y: {
            type: "data",
            array: points.map(({ errors }) => 2 * (errors?.[name] ?? 0)),
            color,
            thickness: 1.2,
            width: 3,
          },
        }),
        marker: { color, symbol, size: 7 },
      },
    );
    levels.forEach((level, i) => {
      if (level.measures[name] === undefined) return;
      const style = seriesStyle(i + 1);
      data.push({
        ...axis,
        mode: "lines",
        name: level.name,
        legendgroup: level.name,
        showlegend: !data.some((trace) => trace.name === level.name),
        x: [xs[0], xs[xs.length - 1]],
        y: [level.measures[name], level.measures[name]],
        line: { color: style.color, dash: style.dash, width: 1.5 },
      });
    });
    const domain = panelSpan(panel, names.length, 0.1);
    const across = { domain, type: "log", dtick: 1, exponentformat: "power", title: { text: xLabel } };
    Object.assign(axes, panelAxes(panel, across, { title: { text: name, standoff: 4 } }));
  });
  return { data, layout: { width: 330 * names.length, height: 340, legend: legendAbove, ...axes } };
}
