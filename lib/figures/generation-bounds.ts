/** Bounds of a model's log-likelihood over the number of samples, for three proposals, beside densities that need none. */
import type { BoundProposal } from "../evaluation/generation/density-measures.js";
import type { GenerationDataName } from "../studies/generation-plan.js";
import type { GenerationCurve, GenerationStudy } from "../studies/generation-study.js";
import { endLabels } from "./drawing/end-labels.js";
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
import { generationReader } from "./generation-tables.js";

/** Models beside each other, and kinds of pairs below each other. */
const models = [
  ["A", "Var-JEPA"],
  ["A α 0.25", "KLs × ¼"],
] as const;
const kinds: readonly (readonly [GenerationDataName, string])[] = [
  ["simulation", "simulated pairs"],
  ["halves", "left → right half"],
  ["corrupted", "clean → corrupted"],
];
const proposals: readonly (readonly [BoundProposal, string])[] = [
  ["mode", "around the mode"],
  ["posterior", `q(${symbols.sy}|${symbols.sx},z,y)`],
  ["predictor", "the predictor"],
];
const levels = [
  ["truth", "the truth"],
  ["regression full", "regression, full"],
  ["regression diagonal", "regression, diagonal"],
  ["marginal full", "marginal, full"],
] as const;

const [, , [, PREDICTOR]] = proposals;
/** Bounds of fewer samples lie far below, where they would leave no room for the others. */
const FEWEST = 4;
/** Levels further from the bounds than so many times what these take up stand at the edge as a number, or nothing would be seen of the bounds. */
const FAR = 1;
const SIZE = { width: 652, panelHeight: 190, gap: 0.09, columnGap: 0.05 };
const MARGIN = { l: 84, r: 196, t: 30, b: 54 };
const PANEL_WIDTH = ((SIZE.width - MARGIN.l - MARGIN.r) * (1 - SIZE.columnGap)) / 2;

/**
 * log (1/K) Σ w over K of Var-JEPA and of the same with a quarter of its KLs, for each kind of pairs that there is: with latents drawn
 * around the mode with y in sight, from q(s_y|s_x,z,y), and from the predictor. Bars are deviations over runs; bounds of
 * fewer than 4 samples are left out. The first two decide what a panel shows; where the predictor's bound stays below that, its last
 * number is written at the lower edge. Dotted levels are densities whose likelihood needs no samples, and the truth; of those far from the
 * bounds only the number is written at the edge. Names stand at the ends of the lines on the right, those on the left look the same.
 * @throws when there is no bound among the curves.
 */
