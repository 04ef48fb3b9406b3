/** Pairs of a data set and a predictor on which one thing is better than another, each with its standard error. */
import { publishedOrder } from "../papers/var-jepa/published-table-2.js";
import { type Difference, difference, ownDifference } from "../studies/downstream-claims.js";
import type { DownstreamInputName } from "../studies/downstream-plan.js";
import type { DroppedBy } from "../studies/downstream-scores.js";
import type { DownstreamRun } from "../studies/downstream-study.js";
import { groupsOf } from "../studies/downstream-tables.js";
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
  return { name: `${input} less ${against}`, pairs };
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
 * A dot for every pair with two standard errors over seeds, sorted by the first comparison and coloured by data set; the
 * comparisons after the first are hollow. A pair whose one side is a single run has no bar. The title counts.
 * @param xLabel what the differences are of.
 * @throws when the first comparison has no pair.
 */
export function winsFigure(comparisons: readonly Comparison[], xLabel: string): Figure {
  const [first] = comparisons;
  if (!first || first.pairs.length === 0)
    throw new Error("comparisons has no pair in its first entry; give one with at least one pair");
  const sorted = [...first.pairs].sort((a, b) => a.difference.value - b.difference.value);
  const rowOf = (pair: Pair) => sorted.findIndex((own) => nameOf(own) === nameOf(pair));
  const datasets = publishedOrder.filter((dataset) => sorted.some((pair) => pair.dataset === dataset));
  const several = comparisons.length > 1;
  const data = comparisons.flatMap(({ pairs }, k) =>
    datasets.map((dataset) => {
      const own = pairs.filter((pair) => pair.dataset === dataset && rowOf(pair) >= 0);
      const { color } = seriesStyle(publishedOrder.indexOf(dataset));
      const symbol = several
        ? shapes[k % shapes.length]
        : seriesStyle(publishedOrder.indexOf(dataset)).symbol;
      const shift = (k - (comparisons.length - 1) / 2) * 0.2;
      return {
        type: "scatter",
        mode: "markers",
        name: dataset,
        legendgroup: dataset,
        showlegend: k === 0,
        x: own.map((pair) => pair.difference.value),
        y: own.map((pair) => rowOf(pair) - shift),
        error_x: {
          type: "data",
          array: own.map((pair) => 2 * (pair.difference.error ?? 0)),
          color,
          thickness: 1.2,
          width: k === 0 ? 3 : 0,
        },
        marker: { color, symbol: k === 0 ? symbol : `${symbol}-open`, size: 8, line: { width: 1.5 } },
      };
    }),
  );
  const shapesShown = several
    ? comparisons.map(({ name }, k) => ({
        type: "scatter",
        mode: "markers",
        name,
        x: [null],
        y: [null],
        marker: {
          color: "#555555",
          symbol: k === 0 ? shapes[0] : `${shapes[k % shapes.length]}-open`,
          size: 8,
          line: { width: 1.5 },
        },
      }))
    : [];
  const told = comparisons.map((own) => countsText(own));
  return {
    data: [...data, ...shapesShown],
    layout: {
      width: 760,
      height: 130 + 18 * told.length + ROW * (several ? 1.25 : 1) * sorted.length,
      meta: {
        alternative: `${xLabel}, ${sorted.length} pairs of data set and predictor. ${told.join("; ")}.`,
      },
      title: {
        text: told.join("<br>"),
        font: { size: 15 },
        y: 1,
        yref: "container",
        yanchor: "top",
        pad: { t: 10 },
      },
      margin: { t: 62 + 18 * told.length },
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

/** Pixels of a row. */
const ROW = 17;

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
