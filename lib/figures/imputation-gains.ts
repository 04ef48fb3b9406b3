import type { ToldColumn } from "../evaluation/imputation.js";
import { gainOfSeeds, type ImputationScore } from "../evaluation/imputation-score.js";
import { mean } from "../moments.js";
import type { Figure } from "./drawing/figure.js";
import { legendAbove, seriesStyle } from "./drawing/theme.js";

/** Imputation of the same columns by one model, or by several seeds of one. */
export interface GainSeries {
  readonly name: string;
  /** One list of columns per seed. */
  readonly seeds: readonly (readonly ToldColumn[])[];
}

/** Where the axis ends, how wide its rows are apart, and what rivals are called. */
export interface GainsOptions {
  /** Nats. What lies further right is written at the edge; by default the axis holds all. */
  readonly most?: number;
  /** Pixels of a column's row, 26 by default; several series of one column lie half of it apart in all. */
  readonly rowHeight?: number;
  /** What was done to what the series are compared with, said after each name. */
  readonly rivals?: string;
}

/**
 * How many nats more than its marginal each hidden column is told with: models with two standard errors (over rows, or
 * over seeds where there are several), and the linear model, the nearest rows and, where they were asked for, the boosted trees of
 * the first series, whose visible columns all share.
 * @throws when there is no series, or one has no seed.
 */
export function imputationGains(
  series: readonly GainSeries[],
  { most = Number.POSITIVE_INFINITY, rowHeight = 26, rivals }: GainsOptions = {},
): Figure {
  if (series.length === 0 || series.some(({ seeds }) => seeds.length === 0))
    throw new Error("series is empty or has no seed; give at least one list of columns");
  const columns = series[0].seeds[0].map(({ column }) => column);
  const inSeeds = (seeds: GainSeries["seeds"], name: string) =>
    seeds.flatMap((own) => own.filter(({ column }) => column === name));
  const above = (read: (column: ToldColumn) => ImputationScore | null) =>
    columns.map((name) =>
      mean(
        inSeeds(series[0].seeds, name).map(
          (own) => (read(own)?.logLikelihood ?? Number.NaN) - own.marginal.logLikelihood,
        ),
      ),
    );
  const compared = (name: string, symbol: string, x: readonly number[]) => ({
    type: "scatter",
    mode: "markers",
    name: rivals ? `${name}, ${rivals}` : name,
    x,
    y: columns.map((_, i) => -i),
    marker: { color: "#777777", symbol, size: 12, line: { width: 2 } },
  });
  const step = 0.5 / series.length;
  const models = series.map(({ name, seeds }, k) => {
    const { color, symbol } = seriesStyle(k);
    return {
      type: "scatter",
      mode: "markers",
      name,
      x: columns.map((column) => gainOfSeeds(inSeeds(seeds, column)).gain),
      y: columns.map((_, i) => -i + (k - (series.length - 1) / 2) * step),
      error_x: {
        type: "data",
        array: columns.map((column) => 2 * gainOfSeeds(inSeeds(seeds, column)).gainError),
        color,
        thickness: 1.2,
        width: 3,
      },
      marker: { color, symbol, size: 8 },
    };
  });
  const data = [
    ...models,
    compared(
      "linear model",
      "line-ns-open",
      above(({ linear }) => linear),
    ),
    compared(
      "nearest rows",
      "x-thin-open",
      above(({ nearest }) => nearest),
    ),
    ...(series[0].seeds[0].some(({ trees }) => trees)
      ? [
          compared(
            "boosted trees",
            "triangle-up-open",
            above(({ trees }) => trees ?? null),
          ),
        ]
      : []),
  ];
  const least = Math.min(
    0,
    ...models.flatMap(({ x, error_x }) => x.map((gain, i) => gain - (error_x.array[i] || 0))),
  );
  return {
    data,
    layout: {
      width: 760,
      height: 110 + rowHeight * columns.length,
      legend: legendAbove,
      xaxis: {
        title: { text: "log-likelihood above the column's marginal, nats" },
        zeroline: true,
        zerolinecolor: "#222222",
        ...(Number.isFinite(most) && { range: [least - 0.04 * (most - least), most] }),
      },
      yaxis: { tickvals: columns.map((_, i) => -i), ticktext: columns, range: [-columns.length + 0.4, 0.6] },
      annotations: columns.flatMap((_, i) => beyond(data, i, most, rivals)),
    },
  };
}

/** What of column `i` lies beyond the axis, as a text at its end; what was done to rivals stands in the legend alone. */
function beyond(
  data: readonly { name: string; x: readonly number[] }[],
  i: number,
  most: number,
  rivals: string | undefined,
): object[] {
  const short = (name: string) => (rivals ? name.replace(`, ${rivals}`, "") : name);
  const told = data.filter(({ x }) => x[i] > most).map(({ name, x }) => `${short(name)} ${x[i].toFixed(1)}`);
  if (told.length === 0) return [];
  const text = `${told.join(", ")} →`;
  // On the row itself where none of it is drawn, else above its marks.
  const place =
    told.length === data.length
      ? { yanchor: "middle", bgcolor: "#ffffff" }
      : { yanchor: "bottom", yshift: 3 };
  return [{ x: most, y: -i, xanchor: "right", ...place, showarrow: false, text, font: { size: 13 } }];
}
