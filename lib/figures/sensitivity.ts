/** Tables 4 and 5: how accuracy on Adult follows settings of Var-T-JEPA, beside what the paper prints. */
import { table4Settings, table5Settings } from "../papers/var-jepa/published-table-4.js";
import type { DownstreamCell } from "../studies/downstream-tables.js";
import { ownColumns } from "../studies/sensitivity-plan.js";
import { besideNotes, besidePublished, newLetters, runsText } from "./beside-published.js";
import type { NotedTable } from "./downstream-table.js";
import type { Figure, Trace } from "./drawing/figure.js";
import { panelAxes, panelPlace, panelSpan } from "./drawing/panels.js";
import { legendAbove, seriesStyle } from "./drawing/theme.js";

const tables: readonly {
  readonly title: string;
  readonly number: 4 | 5;
  readonly settings: readonly string[];
}[] = [
  { title: "Table 4: weights", number: 4, settings: table4Settings },
  { title: "ours", number: 4, settings: ownColumns },
  { title: "Table 5: sizes and optimiser", number: 5, settings: table5Settings },
];
/** Where each begins on the axis. */
const starts = tables.map(
  (_, i) => tables.slice(0, i).reduce((sum, table) => sum + table.settings.length, 0) - 0.5,
);
const settings = tables.flatMap((table) => table.settings);
const predictors = ["MLP", "ResNet"] as const;
const shares = [0, 0.1, 0.2, 0.5];

/** Table 4, with columns of ours, or 5: a row per predictor and share dropped, a column per setting with `mean ± std` and the paper's value under it. */
export function sensitivityTable(cells: readonly DownstreamCell[], number: 4 | 5): NotedTable {
  const letters = newLetters();
  const columns = tables.flatMap((table) => (table.number === number ? table.settings : []));
  const rows = predictors.flatMap((predictor) =>
    shares.map((discard) => {
      const own = cells.filter((cell) => cell.predictor === predictor && cell.discard === discard);
      const shown = columns.flatMap((column) => own.filter((cell) => cell.column === column));
      return {
        predictor,
        dropped: `${100 * discard} %`,
        ...Object.fromEntries(
          columns.map((column) => {
            const cell = shown.find((other) => other.column === column);
            return [column, cell && besidePublished(cell, letters)];
          }),
        ),
        runs: runsText(shown),
      };
    }),
  );
  return { rows, notes: besideNotes(letters, true) };
}

/**
 * Accuracy of MLP and ResNet at every setting of Tables 4 and 5 and of our columns, without 0, 10, 20 and 50 % of the rows: ours filled with its
 * deviation over runs, the paper's hollow beside it.
 * @param cells of both tables, or of one.
 */
export function sensitivityFigure(cells: readonly DownstreamCell[]): Figure {
  const data: Trace[] = [];
  const axes: Record<string, unknown> = {};
  const annotations: object[] = [];
  predictors.forEach((predictor, panel) => {
    const place = panelPlace(panel);
    for (const [i, discard] of shares.entries()) {
      const { color, symbol } = seriesStyle(i);
      const name = discard === 0 ? "all rows" : `${100 * discard} % dropped`;
      const own = settings.flatMap((column, x) => {
        const cell = cells.find(
          (other) => other.predictor === predictor && other.discard === discard && other.column === column,
        );
        return cell ? [{ x, cell }] : [];
      });
      data.push(
        {
          type: "scatter",
          mode: "markers",
          name,
          legendgroup: name,
          showlegend: panel === 0,
          x: own.map(({ x }) => x - SIDE),
          y: own.map(({ cell }) => cell.mean),
          error_y: {
            type: "data",
            array: own.map(({ cell }) => cell.std ?? 0),
            color,
            thickness: 1.4,
            width: 4,
          },
          marker: { color, symbol, size: 9 },
          ...place,
        },
        {
          type: "scatter",
          mode: "markers",
          name: `${name}, the paper's`,
          showlegend: false,
          x: own.map(({ x }) => x + SIDE),
          y: own.map(({ cell }) => cell.published),
          marker: { color, symbol: `${symbol}-open`, size: 9, line: { width: 1.6 } },
          ...place,
        },
      );
    }
    const last = panel === predictors.length - 1;
    Object.assign(
      axes,
      panelAxes(
        panel,
        {
          domain: [0, 1],
          range: [-0.6, settings.length - 0.4],
          tickvals: settings.map((_, i) => i),
          ticktext: settings,
          tickangle: -35,
          showticklabels: last,
          showgrid: false,
        },
        {
          domain: panelSpan(predictors.length - 1 - panel, predictors.length, 0.06),
          title: { text: `accuracy, ${predictor}` },
        },
      ),
    );
    annotations.push(
      ...tables.map(({ title }, i) => ({
        text: title,
        x: starts[i] + 0.1,
        xref: place.xaxis,
        xanchor: "left",
        y: 1,
        yref: `${place.yaxis} domain`,
        yanchor: "top",
        showarrow: false,
        font: { size: 13, color: "#555555" },
      })),
    );
  });
  return {
    data,
    layout: {
      width: 1100,
      height: 760,
      meta: { alternative: described(cells) },
      legend: {
        ...legendAbove,
        title: { text: "filled: ours ± deviation, hollow: the paper's   ", font: { size: 14 } },
      },
      annotations,
      shapes: predictors.flatMap((_, panel) =>
        starts.slice(1).map((x) => ({
          type: "line",
          x0: x,
          x1: x,
          xref: panelPlace(panel).xaxis,
          y0: 0,
          y1: 1,
          yref: `${panelPlace(panel).yaxis} domain`,
          line: { color: "#999999", width: 1, dash: "dot" },
        })),
      ),
      ...axes,
    },
  };
}

/** Half the distance of ours and the paper's mark. */
const SIDE = 0.17;

function described(cells: readonly DownstreamCell[]): string {
  const at = (discard: number) =>
    predictors.flatMap((predictor) => {
      const sorted = cells
        .filter((cell) => cell.predictor === predictor && cell.discard === discard)
        .sort((a, b) => a.mean - b.mean);
      if (sorted.length === 0) return [];
      const said = ({ column, mean, published }: DownstreamCell) =>
        `${mean.toFixed(3)} with ${column}${published === null ? "" : ` (the paper's ${published.toFixed(3)})`}`;
      return [`${predictor} from ${said(sorted[0])} to ${said(sorted[sorted.length - 1])}`];
    });
  const settings = new Set(cells.map(({ column }) => column)).size;
  const half = at(0.5);
  return [
    `Accuracy on all rows of Adult at ${settings} settings: ${at(0).join("; ")}.`,
    ...(half.length > 0 ? [`Half of the rows dropped: ${half.join("; ")}.`] : []),
  ].join(" ");
}