export function generationBounds({ cells, curves }: Pick<GenerationStudy, "cells" | "curves">): Figure {
  const shown = kinds.filter(([data]) =>
    curves.some((curve) => curve.data === data && curve.density === "A"),
  );
  if (shown.length === 0) throw new Error("curves hold no bound of Var-JEPA; run the study of generation");
  const data: Trace[] = [];
  const annotations: object[] = [];
  const axes: Record<string, unknown> = {};
  const said: string[] = [];
  shown.forEach(([kind, title], row) => {
    const { read } = generationReader(cells, kind);
    const own = models.map(([density]) => linesOf(curves, kind, density));
    const known = levels.flatMap(([density, name]) => {
      const value = read(density, "logLikelihood")?.mean;
      return value === undefined ? [] : [{ name, value }];
    });
    const heights = heightsOf(own.flat().filter(({ name }) => name !== PREDICTOR));
    const [least, most] = [Math.min(...heights), Math.max(...heights)];
    const far = (value: number) => Math.max(least - value, value - most) > FAR * (most - least);
    const near = known.filter(({ value }) => !far(value));
    const yRange = rangeAround([...heights, ...near.map(({ value }) => value)]);
    const largest = Math.max(...own.flat().flatMap(({ x }) => x));
    const xRange = [Math.log10(FEWEST) - 0.15, Math.log10(largest) + 0.15] as const;
    models.forEach(([, name], column) => {
      const panel = row * models.length + column;
      const frame: NamedPanel = {
        ...{ panel, log: { x: true }, xRange, yRange, size: 13 },
        ...{ width: PANEL_WIDTH, height: SIZE.panelHeight },
      };
      const lines = [
        ...known.map((level): NamedLine => {
          const line = namedLevel(level.name, level.value, frame);
          const arrow = level.value > most ? "↑" : "↓";
          return far(level.value)
            ? { ...line, label: `${arrow} ${level.name}: ${level.value.toFixed(0)}` }
            : line;
        }),
        ...own[column].map((line) => (below(line, yRange) ? { ...line, label: "" } : line)),
      ];
      const drawn = namedPanel(frame, lines, column === 0 ? () => [] : endLabels);
      data.push(...drawn.data);
      annotations.push(...drawn.annotations);
      const place = panelPlace(panel);
      const over = { showarrow: false, xref: `${place.xaxis} domain`, yref: `${place.yaxis} domain` };
      if (row === 0)
        annotations.push({
          ...{ ...over, text: `<b>${name}</b>`, font: { size: 15 } },
          ...{ x: 0.5, y: 1.02, yanchor: "bottom" },
        });
      for (const { name: bound, color, y } of own[column].filter((line) => below(line, yRange)))
        annotations.push({
          ...{ ...over, text: `↓ ${bound}: ${y[y.length - 1].toFixed(0)}`, font: { size: 13, color } },
          ...{ x: 0.5, y: 0.02, yanchor: "bottom" },
        });
      const last = row === shown.length - 1;
      Object.assign(
        axes,
        panelAxes(
          panel,
          {
            ...{ domain: panelSpan(column, models.length, SIZE.columnGap), range: xRange, type: "log" },
            ...{ tickvals: [4, 64, 1024].filter((k) => k <= largest) },
            ...(last && { title: { text: "K, samples per row", font: { size: 14 } } }),
          },
          {
            ...{ domain: panelSpan(shown.length - 1 - row, shown.length, SIZE.gap), range: yRange },
            showticklabels: column === 0,
            ...(column === 0 && { title: { text: `${title}<br>nats per row`, font: { size: 14 } } }),
          },
        ),
      );
      const ends = lines.map((line) => `${plain(line.name)} ${line.y[line.y.length - 1].toFixed(1)}`);
      said.push(`${title}, ${name}: ${ends.join("; ")}`);
    });
  });
  const inner = (SIZE.panelHeight * shown.length) / (1 - SIZE.gap * (shown.length - 1));
  return {
    data,
    layout: {
      ...{ width: SIZE.width, height: Math.round(inner + MARGIN.t + MARGIN.b), margin: MARGIN },
      meta: {
        alternative: `Bounds of log p(y|x) over K in nats per row; at the largest K, and levels: ${said.join(". ")}.`,
      },
      ...{ annotations, ...axes },
    },
  };
}

function linesOf(curves: readonly GenerationCurve[], kind: GenerationDataName, density: string): NamedLine[] {
  return proposals.flatMap(([proposal, name], i): NamedLine[] => {
    const curve = curves.find(
      (one) => one.data === kind && one.density === density && one.proposal === proposal,
    );
    const points = (curve?.points ?? []).filter(({ samples }) => samples >= FEWEST);
    if (points.length === 0) return [];
    const { color, symbol } = seriesStyle(i);
    return [
      {
        ...{ name, color, symbol, size: 6 },
        ...{ x: points.map(({ samples }) => samples), y: points.map((point) => point.mean) },
        std: points.map(({ std }) => std),
      },
    ];
  });
}

/** Whether all of a line is below what a panel shows. */
const below = ({ y }: NamedLine, [least]: readonly [number, number]) => y.every((value) => value < least);

const plain = (text: string) => text.replace(/<sub>(.*?)<\/sub>/g, "_$1");
