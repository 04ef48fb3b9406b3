/** From Var-JEPA to a JEPA, one part after the other: what is told, and what a distribution's measures say. */
import type { PairMeasure } from "../evaluation/pair-measures.js";
import { removalOrders } from "../papers/var-jepa/pair-configurations.js";
import type { PairsStudy } from "../studies/pairs-study.js";
import { directLabels, type NamedCurve } from "./drawing/direct-labels.js";
import type { Figure, Trace } from "./drawing/figure.js";
import { panelAxes, panelPlace, panelSpan } from "./drawing/panels.js";
import { seriesStyle, symbols } from "./drawing/theme.js";
import { pairsReader, stepNames } from "./pairs-names.js";

type Order = keyof typeof removalOrders;

interface Line {
  readonly name: string;
  readonly measure: string;
  readonly on: PairMeasure["on"];
}
interface Row {
  readonly title: string;
  readonly log: boolean;
  readonly lines: readonly Line[];
  readonly levels: readonly { readonly name: string; readonly value: number | undefined }[];
}

const orders: readonly (readonly [Order, string])[] = [
  ["decodersFirst", "decoders first"],
  ["klFirst", "KLs first"],
];

const GREY = "#666666";
const SIZE = { width: 1160, panelWidth: 505, panelHeight: 176, gap: 0.035, columnGap: 0.05 };
const MARGIN = { l: 76, r: 12, t: 34, b: 104 };

/**
 * Both orders of removal side by side, step by step: R² to the true s_x given the class, the bracket of the information that s_x has
 * of x, KL_agg and the total variance of s_x over the untrained encoder's, on means and on samples, with deviations over runs;
 * the untrained encoder, PCA and the sampling floor of KL_agg are level lines. A bound below 0 is not drawn.
 * Runs in which nothing is changed.
 * @throws when a step of either order is not among the cells.
 */
