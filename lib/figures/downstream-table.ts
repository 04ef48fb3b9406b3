/** Tables 2 and 3: predictors on five inputs of seven data sets, beside what the paper prints. */
import { predictors } from "../evaluation/predictors/all.js";
import { publishedOrder } from "../papers/var-jepa/published-table-2.js";
import { type DownstreamInputName, downstreamInputs, standsBeside } from "../studies/downstream-plan.js";
import type { DownstreamCell } from "../studies/downstream-tables.js";
import {
  besideNotes,
  besidePublished,
  differenceScale,
  isWhite,
  newLetters,
  runsText,
} from "./beside-published.js";
import type { Figure, Trace } from "./drawing/figure.js";
import { panelAxes, panelPlace, panelSpan } from "./drawing/panels.js";
import type { MarkedCell } from "./drawing/table.js";

/** A table with the lines that stand below it, ready for `table(rows, { notes, max: rows.length })`. */
export interface NotedTable {
  readonly rows: readonly Readonly<Record<string, string | MarkedCell | undefined>>[];
  readonly notes: readonly string[];
}

/** What predictors learn from, in the paper's words. */
export const inputNames: Readonly<Record<DownstreamInputName, string>> = {
  raw: "raw",
  "t-jepa": "T-JEPA",
  "untrained t-jepa": "untrained T-JEPA",
  "var-t-jepa": "Var-T-JEPA",
  "untrained var-t-jepa": "untrained Var-T-JEPA",
};

/** Predictors in the order of the tables; trees stand for the paper's XGBoost. */
const predictorNames: readonly string[] = Object.values(predictors).map(({ name }) => name);

/** Cells of one line of the table, one a data set at most. */
interface Line {
  readonly predictor: string;
  readonly input: DownstreamInputName;
  /** Which of several settings of the same input; none of the one nearest to the paper's. */
  readonly kind: string;
  readonly discard: number;
  readonly cells: readonly DownstreamCell[];
}

/**
 * One row per predictor and input, and per share dropped under Var-T-JEPA; a column per data set with `mean ± std` and the
 * paper's value under it. A cell that no run has produced is empty. Settings that are not as printed have letters; where an
 * input has several settings, the one nearest to the paper stands first and the others in rows of their own.
 * @param metric one of those in the cells.
 */
export function downstreamTable(cells: readonly DownstreamCell[], metric: string): NotedTable {
  const letters = newLetters();
  const rows = linesOf(cells, metric).map(({ predictor, input, kind, discard, cells: own }) => ({
    predictor,
    input: [inputNames[input], ...(kind === "" ? [] : [kind])].join(", "),
    dropped: percent(discard),
    ...Object.fromEntries(
      publishedOrder.map((dataset) => {
        const cell = own.find((other) => other.dataset === dataset);
        return [dataset, cell && besidePublished(cell, letters)];
      }),
    ),
    runs: runsText(own),
  }));
  const printed = cells.some((cell) => cell.metric === metric && cell.published !== null);
  return { rows, notes: besideNotes(letters, printed) };
}

/** Colour of a place that no run has filled. */
const EMPTY = "#EFEFEF";

/** Panels of the picture. */
const panels = [
  { input: "raw", discard: 0, title: "raw columns" },
  { input: "t-jepa", discard: 0, title: "T-JEPA" },
  { input: "var-t-jepa", discard: 0, title: "Var-T-JEPA" },
  { input: "var-t-jepa", discard: 0.5, title: "Var-T-JEPA, half of the rows dropped" },
] as const;

/**
 * Table 2 or 3 as a picture: in every place our mean above the paper's, coloured by their difference (blue: ours is larger,
 * orange: smaller, white: equal within .01, grey: no run); letters as in `downstreamTable`.
 * @param metric one with published values: "accuracy" of Table 2, "weighted F1" of Table 3.
 */
