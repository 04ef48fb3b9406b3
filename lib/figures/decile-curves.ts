import { mean, squares } from "../moments.js";
import type { Figure } from "./drawing/figure.js";
import { legendAbove, lineAndMarker, seriesStyle } from "./drawing/theme.js";

/** What was measured on one tenth of the rows. */
export interface DecilePoint {
  /** Mean ambiguity of these rows. */
  readonly u: number;
  readonly value: number;
  readonly standardError: number;
}

/** One measure over the ten tenths. */
export interface DecileSeries {
  readonly name: string;
  readonly points: readonly DecilePoint[];
}

/** Titles and what to compare with. */
export interface DecileCurvesOptions {
  readonly yLabel: string;
  /** A line drawn without markers, for instance chance or what theory says, as a function of u. */
  readonly reference?: { readonly name: string; readonly at: (u: number) => number };
  /** Whether lines connect the points of a series; true by default. Without, series stand side by side at each decile. */
  readonly connected?: boolean;
}

/** Horizontal distance of neighbouring series when they stand side by side. */
const sideStep = 0.012;

/**
 * Row numbers in ten groups of equal size (up to one row), the least ambiguous rows first.
 * @throws when there are fewer than ten rows.
 */
export function decileRows(ambiguity: ArrayLike<number>): Int32Array[] {
  const n = ambiguity.length;
  if (n < 10) throw new Error(`ambiguity has ${n} entries; deciles need at least 10`);
  const order = Int32Array.from({ length: n }, (_, row) => row).sort((a, b) => ambiguity[a] - ambiguity[b]);
  return Array.from({ length: 10 }, (_, i) =>
    order.slice(Math.floor((i * n) / 10), Math.floor(((i + 1) * n) / 10)),
  );
}

/**
 * Mean of a value per decile of the ambiguity; the standard error is that of independent rows.
 * @param values one per row.
 * @throws when there are not as many values as ambiguities, or fewer than ten.
 */
export function decileMeans(ambiguity: ArrayLike<number>, values: ArrayLike<number>): DecilePoint[] {
  if (values.length !== ambiguity.length)
    throw new Error(`values has ${values.length} entries; give one for each of the ${ambiguity.length} rows`);
  return decileRows(ambiguity).map((rows) => {
    const own = Array.from(rows, (row) => values[row]);
    return {
      u: mean(Array.from(rows, (row) => ambiguity[row])),
      value: mean(own),
      standardError: Math.sqrt(squares(own) / own.length / own.length),
    };
  });
}

/** Measures against the ambiguity u, one point per decile with a bar of two standard errors to either side. */
export function decileCurves(series: readonly DecileSeries[], options: DecileCurvesOptions): Figure {
  const { yLabel, reference, connected = true } = options;
  const steps = Array.from({ length: 51 }, (_, i) => i / 50);
  const drawn = series.map(({ name, points }, i) => {
    const style = seriesStyle(i);
    const shift = connected ? 0 : (i - (series.length - 1) / 2) * sideStep;
    const { line, marker } = lineAndMarker(style);
    return {
      type: "scatter",
      mode: connected ? "lines+markers" : "markers",
      name,
      x: points.map(({ u }) => u + shift),
      y: points.map(({ value }) => value),
      error_y: {
        type: "data",
        array: points.map(({ standardError }) => 2 * standardError),
        color: style.color,
        thickness: 1.2,
        width: 3,
      },
      line,
      marker: { ...marker, size: 7, maxdisplayed: 0 },
    };
  });
  const compared = reference && {
    type: "scatter",
    mode: "lines",
    name: reference.name,
    x: steps,
    y: steps.map(reference.at),
    line: { color: "#777777", dash: "dot", width: 1.5 },
  };
  return {
    data: compared ? [...drawn, compared] : drawn,
    layout: {
      width: 620,
      height: 380,
      xaxis: { title: { text: "ambiguity u" }, range: [0, 1] },
      yaxis: { title: { text: yLabel } },
      legend: legendAbove,
      showlegend: true,
    },
  };
}
