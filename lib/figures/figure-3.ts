import type { Uncertainty } from "../evaluation/controls.js";
import { mean } from "../moments.js";
import { publishedOrder } from "../papers/var-jepa/published-table-2.js";
import type { DownstreamInputName } from "../studies/downstream-plan.js";
import type { AmbiguityResult } from "../studies/downstream-scores.js";
import type { DownstreamRun } from "../studies/downstream-study.js";
import type { DownstreamCell } from "../studies/downstream-tables.js";
import { decileMeans } from "./decile-curves.js";
import { directLabels, type NamedCurve } from "./drawing/direct-labels.js";
import type { Figure, Trace } from "./drawing/figure.js";
import { panelAxes, panelPlace, panelSpan } from "./drawing/panels.js";
import { seriesStyle } from "./drawing/theme.js";

/** What one encoder's uncertainty tells. */
export interface Figure3Curve extends AmbiguityResult, Pick<DownstreamRun, "dataset" | "input" | "seed"> {
  /** Risk at a coverage of 1, 2, … 100 %, by what rows are dropped by. */
  readonly risk: Readonly<Record<Uncertainty, readonly number[]>>;
}

/** Content of `figure-3.json`. */
export interface Figure3Results {
  readonly cells: readonly DownstreamCell[];
  readonly curves: readonly Figure3Curve[];
}

/** The two encoders, and how they are drawn. */
const encoders = [
  { input: "var-t-jepa", name: "trained", style: seriesStyle(0) },
  { input: "untrained var-t-jepa", name: "untrained", style: seriesStyle(1) },
] as const;
const confidence = seriesStyle(2);
const grey = "#777777";

const measures = {
  area: "area under the risk–coverage curve",
  confidence: "area under the risk–coverage curve, by the predictor's confidence",
  error: "error rate",
  spearman: "Spearman correlation with u",
  auc: "ROC AUC of u above its 90 % quantile",
} as const;

/** Pixels: the figure's width, a row of panels, what lies above and below it, and left and right of all. */
const size = { width: 940, row: 280, above: 58, below: 66, left: 92, right: 12 };
const gap = 0.105;
const columns = 3;
const fontSize = 16;

/**
 * The paper's Figure 3, a row of panels for every data set that is there: risk against coverage when the most uncertain rows
 * are dropped (mean over encoders, band from the smallest to the largest; untrained encoders, the predictor's own confidence
 * and dropping at random beside); the standardised uncertainty against the simulated u (rows of one encoder, means of tenths of
 * the rows); and the ROC curve of "u is above its 90 % quantile". Titles tell means ± deviations over encoders.
 * @throws when there is no curve, or one holds fewer than ten rows.
 */
export function figure3({ cells, curves }: Figure3Results): Figure {
  const datasets = publishedOrder.filter((dataset) => curves.some((curve) => curve.dataset === dataset));
  if (datasets.length === 0) throw new Error("curves is empty; give those of at least one encoder");
  const height = datasets.length * (size.row + size.above + size.below);
  const inner = { width: size.width - size.left - size.right, height: height - size.above - size.below };
  const data: Trace[] = [];
  const axes: Record<string, unknown> = {};
  const annotations: object[] = [];
  datasets.forEach((dataset, row) => {
    const own = curves.filter((curve) => curve.dataset === dataset);
    const drawn = [riskPanel(own), uncertaintyPanel(own), rocPanel(own)];
    const titles = (["area", "spearman", "auc"] as const).map((measure) => {
      const [trained, untrained] = encoders.map(({ input }) => cellOf(cells, dataset, input, measure));
      const name = { area: "area", spearman: "Spearman", auc: "AUC" }[measure];
      return [
        ...(trained ? [`<b>${name} ${spread(trained)}</b>`] : []),
        ...(untrained ? [`untrained ${spread(untrained)}`] : []),
      ].join("<br>");
    });
    const bottom = 1 - (row * (size.row + size.above + size.below) + size.row) / inner.height;
    const rows: [number, number] = [Math.max(0, bottom), bottom + size.row / inner.height];
    drawn.forEach(({ traces, named, x, y }, column) => {
      const panel = row * columns + column;
      const place = panelPlace(panel);
      const across = panelSpan(column, columns, gap);
      data.push(...traces.map((trace) => ({ ...trace, showlegend: false, ...place })));
      Object.assign(
        axes,
        panelAxes(
          panel,
          { ...x, domain: across, title: { text: x.title, standoff: 4 } },
          {
            ...y,
            domain: rows,
            title: { text: column === 0 ? `<b>${dataset}</b><br>${y.title}` : y.title, standoff: 4 },
          },
        ),
      );
      annotations.push(
        {
          text: titles[column],
          x: (across[0] + across[1]) / 2,
          xref: "paper",
          xanchor: "center",
          y: rows[1],
          yref: "paper",
          yanchor: "bottom",
          yshift: 4,
          showarrow: false,
          font: { size: fontSize - 1 },
        },
        ...directLabels(named, {
          ...place,
          xRange: x.range,
          yRange: y.range,
          width: (across[1] - across[0]) * inner.width,
          height: size.row,
          size: fontSize - 2,
        }),
      );
    });
  });
  return {
    data,
    layout: {
      width: size.width,
      height,
      margin: { l: size.left, r: size.right, t: size.above, b: size.below },
      font: { size: fontSize },
      meta: { alternative: alternativeOf(cells, datasets) },
      annotations,
      ...axes,
    },
  };
}

