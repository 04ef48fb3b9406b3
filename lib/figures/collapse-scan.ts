/** The one axis of posterior collapse: what s_x tells and how many units are active over α · σ², scales learned or fixed. */
import type { PairMeasure } from "../evaluation/pair-measures.js";
import { fixedScan, learnedScan } from "../studies/pairs-scans.js";
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
import { panelAxes, panelSpan } from "./drawing/panels.js";
import { seriesStyle, symbols } from "./drawing/theme.js";
import { pairsReader } from "./pairs-names.js";

const rows = [
  { title: `R² of true ${symbols.sx}`, measure: "r2SxGivenClass", on: "samples" },
  { title: `active units of ${symbols.sx}`, measure: "activeUnitsSx", on: "means" },
  { title: "active units of z", measure: "activeUnitsZ", on: "means" },
] as const satisfies readonly { title: string; measure: string; on: PairMeasure["on"] }[];

/** What stands on the axis, by its α. */
interface Place {
  readonly alpha: number;
  readonly name: string;
}
const series: readonly { readonly name: string; readonly places: readonly Place[] }[] = [
  { name: "σ learned", places: learnedScan },
  { name: "σ = 1, α scanned", places: fixedScan.map(({ byAlpha }) => byAlpha) },
  { name: "α = 1, σ scanned", places: fixedScan.map(({ bySigma }) => bySigma) },
  { name: "σ from e²", places: [{ alpha: 1, name: "A log σ 2" }] },
  { name: "σ from e⁻²", places: [{ alpha: 1, name: "A log σ -2" }] },
  { name: "annealed", places: [{ alpha: 4, name: "A α 4 annealed" }] },
  { name: "0.1 nat free", places: [{ alpha: 4, name: "A α 4 free bits 0.1" }] },
];

const SIZE = { width: 560, panelHeight: 190, gap: 0.06 };
const MARGIN = { l: 70, r: 14, t: 14, b: 54 };

/**
 * R² of samples of s_x to the true one given the class, active units of s_x and of z, over α · σ_x², the KLs' weight times the square of the
 * scale that training ends with: where the scale is learned from 1, where it is fixed at 1 and α scanned, and where α is 1 and the fixed
 * scale scanned, their names in the first panel; as dots, named in the second, other starts of the scale, annealing and free bits. Runs in
 * which nothing is changed.
 * @throws when a point of a scan is not among the cells.
 */
export function collapseScan({ cells }: Pick<PairsStudy, "cells">): Figure {
  const read = pairsReader(cells);
  const cellOf = (name: string, measure: string, on: PairMeasure["on"]) => {
    const cell = read(name, measure, on);
    if (!cell) throw new Error(`cells hold no ${measure} of ${name}; run the study of collapse`);
    return cell;
  };
  const across = ({ alpha, name }: Place) => alpha * Math.exp(2 * cellOf(name, "logSigmaX", "samples").mean);
  const everyX = series.flatMap(({ places }) => places.map(across));
  const xRange = rangeAround(everyX, true);
  const data: Trace[] = [];
  const annotations: object[] = [];
  const axes: Record<string, unknown> = {};
  rows.forEach(({ title, measure, on }, row) => {
    const lines = series.map(({ name, places }, i): NamedLine => {
      const { color, symbol, dash } = seriesStyle(i);
      const found = places.map((place) => cellOf(place.name, measure, on));
      const isScan = places.length > 1;
      return {
        // Scans have their names in the first panel, dots in the second: they look the same in the others.
        ...(row !== (isScan ? 0 : 1) && { label: "" }),
        ...{ name, color, dash, symbol: isScan && i > 0 ? `${symbol}-open` : symbol },
        ...{ x: places.map(across), y: found.map(({ mean }) => mean), std: found.map(({ std }) => std) },
      };
    });
    const pca = read("pca", measure, on)?.mean;
    const yRange = rangeAround([...heightsOf(lines), ...(pca === undefined ? [] : [pca])]);
    const frame: NamedPanel = {
      ...{ panel: row, log: { x: true }, xRange, yRange, size: 14 },
      ...{ width: SIZE.width - MARGIN.l - MARGIN.r, height: SIZE.panelHeight },
    };
    const drawn = namedPanel(frame, [
      ...(pca === undefined ? [] : [namedLevel("PCA", pca, frame)]),
      ...lines,
    ]);
    data.push(...drawn.data);
    annotations.push(...drawn.annotations);
    const last = row === rows.length - 1;
    const x = {
      ...{ type: "log", range: xRange, dtick: 1, exponentformat: "power", showticklabels: last },
      ...(last && { title: { text: "α · σ<sub>x</sub>²" } }),
    };
    const y = {
      ...{ domain: panelSpan(rows.length - 1 - row, rows.length, SIZE.gap), range: yRange },
      title: { text: title, standoff: 6, font: { size: 15 } },
    };
    Object.assign(axes, panelAxes(row, x, y));
  });
  const inner = (SIZE.panelHeight * rows.length) / (1 - SIZE.gap * (rows.length - 1));
  const said = series
    .flatMap(({ places }) => places)
    .map((place) => {
      const numbers = rows.map(({ measure, on }) => rounded(cellOf(place.name, measure, on).mean));
      return `${place.name} (${rounded(across(place))}): ${numbers.join(", ")}`;
    });
  return {
    data,
    layout: {
      ...{ width: SIZE.width, height: Math.round(inner + MARGIN.t + MARGIN.b), margin: MARGIN },
      meta: {
        alternative: `R² of samples of s_x given the class, active units of s_x, of z, by configuration (α · σ²): ${said.join("; ")}.`,
      },
      ...{ annotations, ...axes },
    },
  };
}

const rounded = (value: number) => Number(value.toPrecision(2));
