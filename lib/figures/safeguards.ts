/** What keeps a JEPA from collapse: variance and information kept, and how fast either goes. */
import { safeguards } from "../papers/var-jepa/pair-configurations.js";
import type { PairsCell } from "../studies/pairs-cells.js";
import { safeguardPaths } from "../studies/pairs-scans.js";
import type { PairsStudy } from "../studies/pairs-study.js";
import { directLabels, type NamedCurve } from "./drawing/direct-labels.js";
import { endLabels } from "./drawing/end-labels.js";
import type { Figure, Trace } from "./drawing/figure.js";
import { heightsOf, type NamedLine, namedPanel, rangeAround } from "./drawing/named-panel.js";
import { panelAxes, panelPlace, panelSpan } from "./drawing/panels.js";
import { seriesStyle, symbols } from "./drawing/theme.js";
import { pairsReader, shortNames, toldBy } from "./pairs-names.js";

const GREY = "#666666";
const MARGIN = { l: 64, r: 14, t: 14, b: 58 };

/** Groups of safeguards that look alike, by what they do. */
const kinds: readonly (readonly [test: RegExp, series: number])[] = [
  [/^jepa$/, 7],
  [/^jepa-(stop|ema|frozen)/, 0],
  [/^vicreg/, 2],
  [/^le-jepa-mse/, 5],
  [/^le-jepa/, 1],
  [/^jepa-(rec|gen)/, 3],
];

function styleOf(name: string) {
  return seriesStyle(kinds.find(([test]) => test.test(name))?.[1] ?? 4);
}

/** Colours of curves that lie close to others of their group, whose colour they would have. */
const ownColors: Readonly<Record<string, string>> = {
  "jepa-ema-0.9": "#332288",
  "jepa-ema-0.99": "#8A6FD1",
  "jepa-ema-0.996": "#117733",
  "jepa-frozen": "#777777",
  "jepa-gen": "#882255",
  "jepa-rec-gen": "#663333",
};

/** Radius of a dot with a little air, and how far others must be from a scanned one that is named, in pixels. */
const DOT = 6;
const ROOM = 32;

/** Of two decays between others on one line the number is enough. */
const dotNames: typeof shortNames = { ...shortNames, "jepa-ema-0.99": ".99", "jepa-ema-0.996": ".996" };

const baseOf = (name: string) => name.split(" ")[0];
const isScanned = (name: string) => name !== baseOf(name);

/**
 * A dot for every safeguard, with its deviation over runs: how much of the variance s_x keeps, and how much of the true s_x it tells
 * beyond the class (of digits, how often a probe finds the class). The same safeguard with other weights is a small open dot, a thin line goes from the least of them to the largest. An
 * untrained encoder and PCA are level lines.
 * @throws when there is no safeguard among the cells.
 */