/** A panel's content, and the axes it needs. */
interface Panel {
  readonly traces: readonly Trace[];
  readonly named: readonly NamedCurve[];
  readonly x: PanelAxis;
  readonly y: PanelAxis;
}

interface PanelAxis {
  readonly title: string;
  readonly range: [number, number];
  readonly [attribute: string]: unknown;
}

type Curves = readonly Figure3Curve[];

const of = (curves: Curves, input: DownstreamInputName) => curves.filter((curve) => curve.input === input);

function riskPanel(curves: Curves): Panel {
  const x = Array.from({ length: 100 }, (_, i) => (i + 1) / 100);
  const bands = encoders.flatMap(({ input, name, style }) => {
    const own = of(curves, input);
    return own.length === 0
      ? []
      : [
          bandOf(
            name,
            x,
            own.map(({ risk }) => risk.posterior),
            style,
          ),
        ];
  });
  const trained = of(curves, "var-t-jepa");
  const beside =
    trained.length === 0
      ? []
      : [
          lineOf(
            "confidence",
            x,
            x.map((_, i) => mean(trained.map(({ risk }) => risk.probe[i]))),
            confidence,
          ),
          lineOf(
            "random",
            x,
            x.map(() => mean(trained.map(({ risk }) => risk.posterior[risk.posterior.length - 1]))),
            { color: grey, dash: "dashdot" },
          ),
        ];
  const shown = [...bands, ...beside];
  const most = Math.max(...shown.flatMap(({ highest }) => highest));
  return {
    ...joined(shown),
    x: { title: "coverage", range: [0, 1], dtick: 0.5 },
    y: { title: "risk", range: [0, 1.05 * most], nticks: 6, rangemode: "tozero" },
  };
}

function uncertaintyPanel(curves: Curves): Panel {
  const lines = encoders.flatMap(({ input, name, style }) => {
    const own = of(curves, input).map(({ rows }) =>
      decileMeans(
        rows.map(([u]) => u),
        rows.map(([, uncertainty]) => uncertainty),
      ),
    );
    if (own.length === 0) return [];
    const u = own[0].map((_, i) => mean(own.map((points) => points[i].u)));
    return [
      bandOf(
        name,
        u,
        own.map((points) => points.map(({ value }) => value)),
        style,
      ),
    ];
  });
  const [first] = [...of(curves, "var-t-jepa"), ...curves];
  const { color } = encoders.find(({ input }) => input === first.input)!.style;
  const values = first.rows.map(([, uncertainty]) => uncertainty).sort((a, b) => a - b);
  const at = (share: number) => values[Math.round(share * (values.length - 1))];
  const drawn = lines.flatMap(({ highest, lowest }) => [...highest, ...lowest]);
  const points: Trace = {
    type: "scatter",
    mode: "markers",
    name: `rows of one ${encoders.find(({ input }) => input === first.input)!.name} encoder`,
    x: first.rows.map(([u]) => u),
    y: first.rows.map(([, uncertainty]) => uncertainty),
    marker: { color, size: 4, opacity: 0.3 },
  };
  const { traces, named } = joined(lines);
  return {
    traces: [points, ...traces],
    named,
    x: { title: "simulated u", range: [0, 1], dtick: 0.5 },
    y: {
      title: "uncertainty, z-score",
      range: [Math.min(at(0.01), ...drawn) - 0.2, Math.max(at(0.99), ...drawn) + 0.2],
      nticks: 6,
    },
  };
}

