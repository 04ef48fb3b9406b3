import type { Masks } from "../models/tokens/masks.js";
import type { Figure, Trace } from "./drawing/figure.js";
import { panelAxes, panelPlace, panelSpan } from "./drawing/panels.js";
import { legendAbove } from "./drawing/theme.js";

/** Masks with a title of their own. */
export interface MaskPanel {
  readonly title: string;
  readonly masks: Masks;
}

const kinds = [
  { name: "neither", color: "#E3E3E3" },
  { name: "context x", color: "#0072B2" },
  { name: "target y<sub>k</sub>", color: "#E69F00" },
];
const cellHeight = 15;
const margin = { l: 84, r: 12, t: 40, b: 52 };

/**
 * Masks as heat maps side by side: one line per row and target mask, its context beside it, one column per feature.
 * @param features D, the columns of the table
 * @throws when there is no panel, or the panels differ in rows or targets.
 */
export function maskGrid(panels: readonly MaskPanel[], features: number): Figure {
  if (panels.length === 0) throw new Error("panels is empty; give at least one");
  const { rows, targetViews } = panels[0].masks;
  if (panels.some(({ masks }) => masks.rows !== rows || masks.targetViews !== targetViews))
    throw new Error("panels differ in rows or target masks; give masks of the same batch size and K");
  const labels = lineLabels(rows, targetViews);
  const axes = panels.map(({ title }, i) => {
    const x = {
      domain: panelSpan(i, panels.length, 0.03),
      title: { text: `${title}: feature j of ${features}` },
      range: [0.5, features + 0.5],
      showgrid: false,
      showline: false,
    };
    const y = {
      range: [labels.length - 0.5, -0.5],
      tickvals: i === 0 ? labels.flatMap((label, line) => (label ? [line] : [])) : [],
      ticktext: i === 0 ? labels.filter((label) => label !== "") : [],
      showgrid: false,
      showline: false,
      ticks: "outside",
      ticklen: 4,
      tickcolor: "white",
      tickfont: { size: 12 },
      automargin: false,
    };
    return panelAxes(i, x, y);
  });
  return {
    data: [
      ...panels.map(({ masks }, i) => heatMap(masks, features, i)),
      ...kinds.map(
        ({ name, color }): Trace => ({
          type: "scatter",
          mode: "markers",
          name,
          x: [null],
          y: [null],
          marker: { symbol: "square", color, size: 13 },
        }),
      ),
    ],
    layout: {
      width: panels.length === 1 ? 620 : 960,
      height: labels.length * cellHeight + margin.t + margin.b,
      margin,
      legend: { ...legendAbove, y: 1.01 },
      ...Object.assign({}, ...axes),
    },
  };
}

/** The name of every line; an empty one parts two rows. */
function lineLabels(rows: number, targetViews: number): string[] {
  return Array.from({ length: rows }, (_, row) => [
    ...(row > 0 ? [""] : []),
    ...Array.from({ length: targetViews }, (_, k) => `row ${row + 1}, y<sub>${k + 1}</sub>`),
  ]).flat();
}

function heatMap(masks: Masks, features: number, panel: number): Trace {
  const { rows, targetViews } = masks;
  const lines = Array.from({ length: rows }, (_, row) => [
    ...(row > 0 ? [Array<number | null>(features).fill(null)] : []),
    ...Array.from({ length: targetViews }, (_, k) => maskLine(masks, features, row, k)),
  ]).flat();
  return {
    type: "heatmap",
    x: Array.from({ length: features }, (_, j) => j + 1),
    z: lines,
    ...panelPlace(panel),
    autocolorscale: false,
    zmin: 0,
    zmax: kinds.length,
    colorscale: kinds.flatMap(({ color }, i) => [
      [i / kinds.length, color],
      [(i + 1) / kinds.length, color],
    ]),
    showscale: false,
    xgap: 1,
    ygap: 1,
    hoverongaps: false,
  };
}

/** The middle of each feature's share of the colour scale: neither, context or target. */
function maskLine(
  { context, contextSize, targets, targetSize, targetViews }: Masks,
  features: number,
  row: number,
  view: number,
): number[] {
  const line = Array<number>(features).fill(0.5);
  for (const j of context.subarray(row * contextSize, (row + 1) * contextSize)) line[j] = 1.5;
  const from = (row * targetViews + view) * targetSize;
  for (const j of targets.subarray(from, from + targetSize)) line[j] = 2.5;
  return line;
}
