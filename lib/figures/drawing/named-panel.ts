/** One panel of a figure: lines and dots that stand with their names beside them. */
import { directLabels, type LabelPanel, type NamedCurve } from "./direct-labels.js";
import type { Trace } from "./figure.js";
import { panelPlace } from "./panels.js";

/** A line, or a dot where it has one point. */
export interface NamedLine {
  readonly name: string;
  readonly color: string;
  /** In units of the data. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Half the length of a bar at every point, where there is one. */
  readonly std?: readonly (number | null)[];
  readonly dash?: string;
  readonly width?: number;
  /** Without one, points are not marked. */
  readonly symbol?: string;
  readonly size?: number;
  /** What is written beside it: its name when left out, nothing of an empty one. */
  readonly label?: string;
}

/** Number of a panel (from 0), its axes as plotly takes them (logarithms on a logarithmic one), its size in pixels and that of names. */
export interface NamedPanel extends Omit<LabelPanel, "xaxis" | "yaxis"> {
  readonly panel: number;
  readonly log?: { readonly x?: boolean; readonly y?: boolean };
}

const GREY = "#666666";

/** A level to compare with: a thin grey line from side to side. */
export function namedLevel(name: string, value: number, { xRange, log }: NamedPanel): NamedLine {
  const x = xRange.map((end) => (log?.x ? 10 ** end : end));
  return { name, color: GREY, x, y: [value, value], dash: "dot", width: 1.2 };
}

/** What lines take up upwards, with their bars. */
export function heightsOf(lines: readonly Pick<NamedLine, "y" | "std">[]): number[] {
  return lines.flatMap(({ y, std }) =>
    y.flatMap((value, i) => [value - (std?.[i] ?? 0), value + (std?.[i] ?? 0)]),
  );
}

/** A little more than some values take up, on the axis of a panel. */
export function rangeAround(values: readonly number[], log = false): [number, number] {
  const units = log ? values.filter((value) => value > 0).map(Math.log10) : values;
  const [least, most] = [Math.min(...units), Math.max(...units)];
  const pad = 0.12 * (most - least || 1);
  return [least - pad, most + pad];
}

/**
 * Traces of the lines, and the names.
 * @param labels where names go; beside the lines when left out
 */
export function namedPanel(
  frame: NamedPanel,
  lines: readonly NamedLine[],
  labels: (curves: readonly NamedCurve[], panel: LabelPanel) => object[] = directLabels,
): { data: Trace[]; annotations: object[] } {
  const { panel, log, ...label } = frame;
  const place = panelPlace(panel);
  const data = lines.map(({ name, color, x, y, std, dash, width = 2, symbol, size = 8 }): Trace => {
    const marked = x.length === 1 ? "markers" : "lines+markers";
    return {
      ...{ type: "scatter", mode: symbol ? marked : "lines", name, showlegend: false, x, y, ...place },
      ...(std?.some((value) => value !== null) && {
        error_y: { type: "data", array: std.map((value) => value ?? 0), color, thickness: 1.2, width: 3 },
      }),
      line: { color, width, ...(dash && { dash }) },
      ...(symbol && { marker: { color, size, symbol } }),
    };
  });
  const units = (values: readonly number[], isLog?: boolean) => (isLog ? values.map(Math.log10) : values);
  const named = lines.map(({ name, label: text, color, x, y }) => ({ name: text ?? name, color, x, y }));
  const curves = [...named, ...lines.flatMap(barsOf(log?.y))].map(({ x, y, ...own }) => ({
    ...{ ...own, x: units(x, log?.x), y: units(y, log?.y) },
  }));
  return { data, annotations: labels(curves, { ...label, ...place }) };
}

/** Bars as curves without names, which names keep off; none of what reaches below 0 on a logarithmic axis. */
const barsOf =
  (log = false) =>
  ({ color, x, y, std = [] }: NamedLine): NamedCurve[] => {
    return x.flatMap((at, i): NamedCurve[] => {
      const half = std[i] ?? 0;
      return half > 0 && !(log && half >= y[i])
        ? [{ name: "", color, x: [at, at], y: [y[i] - half, y[i] + half] }]
        : [];
    });
  };
