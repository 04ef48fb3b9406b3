/** The one axis of posterior collapse: what s_x tells and how many units are active over α · σ², scales learned or fixed. */
import type { PairMeasure } from "../evaluation/pair-measures.js";
import { type CollapsePoint, fixedScan, learnedScan } from "../studies/pairs-scans.js";
import type { PairsStudy } from "../studies/pairs-study.js";
import { directLabels, type NamedCurve } from "./drawing/direct-labels.js";
import type { Figure, Trace } from "./drawing/figure.js";
import { panelAxes, panelPlace, panelSpan } from "./drawing/panels.js";
import { seriesStyle, symbols } from "./drawing/theme.js";
import { pairsReader } from "./pairs-names.js";

const rows = [
  { title: `R² of true ${symbols.sx}, samples`, measure: "r2SxGivenClass", on: "samples" },
  { title: `active units of ${symbols.sx}`, measure: "activeUnitsSx", on: "means" },
  { title: "active units of z", measure: "activeUnitsZ", on: "means" },
] as const satisfies readonly { title: string; measure: string; on: PairMeasure["on"] }[];

/** What is drawn as a dot of its own: α, name, and whose cell it is. */
const dots = [
  { alpha: 1, name: "σ from e²", configuration: "A log σ 2" },
  { alpha: 1, name: "σ from e⁻²", configuration: "A log σ -2" },
  { alpha: 4, name: "annealed", configuration: "A α 4 annealed" },
  { alpha: 4, name: "0.1 nat free", configuration: "A α 4 free bits 0.1" },
] as const;

const GREY = "#666666";
const SIZE = { width: 720, panelHeight: 190, gap: 0.06 };
const MARGIN = { l: 70, r: 14, t: 14, b: 54 };

/**
 * R² of samples of s_x to the true one given the class, active units of s_x and of z, over α · σ_x², the KLs' weight times the square of the
 * scale that training ends with: where the scale is learned from 1, where it is fixed at 1 and α scanned, and where α is 1 and the fixed
 * scale scanned; beside them other starts of the scale, annealing and free bits. Runs in which nothing is changed.
 * @throws when a point of a scan is not among the cells.
 */
export function collapseScan({ cells }: Pick<PairsStudy, "cells">): Figure {
  const read = pairsReader(cells);
  const value = (name: string, measure: string, on: PairMeasure["on"]) => {
    const cell = read(name, measure, on);
    if (!cell) throw new Error(`cells hold no ${measure} of ${name}; run the study of collapse`);
    return cell.mean;
  };
  const across = (alpha: number, name: string) => alpha * Math.exp(2 * value(name, "logSigmaX", "samples"));
  const series: readonly { name: string; points: readonly CollapsePoint[] }[] = [
    { name: "σ learned", points: learnedScan },
    { name: "σ = 1, α scanned", points: fixedScan.map(({ byAlpha }) => byAlpha) },
    { name: "α = 1, σ scanned", points: fixedScan.map(({ bySigma }) => bySigma) },
  ];
  const data: Trace[] = [];
  const axes: Record<string, unknown> = {};
  const annotations: object[] = [];
  const everyX = [
    ...series.flatMap(({ points }) => points.map(({ alpha, name }) => across(alpha, name))),
    ...dots.map(({ alpha, configuration }) => across(alpha, configuration)),
  ].map(Math.log10);
  const xRange = [Math.min(...everyX) - 0.2, Math.max(...everyX) + 0.2] as const;
  rows.forEach(({ title, measure, on }, row) => {
    const place = panelPlace(row);
    const curves: NamedCurve[] = [];
    const pca = row === 0 ? read("pca", measure, on)?.mean : undefined;
    if (pca !== undefined) {
      const level = { x: xRange.map((end) => 10 ** end), y: [pca, pca] };
      data.push({
        ...{ type: "scatter", mode: "lines", name: "PCA", showlegend: false, ...level, ...place },
        line: { color: GREY, width: 1.2, dash: "dot" },
      });
      curves.push({ name: "PCA", color: GREY, x: [...xRange], y: level.y });
    }
    series.forEach(({ name, points }, i) => {
      const { color, symbol, dash } = seriesStyle(i);
      const x = points.map(({ alpha, name }) => across(alpha, name));
      const y = points.map(({ name }) => value(name, measure, on));
      data.push({
        ...{ type: "scatter", mode: "lines+markers", name, showlegend: false, x, y, ...place },
        line: { color, dash, width: 2 },
        marker: { color, size: 8, symbol: i === 0 ? symbol : `${symbol}-open` },
      });
      curves.push({ name, color, x: x.map(Math.log10), y });
    });
    const { color } = seriesStyle(3);
    for (const { name, alpha, configuration } of dots) {
      const [x, y] = [across(alpha, configuration), value(configuration, measure, on)];
      data.push({
        ...{ type: "scatter", mode: "markers", name, showlegend: false, x: [x], y: [y], ...place },
        marker: { color, size: 10, symbol: "x" },
      });
      curves.push({ name, color, x: [Math.log10(x)], y: [y] });
    }
    const values = curves.flatMap(({ y }) => y);
    const pad = 0.12 * (Math.max(...values) - Math.min(...values) || 1);
    const yRange = [Math.min(...values) - pad, Math.max(...values) + pad] as const;
    annotations.push(
      ...directLabels(curves, {
        ...{ ...place, xRange, yRange, size: 13 },
        ...{ width: SIZE.width - MARGIN.l - MARGIN.r, height: SIZE.panelHeight },
      }),
    );
    Object.assign(
      axes,
      panelAxes(
        row,
        {
          ...{ type: "log", range: xRange, dtick: 1, exponentformat: "power" },
          showticklabels: row === rows.length - 1,
          ...(row === rows.length - 1 && { title: { text: "α · σ<sub>x</sub>²" } }),
        },
        {
          domain: panelSpan(rows.length - 1 - row, rows.length, SIZE.gap),
          range: yRange,
          title: { text: title, standoff: 6, font: { size: 14 } },
        },
      ),
    );
  });
  const inner = (SIZE.panelHeight * rows.length) / (1 - SIZE.gap * (rows.length - 1));
  const said = [
    ...series.flatMap(({ points }) => points),
    ...dots.map((dot) => ({ ...dot, name: dot.configuration })),
  ]
    .map(({ name, alpha }) => {
      const numbers = rows.map(({ measure, on }) => Number(value(name, measure, on).toPrecision(2)));
      return `${name} (${Number(across(alpha, name).toPrecision(2))}): ${numbers.join(", ")}`;
    })
    .join("; ");
  return {
    data,
    layout: {
      ...{ width: SIZE.width, height: Math.round(inner + MARGIN.t + MARGIN.b), margin: MARGIN },
      meta: {
        alternative: `R² of samples of s_x given the class, active units of s_x, of z, by configuration (α · σ²): ${said}.`,
      },
      ...{ annotations, ...axes },
    },
  };
}