export function removalPath({ cells, provenance }: Pick<PairsStudy, "cells" | "provenance">): Figure {
  const read = pairsReader(cells);
  const { data: simulation, model, scoring } = provenance.config;
  const both = (measure: string): Line[] => [
    { name: "means", measure, on: "means" },
    { name: "samples", measure, on: "samples" },
  ];
  const rows: readonly Row[] = [
    {
      title: `R² of true ${symbols.sx}<br>given the class`,
      log: false,
      lines: both("r2SxGivenClass"),
      levels: [
        { name: "untrained", value: read("untrained", "r2SxGivenClass", "means")?.mean },
        { name: "PCA", value: read("pca", "r2SxGivenClass", "means")?.mean },
      ],
    },
    {
      title: `I(x; ${symbols.sx})<br>in nats`,
      log: true,
      lines: [
        { name: "at most", measure: "informationUpper", on: "samples" },
        { name: "at least", measure: "informationLower", on: "samples" },
      ],
      levels: [{ name: "where “at least” ends", value: Math.log(scoring.informationRows) }],
    },
    {
      title: `${symbols.klAggregate} of ${symbols.sx}<br>in nats`,
      log: true,
      lines: both("klAggregateSx"),
      levels: [
        {
          name: `floor: ${simulation.evaluationRows.toLocaleString("en")} draws of N(0, I)`,
          value: (model.d * (model.d + 3)) / 4 / simulation.evaluationRows,
        },
      ],
    },
    {
      title: `variance of ${symbols.sx}<br>/ untrained`,
      log: true,
      lines: both("varianceRatio"),
      levels: [{ name: "untrained", value: 1 }],
    },
  ];
  const traces: Trace[] = [];
  const axes: Record<string, unknown> = {};
  const annotations: object[] = [];
  rows.forEach((row, i) => {
    const drawn = orders.map(([order]) =>
      row.lines.map((line, k) => {
        const steps: readonly string[] = removalOrders[order];
        const points = steps.flatMap((step, x) => {
          if (!read(step, "r2SxGivenClass")) throw new Error(`cells hold no configuration ${step}; run it`);
          const cell = read(step, line.measure, line.on);
          return cell && !(row.log && cell.mean <= 0) ? [{ x, y: cell.mean, std: cell.std }] : [];
        });
        return { line, points, style: seriesStyle(k) };
      }),
    );
    const values = [
      ...drawn.flat().flatMap(({ points }) => points.map(({ y }) => y)),
      ...row.levels.flatMap(({ value }) => value ?? []),
    ];
    const range = rangeAround(values, row.log);
    const unit = (value: number) => (row.log ? Math.log10(value) : value);
    orders.forEach(([order, title], column) => {
      const panel = i * orders.length + column;
      const place = panelPlace(panel);
      const steps: readonly string[] = removalOrders[order];
      const ends = [-0.4, steps.length - 0.6] as const;
      const curves: NamedCurve[] = [];
      for (const { name, value } of row.levels) {
        if (value === undefined) continue;
        const curve = { x: [...ends], y: [value, value] };
        traces.push({
          ...{ type: "scatter", mode: "lines", name, showlegend: false, ...curve, ...place },
          line: { color: GREY, width: 1.2, dash: "dot" },
        });
        curves.push({ name, color: GREY, x: curve.x, y: curve.y.map(unit) });
      }
      drawn[column].forEach(({ line: { name }, points, style }, k) => {
        traces.push({
          ...{ type: "scatter", mode: "lines+markers", name, showlegend: false, ...place },
          x: points.map(({ x }) => x),
          y: points.map(({ y }) => y),
          ...(points.some(({ std }) => std !== null) && {
            error_y: {
              ...{ type: "data", array: points.map(({ std }) => std ?? 0), color: style.color },
              ...{ thickness: 1.2, width: 3 },
            },
          }),
          line: { color: style.color, width: 2, dash: style.dash },
          marker: { color: style.color, size: 8, symbol: k === 0 ? `${style.symbol}-open` : style.symbol },
        });
        curves.push({
          ...{ name, color: style.color },
          ...{ x: points.map(({ x }) => x), y: points.map(({ y }) => unit(y)) },
        });
      });
      annotations.push(
        ...directLabels(curves, {
          ...{ ...place, xRange: ends, yRange: range, size: 13 },
          ...{ width: SIZE.panelWidth, height: SIZE.panelHeight },
        }),
      );
      if (i === 0)
        annotations.push({
          ...{ text: `<b>${title}</b>`, showarrow: false, font: { size: 15 } },
          ...{
            x: 0.5,
            xref: `${place.xaxis} domain`,
            y: 1,
            yref: `${place.yaxis} domain`,
            yanchor: "bottom",
          },
        });
      Object.assign(
        axes,
        panelAxes(
          panel,
          {
            ...{ domain: panelSpan(column, orders.length, SIZE.columnGap), range: ends },
            ...{ tickvals: steps.map((_, x) => x), ticktext: stepTexts(steps), tickangle: -35 },
            ...{ showticklabels: i === rows.length - 1, tickfont: { size: 13 } },
          },
          {
            ...{ domain: panelSpan(rows.length - 1 - i, rows.length, SIZE.gap), range },
            ...(row.log && {
              type: "log",
              dtick: Math.ceil((range[1] - range[0]) / 5),
              exponentformat: "power",
            }),
            showticklabels: column === 0,
            ...(column === 0 && { title: { text: row.title, standoff: 6, font: { size: 14 } } }),
          },
        ),
      );
    });
  });
  const inner = (SIZE.panelHeight * rows.length) / (1 - SIZE.gap * (rows.length - 1));
  return {
    data: traces,
    layout: {
      width: SIZE.width,
      height: Math.round(inner + MARGIN.t + MARGIN.b),
      margin: MARGIN,
      meta: { alternative: described(read) },
      annotations,
      ...axes,
    },
  };
}

/** What every step takes away, or what it puts in the place. */
function stepTexts(steps: readonly string[]): string[] {
  const parts = (step: string) => step.split("-").slice(1);
  return steps.map((step, i) => {
    if (!step.startsWith("no-")) return stepNames[step];
    const before = i > 0 ? parts(steps[i - 1]) : [];
    return parts(step)
      .filter((part) => !before.includes(part))
      .map((part) => stepNames[part])
      .join(", ");
  });
}

/** A little more than the values take up, in the units of the axis. */
function rangeAround(values: readonly number[], log: boolean): [number, number] {
  const units = log ? values.filter((value) => value > 0).map(Math.log10) : values;
  const [least, most] = [Math.min(...units), Math.max(...units)];
  const pad = 0.12 * (most - least || 1);
  return [least - pad, most + pad];
}

function described(read: ReturnType<typeof pairsReader>): string {
  const said = orders.map(([order, title]) => {
    const steps: readonly string[] = removalOrders[order];
    const numbers = steps.map((step, i) => {
      const [r2, kl, spread] = ["r2SxGivenClass", "klAggregateSx", "varianceRatio"].map((measure) => {
        const cell = read(step, measure);
        return cell ? Number(cell.mean.toPrecision(2)) : "none";
      });
      return `${stepTexts(steps)[i].replace(/<[^>]*>/g, "")}: ${r2}, ${kl}, ${spread}`;
    });
    return `${title}: ${numbers.join("; ")}`;
  });
  return `R² of samples to the true s_x given the class, KL_agg, variance over the untrained encoder's, step by step; ${said.join(". ")}.`;
}
