/** From Var-JEPA to a JEPA, one part after the other: what is told, and what a distribution's measures say. */
import type { PairMeasure } from "../evaluation/pair-measures.js";
import { removalOrders } from "../papers/var-jepa/pair-configurations.js";
import type { PairsStudy } from "../studies/pairs-study.js";
import type { Figure, Trace } from "./drawing/figure.js";
import {
  heightsOf,
  type NamedLine,
  type NamedPanel,
  namedLevel,
  namedPanel,
  rangeAround,
} from "./drawing/named-panel.js";
import { panelAxes, panelPlace, panelSpan } from "./drawing/panels.js";
import { seriesStyle, symbols } from "./drawing/theme.js";
import { pairsReader, stepNames, toldBy } from "./pairs-names.js";

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

const SIZE = { width: 640, panelWidth: 266, panelHeight: 150, gap: 0.035, columnGap: 0.04 };
const MARGIN = { l: 84, r: 12, t: 30, b: 136 };

/**
 * Both orders of removal side by side, step by step: R² to the true s_x given the class (of digits, whose s_x nobody knows, how often a probe
 * finds the class), the bracket of the information that s_x has
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
  const told = toldBy(cells);
  const rows: readonly Row[] = [
    {
      title: told.title,
      log: false,
      lines: both(told.measure),
      levels: [
        { name: "untrained", value: read("untrained", told.measure, "means")?.mean },
        { name: "PCA", value: read("pca", told.measure, "means")?.mean },
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
          name: `floor: ${simulation.evaluationRows.toLocaleString("en")} draws`,
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
  const data: Trace[] = [];
  const axes: Record<string, unknown> = {};
  const annotations: object[] = [];
  rows.forEach((row, i) => {
    const drawn = orders.map(([order]) => row.lines.map((line, k) => lineOf(read, row, order, line, k)));
    const levels = row.levels.flatMap(({ name, value }) => (value === undefined ? [] : [{ name, value }]));
    const values = [...heightsOf(drawn.flat()), ...levels.map(({ value }) => value)];
    const yRange = rangeAround(values, row.log);
    orders.forEach(([order, title], column) => {
      const panel = i * orders.length + column;
      const steps: readonly string[] = removalOrders[order];
      const frame: NamedPanel = {
        ...{ panel, log: { y: row.log }, xRange: [-0.5, steps.length - 0.5], yRange, size: 14 },
        ...{ width: SIZE.panelWidth, height: SIZE.panelHeight },
      };
      const own = namedPanel(frame, [
        ...levels.map(({ name, value }) => namedLevel(name, value, frame)),
        ...drawn[column],
      ]);
      data.push(...own.data);
      annotations.push(...own.annotations);
      const place = panelPlace(panel);
      if (i === 0)
        annotations.push({
          ...{ text: `<b>${title}</b>`, showarrow: false, font: { size: 16 }, x: 0.5, y: 1.02 },
          ...{ xref: `${place.xaxis} domain`, yref: `${place.yaxis} domain`, yanchor: "bottom" },
        });
      const last = i === rows.length - 1;
      const x = {
        ...{ domain: panelSpan(column, orders.length, SIZE.columnGap), range: frame.xRange },
        ...{ tickvals: steps.map((_, at) => at), ticktext: stepTexts(steps), tickangle: -90 },
        ...{ showticklabels: last, tickfont: { size: 14 } },
      };
      const y = {
        ...{ domain: panelSpan(rows.length - 1 - i, rows.length, SIZE.gap), range: yRange },
        ...(row.log && {
          ...{ type: "log", dtick: Math.ceil((yRange[1] - yRange[0]) / 4), exponentformat: "power" },
        }),
        showticklabels: column === 0,
        ...(column === 0 && { title: { text: row.title, standoff: 4, font: { size: 14 } } }),
      };
      Object.assign(axes, panelAxes(panel, x, y));
    });
  });
  const inner = (SIZE.panelHeight * rows.length) / (1 - SIZE.gap * (rows.length - 1));
  return {
    data,
    layout: {
      width: SIZE.width,
      height: Math.round(inner + MARGIN.t + MARGIN.b),
      margin: MARGIN,
      meta: { alternative: described(read, told.measure) },
      annotations,
      ...axes,
    },
  };
}

/** A measure step by step; steps that have none of it, and on a logarithmic axis those at which it is not above 0, are left out. */
function lineOf(
  read: ReturnType<typeof pairsReader>,
  { log }: Row,
  order: Order,
  { name, measure, on }: Line,
  k: number,
): NamedLine {
  const { color, dash, symbol } = seriesStyle(k);
  const points = removalOrders[order].flatMap((step, x) => {
    if (!read(step, "varianceRatio")) throw new Error(`cells hold no configuration ${step}; run it`);
    const cell = read(step, measure, on);
    return cell && !(log && cell.mean <= 0) ? [{ x, y: cell.mean, std: cell.std }] : [];
  });
  return {
    ...{ name, color, dash, symbol: k === 0 ? `${symbol}-open` : symbol },
    ...{ x: points.map(({ x }) => x), y: points.map(({ y }) => y), std: points.map(({ std }) => std) },
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

function described(read: ReturnType<typeof pairsReader>, told: string): string {
  const said = orders.map(([order, title]) => {
    const steps: readonly string[] = removalOrders[order];
    const numbers = steps.map((step, i) => {
      const [r2, kl, spread] = [told, "klAggregateSx", "varianceRatio"].map((measure) => {
        const cell = read(step, measure);
        return cell ? Number(cell.mean.toPrecision(2)) : "none";
      });
      return `${stepTexts(steps)[i].replace(/<[^>]*>/g, "")}: ${r2}, ${kl}, ${spread}`;
    });
    return `${title}: ${numbers.join("; ")}`;
  });
  const what =
    told === "probeSx" ? "How often a probe finds the class" : "R² of the true s_x given the class";
  return `${what}, in samples, KL_agg, variance over the untrained encoder's, step by step; ${said.join(". ")}.`;
}
