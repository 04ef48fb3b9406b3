/** Whether uncertainty follows noise that varies with x: by Σ of the predictor, by draws of y, and by how often intervals hold. */
import type { PairsStudy } from "../studies/pairs-study.js";
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
import { pairsReader } from "./pairs-names.js";

/** Densities by their names in the figure; the first are models with a predictor that has a variance. */
const densities: readonly (readonly [configuration: string, name: string])[] = [
  ["A", "Var-JEPA"],
  ["A α 0.25", "KLs × ¼"],
  ["no-klSx", `− KL of ${symbols.sx}`],
  ["jepa-rec-gen", "JEPA + decoders"],
  ["variance-regression", "learned variance"],
  ["regression", "one variance"],
  ["told-sx", `told ${symbols.sx}`],
];

const levels = [undefined, "mild", "strong"] as const;
const thirds = ["Low", "Middle", "High"] as const;

/** What a panel shows of a density: a number at each of three places. */
interface Panel {
  readonly title: string;
  readonly yTitle: string;
  readonly ticks: readonly string[];
  readonly xTitle: string;
  readonly asked: readonly (readonly [measure: string, setting: string | undefined])[];
}

const rank = (title: string, measure: string): Panel => ({
  ...{ title, yTitle: "rank correlation", ticks: ["no", "mildly", "strongly"], xTitle: "noise varies" },
  asked: levels.map((level) => [measure, level]),
});
const coverage = (title: string, level: string | undefined): Panel => ({
  ...{
    title,
    yTitle: "coverage of intervals",
    ticks: ["low", "middle", "high"],
    xTitle: "true noise, thirds",
  },
  asked: thirds.map((third) => [`coverageY${third}`, level]),
});
/** Two rows of two, those of a row on one scale. */
const panels: readonly Panel[] = [
  rank(`Σ of p(${symbols.sy}|${symbols.sx},z)`, "noiseRankSy"),
  rank("spread of drawn y", "noiseRankY"),
  coverage("noise the same", undefined),
  coverage("noise varies strongly", "strong"),
];

const SIZE = { width: 640, panelHeight: 210, gap: 0.22, columnGap: 0.06 };
const MARGIN = { l: 66, r: 146, t: 34, b: 56 };
const PANEL_WIDTH = ((SIZE.width - MARGIN.l - MARGIN.r) * (1 - SIZE.columnGap)) / 2;

/**
 * Rank correlation within a class of the true noise with how wide p(s_y|s_x,z) is, and with the spread of drawn y, where the noise does not
 * vary, varies mildly and strongly; and how often intervals of drawn y hold it in the thirds of a class with the least and the most noise,
 * which the dotted level says how often they should. A regression with one variance, one that learns its variance, and the world
 * told the true s_x are controls. Names stand at the ends of the lines on the right, those on the left look the same. A deterministic JEPA without decoders has nothing to draw.
 * @throws when there is no density among the cells.
 */
export function noiseLevels({ cells, provenance }: Pick<PairsStudy, "cells" | "provenance">): Figure {
  const readers = new Map(levels.map((level) => [level, pairsReader(cells, level)]));
  const lines = panels.map(({ asked }) =>
    densities.flatMap(([configuration, name], i): NamedLine[] => {
      const found = asked.map(([measure, level]) =>
        readers.get(level as (typeof levels)[number])!(configuration, measure),
      );
      const cellsOf = found.filter((cell) => cell !== undefined);
      if (cellsOf.length < found.length) return [];
      return [
        {
          ...{ name, ...seriesStyle(i), x: [0, 1, 2], y: cellsOf.map(({ mean }) => mean) },
          std: cellsOf.map(({ std }) => std),
        },
      ];
    }),
  );
  if (lines.every((own) => own.length === 0))
    throw new Error("cells hold no measure of noise; run the study of noise");
  const nominal = provenance.config.scoring.noise?.level;
  const data: Trace[] = [];
  const annotations: object[] = [];
  const axes: Record<string, unknown> = {};
  panels.forEach(({ title, yTitle, ticks, xTitle }, panel) => {
    const [row, column] = [Math.floor(panel / 2), panel % 2];
    const level = row === 0 ? 0 : nominal;
    const inRow = heightsOf([...lines[2 * row], ...lines[2 * row + 1]]);
    const frame: NamedPanel = {
      ...{ panel, xRange: [-0.3, 2.3], size: 14, width: PANEL_WIDTH, height: SIZE.panelHeight },
      yRange: rangeAround(level === undefined ? inRow : [...inRow, level]),
    };
    const own = [
      ...(level === undefined ? [] : [namedLevel(row === 0 ? "" : "as it should", level, frame)]),
      ...lines[panel],
    ];
    const drawn = namedPanel(frame, own, column === 0 ? () => [] : endLabels);
    data.push(...drawn.data);
    const place = panelPlace(panel);
    annotations.push(...drawn.annotations, {
      ...{ text: `<b>${title}</b>`, showarrow: false, font: { size: 15 } },
      ...{ x: 0.5, xref: `${place.xaxis} domain`, y: 1.02, yref: `${place.yaxis} domain`, yanchor: "bottom" },
    });
    Object.assign(
      axes,
      panelAxes(
        panel,
        {
          ...{ domain: panelSpan(column, 2, SIZE.columnGap), range: frame.xRange },
          ...{ tickvals: [0, 1, 2], ticktext: ticks, title: { text: xTitle, font: { size: 15 } } },
        },
        {
          ...{ domain: panelSpan(1 - row, 2, SIZE.gap), range: frame.yRange, showticklabels: column === 0 },
          ...(column === 0 && { title: { text: yTitle, font: { size: 15 } } }),
        },
      ),
    );
  });
  const said = panels.map(({ title, ticks }, panel) => {
    const numbers = lines[panel].map(
      ({ name, y }) => `${plain(name)} ${y.map((v) => v.toFixed(2)).join(", ")}`,
    );
    return `${plain(title)} (${ticks.join(", ")}): ${numbers.join("; ")}`;
  });
  const inner = (SIZE.panelHeight * 2) / (1 - SIZE.gap);
  return {
    data,
    layout: {
      ...{ width: SIZE.width, height: Math.round(inner + MARGIN.t + MARGIN.b), margin: MARGIN },
      meta: {
        alternative: `Rank correlations within a class, and coverage of intervals. ${said.join(". ")}.`,
      },
      ...{ annotations, ...axes },
    },
  };
}

const plain = (text: string) => text.replace(/<sub>(.*?)<\/sub>/g, "_$1");