export function safeguardsFigure({ cells }: Pick<PairsStudy, "cells">): Figure {
  const read = pairsReader(cells);
  const told = toldBy(cells);
  const dots = [...new Set(cells.map(({ configuration }) => configuration))].flatMap((name) => {
    const [x, y] = [read(name, "varianceRatio", "means"), read(name, told.measure, "means")];
    return safeguards.includes(baseOf(name)) && x && y ? [{ name, x, y }] : [];
  });
  if (dots.length === 0) throw new Error("cells hold no safeguard; run the study of safeguards");
  const levels = ["untrained", "pca"].flatMap((name) => {
    const cell = read(name, told.measure, "means");
    return cell ? [{ name: shortNames[name], y: cell.mean }] : [];
  });
  const [left, right] = rangeAround(
    dots.map(({ x }) => x.mean),
    true,
  );
  /** Names of the dots on the right have room. */
  const xRange = [left, right + 0.25 * (right - left)] as const;
  const reached = dots.map(({ y }) => ({ y: [y.mean], std: [y.std] }));
  const yRange = rangeAround([...heightsOf(reached), ...levels.map(({ y }) => y)]);
  const across = xRange.map((end) => 10 ** end);
  const bars = (values: readonly PairsCell[], color: string) =>
    values.some(({ std }) => std !== null)
      ? { type: "data", array: values.map(({ std }) => std ?? 0), color, thickness: 1.2, width: 3 }
      : undefined;
  const paths = safeguardPaths.map((names) => {
    const along = names.flatMap((name) => dots.find((dot) => dot.name === name) ?? []);
    return { name: names[0], x: along.map(({ x }) => x.mean), y: along.map(({ y }) => y.mean) };
  });
  const data = [
    ...levels.map(
      ({ name, y }): Trace => ({
        ...{ type: "scatter", mode: "lines", name, showlegend: false, x: across, y: [y, y] },
        line: { color: GREY, width: 1.2, dash: "dot" },
      }),
    ),
    ...paths.map(
      ({ name, x, y }): Trace => ({
        ...{ type: "scatter", mode: "lines", name, showlegend: false, x, y },
        line: { color: styleOf(name).color, width: 1 },
      }),
    ),
    ...dots.map(({ name, x, y }): Trace => {
      const { color, symbol } = styleOf(name);
      return {
        ...{ type: "scatter", mode: "markers", name, showlegend: false, x: [x.mean], y: [y.mean] },
        ...{ error_x: bars([x], color), error_y: bars([y], color) },
        marker: {
          ...{ color, symbol: isScanned(name) ? `${symbol}-open` : symbol, size: isScanned(name) ? 7 : 11 },
          line: { color, width: 1.4 },
        },
      };
    }),
  ];
  const size = { width: 640, height: 560 };
  const inner = { width: size.width - MARGIN.l - MARGIN.r, height: size.height - MARGIN.t - MARGIN.b };
  /** The rim of a dot, as a curve that names keep away from. */
  const rim = ([x, y]: readonly [number, number], [width, height]: readonly [number, number]) => {
    const turns = Array.from({ length: 9 }, (_, i) => (i / 4) * Math.PI);
    return {
      x: turns.map((turn) => x + (DOT / inner.width) * width * Math.cos(turn)),
      y: turns.map((turn) => y + (DOT / inner.height) * height * Math.sin(turn)),
    };
  };
  const pixels = ({ x, y }: (typeof dots)[number]) => [
    (Math.log10(x.mean) * inner.width) / (xRange[1] - xRange[0]),
    (y.mean * inner.height) / (yRange[1] - yRange[0]),
  ];
  const near = (a: (typeof dots)[number], b: (typeof dots)[number], distance: number) =>
    Math.hypot(...pixels(a).map((value, i) => value - pixels(b)[i])) < distance;
  /** Named ones first; dots of one kind that lie on each other share a label, and scanned ones among others have none. */
  const labels: { text: string; readonly dot: (typeof dots)[number] }[] = [];
  for (const dot of [...dots].sort((a, b) => Number(isScanned(a.name)) - Number(isScanned(b.name)))) {
    const text = isScanned(dot.name) ? dot.name.slice(baseOf(dot.name).length + 1) : dotNames[dot.name];
    if (isScanned(dot.name) && dots.some((other) => other !== dot && near(dot, other, ROOM))) continue;
    const beside = labels.find(
      (label) => styleOf(label.dot.name).color === styleOf(dot.name).color && near(label.dot, dot, 2 * DOT),
    );
    if (beside) beside.text += `, ${text}`;
    else labels.push({ text, dot });
  }
  const unnamed = { name: "", color: GREY };
  const curves = [
    ...paths.map(({ x, y }): NamedCurve => ({ ...unnamed, x: x.map(Math.log10), y })),
    ...dots.flatMap(({ x, y }) => {
      const at = Math.log10(x.mean);
      const half = y.std ?? 0;
      return half > 0 ? [{ ...unnamed, x: [at, at], y: [y.mean - half, y.mean + half] }] : [];
    }),
    ...levels.map(({ name, y }): NamedCurve => ({ name, color: GREY, x: [...xRange], y: [y, y] })),
    ...labels.map(
      ({ text, dot: { name, x, y } }): NamedCurve => ({
        name: text,
        color: styleOf(name).color,
        ...rim([Math.log10(x.mean), y.mean], [xRange[1] - xRange[0], yRange[1] - yRange[0]]),
      }),
    ),
  ];
  return {
    data,
    layout: {
      ...size,
      margin: MARGIN,
      meta: { alternative: dotsDescribed(dots, levels, told.measure) },
      annotations: directLabels(curves, { ...inner, xaxis: "x", yaxis: "y", xRange, yRange, size: 13 }),
      xaxis: {
        ...{ type: "log", range: xRange, exponentformat: "power", dtick: 1 },
        title: { text: `total variance of ${symbols.sx} over the untrained encoder's` },
      },
      yaxis: { range: yRange, title: { text: told.title.replace("<br>", " ") } },
    },
  };
}