function rocPanel(curves: Curves): Panel {
  const x = Array.from({ length: 101 }, (_, i) => i / 100);
  const lines = encoders.flatMap(({ input, name, style }) => {
    const own = of(curves, input);
    return own.length === 0
      ? []
      : [
          bandOf(
            name,
            x,
            own.map(({ roc }) => roc),
            style,
          ),
        ];
  });
  const chance = lineOf("chance", x, x, { color: grey, dash: "dashdot" });
  return {
    ...joined([...lines, chance]),
    x: { title: "false alarms", range: [0, 1], dtick: 0.5 },
    y: { title: "hits, u above q<sub>.9</sub>", range: [0, 1.02], dtick: 0.5 },
  };
}

/** A curve with or without a band, and how far it reaches. */
interface Shown {
  readonly traces: readonly Trace[];
  readonly named: NamedCurve;
  readonly lowest: readonly number[];
  readonly highest: readonly number[];
}

function joined(shown: readonly Shown[]): Pick<Panel, "traces" | "named"> {
  return { traces: shown.flatMap(({ traces }) => traces), named: shown.map(({ named }) => named) };
}

/** The mean of several lines in a band from the smallest to the largest. */
function bandOf(
  name: string,
  x: readonly number[],
  lines: readonly (readonly number[])[],
  style: { readonly color: string; readonly dash: string },
): Shown {
  const over = (read: (values: number[]) => number) => x.map((_, i) => read(lines.map((line) => line[i])));
  const [lowest, highest] = [over((values) => Math.min(...values)), over((values) => Math.max(...values))];
  const edge = { type: "scatter", mode: "lines", x, line: { width: 0 }, hoverinfo: "skip" };
  const line = lineOf(name, x, over(mean), style);
  return {
    ...line,
    lowest,
    highest,
    traces: [
      { ...edge, name: `${name}, largest`, y: highest },
      { ...edge, name: `${name}, smallest`, y: lowest, fill: "tonexty", fillcolor: `${style.color}30` },
      ...line.traces,
    ],
  };
}

function lineOf(
  name: string,
  x: readonly number[],
  y: readonly number[],
  { color, dash }: { readonly color: string; readonly dash: string },
): Shown {
  const trace = { type: "scatter", mode: "lines", name, x, y, line: { color, dash, width: 2.5 } };
  return { traces: [trace], named: { name, color, x, y }, lowest: y, highest: y };
}

/** For example `0.65 ± 0.03`. */
function spread({ metric, mean, std }: DownstreamCell): string {
  const digits = metric === measures.spearman || metric === measures.auc ? 2 : 3;
  const text = mean.toFixed(digits).replace("-", "−");
  return std === null ? text : `${text} ± ${std.toFixed(digits)}`;
}

function cellOf(
  cells: readonly DownstreamCell[],
  dataset: string,
  input: DownstreamInputName,
  measure: keyof typeof measures,
): DownstreamCell | undefined {
  return cells.find(
    (cell) => cell.dataset === dataset && cell.input === input && cell.metric === measures[measure],
  );
}

function alternativeOf(cells: readonly DownstreamCell[], datasets: readonly string[]): string {
  const sentences = datasets.map((dataset) => {
    const told = encoders.flatMap(({ input, name }) => {
      const area = cellOf(cells, dataset, input, "area");
      if (!area) return [];
      const value = (measure: keyof typeof measures) => {
        const cell = cellOf(cells, dataset, input, measure);
        return cell ? spread(cell) : "not measured";
      };
      return [
        `${area.runs} ${name} encoders have an area under the risk–coverage curve of ${spread(area)} (${value("confidence")} by the predictor's confidence, ${value("error")} when rows are dropped at random), a Spearman correlation with u of ${value("spearman")} and an AUC of ${value("auc")}`,
      ];
    });
    return `${dataset}: ${told.join("; ")}.`;
  });
  return `Risk against coverage, latent uncertainty against the simulated u, and ROC curve of high u. ${sentences.join(" ")}`;
}
