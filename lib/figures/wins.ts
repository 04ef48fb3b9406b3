/** Pairs of a data set and a predictor on which one thing is better than another, each with its standard error. */
import { publishedOrder } from "../papers/var-jepa/published-table-2.js";
import { type Difference, difference, ownDifference } from "../studies/downstream-claims.js";
import type { DownstreamInputName } from "../studies/downstream-plan.js";
import type { DroppedBy } from "../studies/downstream-scores.js";
import type { DownstreamRun } from "../studies/downstream-study.js";
import { groupsOf } from "../studies/downstream-tables.js";
import { inputNames } from "./downstream-table.js";
import type { Figure } from "./drawing/figure.js";
import { legendAbove, seriesStyle } from "./drawing/theme.js";

/** What is compared on one data set with one predictor. */
export interface Pair extends Pick<DownstreamRun, "dataset" | "predictor"> {
  readonly difference: Difference;
}

/** Several pairs under one name. */
export interface Comparison {
  readonly name: string;
  readonly pairs: readonly Pair[];
}

/** How many pairs are better and worse by more than two standard errors; a pair without error is neither. */
export interface WinCounts {
  readonly pairs: number;
  readonly above: number;
  readonly below: number;
  /** Pairs with a single run on one side. */
  readonly withoutError: number;
}

/**
 * Accuracy on all rows with one input less that with another, for every data set and predictor that has both in the same
 * setting; trees on averaged tokens and on other splits, which stand beside, are left out.
 */
export function inputComparison(
  runs: readonly DownstreamRun[],
  input: DownstreamInputName,
  against: DownstreamInputName,
): Comparison {
  const groups = comparedGroups(runs);
  const accuracies = (group: readonly DownstreamRun[]) =>
    group.map(({ scores }) => scores.selective[0].scores[0].accuracy);
  const pairs = groups
    .filter(([own]) => own.input === input)
    .flatMap((group) => {
      const [{ dataset, predictor, setting }] = group;
      const other = groups.find(
        ([run]) =>
          run.input === against &&
          run.dataset === dataset &&
          run.predictor === predictor &&
          run.setting === setting,
      );
      return other
        ? [{ dataset, predictor, difference: difference(accuracies(group), accuracies(other)) }]
        : [];
    });
  return { name: `${inputNames[input]} less ${inputNames[against]}`, pairs };
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
  const groups = comparedGroups(runs).filter(([run]) => run.input === input);
  const half = ({ scores }: DownstreamRun, by: DroppedBy) =>
    scores.selective.find((own) => own.by === by)?.scores.find(({ dropped }) => dropped === 0.5);
  const gains = (name: string, of: (run: DownstreamRun) => number | undefined): Comparison => ({
    name,
    pairs: groups.flatMap((group) => {
      const [{ dataset, predictor }] = group;
      const values = group.flatMap((run) => {
        const kept = of(run);
        return kept === undefined ? [] : [kept - run.scores.selective[0].scores[0].accuracy];
      });
      return values.length === 0 ? [] : [{ dataset, predictor, difference: ownDifference(values) }];
    }),
  });
  return [
    gains("latent uncertainty", (run) => half(run, "latent")?.accuracy),
    gains("predictor's confidence", (run) => half(run, "confidence")?.accuracy),
    gains("class mix alone", (run) => half(run, "latent")?.sameMix),
  ];
}

/** Counts the pairs that are clearly better or worse. */
export function winCounts({ pairs }: Comparison): WinCounts {
  const clear = pairs.filter(
    ({ difference: { value, error } }) => error !== null && Math.abs(value) > 2 * error,
  );
  return {
    pairs: pairs.length,
    above: clear.filter(({ difference: { value } }) => value > 0).length,
    below: clear.filter(({ difference: { value } }) => value < 0).length,
    withoutError: pairs.filter(({ difference: { error } }) => error === null).length,
  };
}

/**
 * A dot for every pair with two standard errors over seeds, sorted by the first comparison, coloured by data set, and hollow
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
  const marks = { type: "scatter", mode: "markers" };
  const dots = comparisons.flatMap(({ pairs }, k) =>
    datasets.map((dataset) => {
      const own = pairs.filter((pair) => pair.dataset === dataset && rowOf(pair) >= 0);
      const style = seriesStyle(publishedOrder.indexOf(dataset));
      const symbol = several ? shapes[k % shapes.length] : style.symbol;
      const { color } = style;
      return {
        ...marks,
        name: dataset,
        showlegend: false,
        x: own.map((pair) => pair.difference.value),
        y: own.map((pair) => rowOf(pair) + ((comparisons.length - 1) / 2 - k) * 0.2),
        error_x: {
          type: "data",
          array: own.map(({ difference: { error } }) => (error === null ? null : 2 * error)),
          color,
          thickness: 1.2,
          width: 3,
        },
        marker: {
          color,
          symbol: own.map((pair) => (pair.difference.error === null ? `${symbol}-open` : symbol)),
          size: 8,
          line: { width: 1.5, color },
        },
      };
    }),
  );
  const key = (name: string, color: string, symbol: string, legendrank: number) => ({
    ...marks,
    name,
    legendrank,
    x: [null],
    y: [null],
    marker: { color, symbol, size: 8, line: { width: 1.5, color } },
  });
  const single = comparisons.some(({ pairs }) => pairs.some((pair) => pair.difference.error === null));
  const keys = [
    ...datasets.map((dataset) => {
      const { color, symbol } = seriesStyle(publishedOrder.indexOf(dataset));
      return key(dataset, color, several ? shapes[0] : symbol, 1);
    }),
    ...(several ? comparisons.map(({ name }, k) => key(name, "#555555", shapes[k % shapes.length], 2)) : []),
    ...(single ? [key("a single run", "#555555", `${shapes[0]}-open`, 3)] : []),
  ];
  const told = comparisons.map(countsText);
  const above = 14 + 21 * told.length + 26 * (several || single ? 2 : 1);
  return {
    data: [...dots, ...keys],
    layout: {
      width: 760,
      height: above + 56 + (several ? 21 : 17) * sorted.length,
      meta: {
        alternative: `${xLabel}, ${sorted.length} pairs of data set and predictor. ${told.join("; ")}.`,
      },
      annotations: [
        {
          text: told.join("<br>"),
          font: { size: 15 },
          x: 0.5,
          xref: "paper",
          y: 1,
          yref: "paper",
          yanchor: "top",
          yshift: above - 6,
          showarrow: false,
        },
      ],
      margin: { t: above },
      legend: legendAbove,
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

/** Markers of comparisons; all of them have an open form. */
const shapes = ["circle", "diamond", "square", "triangle-up"];

const nameOf = ({ dataset, predictor }: Pair) => `${predictor}, ${dataset}`;

function countsText(comparison: Comparison): string {
  const { pairs, above, below, withoutError } = winCounts(comparison);
  const rest = withoutError > 0 ? ` (${withoutError} with a single run)` : "";
  return `${comparison.name}: clearly above 0 in ${above}, below in ${below} of ${pairs}${rest}`;
}

function comparedGroups(runs: readonly DownstreamRun[]): DownstreamRun[][] {
  return groupsOf(runs).filter(([{ setting = "" }]) => !/averaged|splits/.test(setting));
}