function dotsDescribed(
  dots: readonly { readonly name: string; readonly x: PairsCell; readonly y: PairsCell }[],
  levels: readonly { readonly name: string; readonly y: number }[],
  told: string,
): string {
  const said = dots
    .filter(({ name }) => !isScanned(name))
    .map(({ name, x, y }) => `${shortNames[name]} ${x.mean.toPrecision(2)}, ${y.mean.toFixed(2)}`);
  const beside = levels.map(({ name, y }) => `${name} ${y.toFixed(2)}`);
  const what =
    told === "probeSx" ? "how often a probe finds the class" : "R² of the true s_x given the class";
  return `Variance of s_x over the untrained encoder's, and ${what}: ${said.join("; ")}. The latter of ${beside.join(", of ")}.`;
}

/**
 * The variance of s_x over that at the start (logarithmic) and its effective rank, over the steps of training, for a JEPA and every
 * safeguard; the band of the JEPA without any is the range of its runs.
 * @throws when there is no curve of a safeguard, or of nothing changed.
 */
export function collapseCurves({ curves }: Pick<PairsStudy, "curves">): Figure {
  const own = safeguards.flatMap(
    (name) => curves.find((one) => one.configuration === name && one.setting === undefined) ?? [],
  );
  if (own.length === 0) throw new Error("curves hold no safeguard; run the study of safeguards");
  const panels = [
    { title: `variance of ${symbols.sx} / at the start`, log: true, of: "varianceRatio" },
    { title: `effective rank of ${symbols.sx}`, log: false, of: "effectiveRank" },
  ] as const;
  const data: Trace[] = [];
  const axes: Record<string, unknown> = {};
  const annotations: object[] = [];
  const size = { width: 640, panelHeight: 290, gap: 0.05 };
  const margin = { ...MARGIN, l: 72, r: 166 };
  const xRange: [number, number] = [0, own[0].points[own[0].points.length - 1].step];
  panels.forEach(({ title, log, of }, panel) => {
    const lines = own.map(({ configuration, points }, i): NamedLine => {
      const shown = points.filter((point) => !log || point[of] > 0);
      return {
        ...{
          name: shortNames[configuration],
          color: ownColors[configuration] ?? styleOf(configuration).color,
        },
        ...{ dash: seriesStyle(i).dash, width: configuration === "jepa" ? 3 : 2 },
        ...{ x: shown.map(({ step }) => step), y: shown.map((point) => point[of]) },
      };
    });
    const yRange = rangeAround(
      lines.flatMap(({ y }) => y),
      log,
    );
    const band = own.find(({ configuration }) => configuration === "jepa")?.points ?? [];
    if (of === "varianceRatio" && band.some(({ least, most }) => least < most)) {
      const x = band.map(({ step }) => step);
      data.push({
        ...{ type: "scatter", mode: "lines", name: shortNames.jepa, showlegend: false, ...panelPlace(panel) },
        ...{
          x: [...x, ...x.toReversed()],
          fill: "toself",
          fillcolor: "rgba(0,0,0,0.12)",
          line: { width: 0 },
        },
        y: [...band.map(({ most }) => most), ...band.toReversed().map(({ least }) => least)],
      });
    }
    const drawn = namedPanel(
      {
        ...{ panel, log: { y: log }, xRange, yRange, size: 14 },
        ...{ width: size.width - margin.l - margin.r, height: size.panelHeight },
      },
      lines,
      endLabels,
    );
    data.push(...drawn.data);
    annotations.push(...drawn.annotations);
    const last = panel === panels.length - 1;
    const x = {
      ...{ range: xRange, showticklabels: last },
      ...(last && { title: { text: "step of training" } }),
    };
    const y = {
      ...{ domain: panelSpan(panels.length - 1 - panel, panels.length, size.gap), range: yRange },
      ...{ title: { text: title, font: { size: 15 } } },
      ...(log && { type: "log", exponentformat: "power", dtick: 1 }),
    };
    Object.assign(axes, panelAxes(panel, x, y));
  });
  const height = Math.round((size.panelHeight * 2) / (1 - size.gap) + margin.t + margin.b);
  const ends = own.map(({ configuration, points }) => {
    const { varianceRatio, effectiveRank } = points[points.length - 1];
    return `${shortNames[configuration]} ${varianceRatio.toPrecision(2)}, ${effectiveRank.toFixed(1)}`;
  });
  return {
    data,
    layout: {
      ...{ width: size.width, height, margin, annotations, ...axes },
      meta: {
        alternative: `Variance of s_x over that at the start, and its effective rank, at the end of training: ${ends.join("; ")}.`,
      },
    },
  };
}
