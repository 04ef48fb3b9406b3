/** Pairs of a data set and a predictor on which one thing is better than another, each with its 95 % interval. */
import type { DataSetCode } from "../data/datasets/data-set.js";
import { publishedOrder } from "../papers/var-jepa/published-table-2.js";
import {
  accuracyOf,
  gainOfHalf,
  kept,
  type Pair,
  pairsOfInputs,
  pairsWithin,
  type Trained,
} from "../studies/downstream-pairs.js";
import type { DownstreamInputName } from "../studies/downstream-plan.js";
import type { DownstreamRun } from "../studies/downstream-study.js";
import { isClear } from "../studies/interval.js";
import { inputNames } from "./downstream-table.js";
import type { Figure } from "./drawing/figure.js";
import { legendAbove, seriesStyle } from "./drawing/theme.js";

/** Several pairs under one name. */
export interface Comparison {
  readonly name: string;
  readonly pairs: readonly Pair[];
}

/** How many pairs are clearly better and worse: those whose 95 % interval leaves 0 out; a pair without one is neither. */
export interface WinCounts {
  readonly pairs: number;
  readonly above: number;
  readonly below: number;
  /** Pairs with a single run on one side. */
  readonly withoutError: number;
}

/**
 * Accuracy on all rows with one input less that with another, for every data set and predictor of the paper that has both in the
 * same setting; what stands beside (averaged tokens, other splits, weights at the stop) is left out.
 * @param trained which predictors: those trained as printed, or those cut short (DCNv2, AutoInt and FT-Transformer).
 */
export function inputComparison(
  runs: readonly DownstreamRun[],
  input: DownstreamInputName,
  against: DownstreamInputName,
  trained: Trained = "as printed",
): Comparison {
  return {
    name: `${inputNames[input]} less ${inputNames[against]}`,
    pairs: pairsOfInputs(runs, input, against, { trained }),
  };
}

/**
 * Accuracy gained when half of the rows on one input are dropped: by the encoder's uncertainty, by the predictor's confidence,
 * and what of the first the class mix of the rows kept would give alone.
 * @param input one whose encoder tells an uncertainty.
 */
export function droppingGains(
  runs: readonly DownstreamRun[],
  input: DownstreamInputName = "var-t-jepa",
): Comparison[] {
  const mixAlone = (run: DownstreamRun) => {
    const half = kept(run, 0.5, "posterior");
    return half && half.sameMix - accuracyOf(run);
  };
  return [
    { name: "latent uncertainty", pairs: pairsWithin(runs, input, gainOfHalf("posterior")) },
    { name: "predictor's confidence", pairs: pairsWithin(runs, input, gainOfHalf("probe")) },
    { name: "class mix alone", pairs: pairsWithin(runs, input, mixAlone) },
  ];
}

/** Counts the pairs that are clearly better or worse. */
export function winCounts({ pairs }: Comparison): WinCounts {
  const clear = pairs.filter(({ difference }) => isClear(difference));
  return {
    pairs: pairs.length,
    above: clear.filter(({ difference: { value } }) => value > 0).length,
    below: clear.filter(({ difference: { value } }) => value < 0).length,
    withoutError: pairs.filter(({ difference: { halfWidth } }) => halfWidth === null).length,
  };
}

/**
 * A dot for every pair with its 95 % interval over seeds, sorted by the first comparison, coloured by data set, and hollow
 * where one side is a single run. The title counts.
 * @param xLabel what the differences are of.
 * @throws when the first comparison has no pair.
 */