export function downstreamFigure(cells: readonly DownstreamCell[], metric: string): Figure {
  const letters = newLetters();
  const lines = linesOf(cells, metric);
  for (const { cells: own } of lines)
    for (const { setting } of inOrder(own)) if (setting !== undefined) letters.of(setting);
  const names = predictorNames.filter((name) => name !== predictors.linear.name);
  const data: Trace[] = [];
  const axes: Record<string, unknown> = {};
  const annotations: object[] = [];
  const told: string[] = [];
  panels.forEach(({ input, discard, title }, panel) => {
    const shown = names.map((predictor) => {
      const line = lines.find(
        (own) =>
          own.predictor === predictor && own.input === input && own.kind === "" && own.discard === discard,
      );
      return publishedOrder.map((dataset) =>
        line?.cells.find((cell) => cell.dataset === dataset && cell.published !== null),
      );
    });
    const { xaxis, yaxis } = panelPlace(panel);
    data.push({
      type: "heatmap",
      name: title,
      z: shown.map((row) => row.map((cell) => (cell ? cell.mean - cell.published! : null))),
      x: publishedOrder.map((_, i) => i),
      y: names.map((_, i) => i),
      ...differenceScale,
      xgap: 2,
      ygap: 2,
      showscale: panel === 0,
      xaxis,
      yaxis,
    });
    for (const [y, row] of shown.entries())
      for (const [x, cell] of row.entries()) {
        if (!cell) continue;
        const { mean, published, setting } = cell;
        const raised = setting === undefined ? "" : `<sup>${letters.of(setting)}</sup>`;
        annotations.push({
          x,
          y,
          xref: xaxis,
          yref: yaxis,
          text: `${mean.toFixed(3)}${raised}<br><span style="font-size:11px">${published!.toFixed(3)}</span>`,
          showarrow: false,
          font: { size: 13, color: "#222222" },
        });
      }
    const drawn = shown.flat().filter((cell) => cell !== undefined);
    const near = drawn.filter((cell) => isWhite(cell.mean - cell.published!));
    told.push(`${title}: ${near.length} of ${drawn.length} within .01 of the paper's`);
    const [column, row] = [panel % 2, Math.floor(panel / 2)];
    annotations.push({
      text: `<b>${title}</b>`,
      x: 0.5,
      xref: `${xaxis} domain`,
      y: 1,
      yref: `${yaxis} domain`,
      yanchor: "bottom",
      yshift: 24,
      showarrow: false,
    });
    const plain = { showgrid: false, ticks: "", showline: false };
    Object.assign(
      axes,
      panelAxes(
        panel,
        {
          ...plain,
          domain: panelSpan(column, 2, 0.03),
          side: "top",
          tickvals: publishedOrder.map((_, i) => i),
          ticktext: publishedOrder,
          range: [-0.5, publishedOrder.length - 0.5],
        },
        {
          ...plain,
          domain: panelSpan(1 - row, 2, 0.15),
          tickvals: names.map((_, i) => i),
          ticktext: names,
          range: [names.length - 0.5, -0.5],
          showticklabels: column === 0,
        },
      ),
    );
  });
  const alternative = `${metric} of ours beside the paper's. ${told.join("; ")}.`;
  return {
    data,
    layout: {
      width: 1160,
      height: 690,
      margin: { t: 58 },
      plot_bgcolor: EMPTY,
      meta: { alternative },
      ...axes,
      annotations,
    },
  };
}

function linesOf(cells: readonly DownstreamCell[], metric: string): Line[] {
  const own = cells.filter((cell) => cell.metric === metric);
  const nearest = nearestSettings(own);
  const kindOf = (cell: DownstreamCell): string => {
    const setting = (input: DownstreamInputName) => nearest.get(placeOf({ ...cell, input }));
    if (cell.setting === setting(cell.input)) return "";
    if (cell.input === "raw" && cell.setting === setting("var-t-jepa")) return "learnt as on embeddings";
    return (cell.setting ?? "as printed").split(", ")[0];
  };
  const dropped = [...new Set(own.map(({ discard }) => discard))].sort((a, b) => a - b);
  return predictorNames.flatMap((predictor) =>
    downstreamInputs.flatMap((input) => {
      const here = own.filter((cell) => cell.predictor === predictor && cell.input === input);
      const kinds = [...new Set(["", ...here.map(kindOf)])];
      return kinds.flatMap((kind) =>
        (input === "var-t-jepa" && kind === "" && dropped.length > 0 ? dropped : [0]).map((discard) => ({
          predictor,
          input,
          kind,
          discard,
          cells: here.filter((cell) => cell.discard === discard && kindOf(cell) === kind),
        })),
      );
    }),
  );
}

type Place = Pick<DownstreamCell, "dataset" | "predictor" | "input">;

const placeOf = ({ dataset, predictor, input }: Place) => [dataset, predictor, input].join("|");

/** The setting of each place of the table that is nearest to the paper's: as printed, else the first one; never what stands beside. */
function nearestSettings(cells: readonly DownstreamCell[]): Map<string, string | undefined> {
  const nearest = new Map<string, string | undefined>();
  for (const cell of cells) {
    const place = placeOf(cell);
    if (standsBeside(cell.setting)) continue;
    if (!nearest.has(place) || cell.setting === undefined) nearest.set(place, cell.setting);
  }
  return nearest;
}

function inOrder(cells: readonly DownstreamCell[]): DownstreamCell[] {
  return publishedOrder.flatMap((dataset) => cells.filter((cell) => cell.dataset === dataset));
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