export function winsFigure(comparisons: readonly Comparison[], xLabel: string): Figure {
  if ((comparisons[0]?.pairs.length ?? 0) === 0)
    throw new Error("comparisons has no pair in its first entry; give one with at least one pair");
  const sorted = [...comparisons[0].pairs].sort((a, b) => a.difference.value - b.difference.value);
  const rowOf = (pair: Pair) => sorted.findIndex((own) => nameOf(own) === nameOf(pair));
  const datasets = publishedOrder.filter((dataset) => sorted.some((pair) => pair.dataset === dataset));
  const several = comparisons.length > 1;
  const dots = comparisons.flatMap(({ pairs }, k) =>
    datasets.flatMap((dataset) =>
      [false, true].map((single) => {
        const own = pairs.filter(
          (pair) =>
            pair.dataset === dataset && rowOf(pair) >= 0 && (pair.difference.halfWidth === null) === single,
        );
        const { color, symbol } = styleOf(dataset, several ? k : undefined);
        return {
          ...marks(dataset, color, single ? `${symbol}-open` : symbol),
          showlegend: false,
          x: own.map((pair) => pair.difference.value),
          y: own.map((pair) => rowOf(pair) + ((comparisons.length - 1) / 2 - k) * 0.2),
          ...(!single && {
            error_x: {
              type: "data",
              array: own.map((pair) => pair.difference.halfWidth ?? 0),
              color,
              thickness: 1.2,
              width: 3,
            },
          }),
        };
      }),
    ),
  );
  const key = (name: string, color: string, symbol: string, legend: string) => ({
    ...marks(name, color, symbol),
    legend,
    x: [null],
    y: [null],
  });
  const secondLine = [
    ...(several
      ? comparisons.map(({ name }, k) => key(name, GREY, shapes[k % shapes.length], "legend2"))
      : []),
    ...(comparisons.some((own) => winCounts(own).withoutError > 0)
      ? [key("hollow: a single run", GREY, `${shapes[0]}-open`, "legend2")]
      : []),
  ];
  const keys = [
    ...datasets.map((dataset) => {
      const { color, symbol } = styleOf(dataset, several ? 0 : undefined);
      return key(dataset, color, symbol, "legend");
    }),
    ...secondLine,
  ];
  const told = comparisons.map(countsText);
  const legends = secondLine.length > 0 ? 2 : 1;
  const above = 20 + LINE.title * told.length + LINE.legend * legends;
  const inner = (several ? LINE.several : LINE.row) * sorted.length;
  const legendAt = (line: number) => ({ ...legendAbove, y: 1 + (4 + LINE.legend * line) / inner });
  return {
    data: [...dots, ...keys],
    layout: {
      width: 760,
      height: above + inner + LINE.below,
      meta: {
        alternative: `${xLabel}, ${sorted.length} pairs of data set and predictor. ${told.join("; ")}.`,
      },
      annotations: [
        {
          text: told.join("<br>"),
          align: "left",
          font: { size: 14 },
          x: 0,
          xref: "paper",
          y: 1,
          yref: "paper",
          yanchor: "bottom",
          yshift: 8 + LINE.legend * legends,
          showarrow: false,
        },
      ],
      margin: { t: above, b: LINE.below },
      legend: legendAt(legends - 1),
      ...(legends > 1 && { legend2: { ...legendAt(0), font: { size: 14 } } }),
      showlegend: true,
      xaxis: {
        title: { text: xLabel },
        zeroline: true,
        zerolinecolor: "#222222",
        zerolinewidth: 1.5,
      },
      yaxis: {
        tickvals: sorted.map((_, i) => i),
        ticktext: sorted.map(nameOf),
        tickfont: { size: 12 },
        range: [-0.7, sorted.length - 0.3],
        gridcolor: "#F0F0F0",
      },
    },
  };
}

/** Pixels: lines of the title and legends, rows of one and of several comparisons, and what lies below. */
const LINE = { title: 19, legend: 26, row: 17, several: 21, below: 56 };

const GREY = "#555555";

function marks(name: string, color: string, symbol: string) {
  return {
    type: "scatter",
    mode: "markers",
    name,
    marker: { color, symbol, size: 8, line: { width: 1.5, color } },
  };
}

/** Data sets are told apart by colour, and by marker unless that tells which of several comparisons it is. */
function styleOf(dataset: DataSetCode, comparison?: number) {
  const { color, symbol } = seriesStyle(publishedOrder.indexOf(dataset));
  return { color, symbol: comparison === undefined ? symbol : shapes[comparison % shapes.length] };
}

/** Markers of comparisons; all of them have an open form. */
const shapes = ["circle", "diamond", "square", "triangle-up"];

const nameOf = ({ dataset, predictor }: Pair) => `${predictor}, ${dataset}`;

function countsText(comparison: Comparison): string {
  const { pairs, above, below, withoutError } = winCounts(comparison);
  const rest = withoutError > 0 ? ` (${withoutError} with a single run)` : "";
  return `${comparison.name}: clearly above 0 in ${above}, below in ${below} of ${pairs}${rest}`;
}
