import { samplingFloor } from "../evaluation/latent-diagnostics.js";
import type { Latent, VariantName } from "../papers/var-jepa/simulation-variants.js";
import type { SimulationStudy } from "../studies/simulation-study.js";
import { endLabels } from "./drawing/end-labels.js";
import type { Figure, Trace } from "./drawing/figure.js";
import {
  type NamedLine,
  type NamedPanel,
  namedLevel,
  namedPanel,
  rangeAround,
} from "./drawing/named-panel.js";
import { panelAxes, panelPlace, panelSpan } from "./drawing/panels.js";
import { objectiveStyles, symbols } from "./drawing/theme.js";

/** The objectives that Figure 2 follows: with everything, without KL on s_x, reconstruction, any KL, and the last with SIGReg. */
export const figure2Objectives: readonly VariantName[] = ["A", "C", "E", "G", "I", "J"];

/** What an objective is, in few words. */
const names: Readonly<Record<VariantName, string>> = {
  A: "A: the ELBO",
  B: `B: + SIGReg ${symbols.sx}`,
  C: `C: + SIGReg ${symbols.sy}`,
  D: "D: + SIGReg",
  E: `E: − KL of ${symbols.sx}`,
  F: `F: − KL of ${symbols.sy}`,
  G: "G: − decoders",
  H: "H: G + SIGReg",
  I: "I: − all KLs",
  J: "J: I + SIGReg",
};

const diagnostics = [
  { metric: "klAggregate", title: symbols.klAggregate },
  { metric: "sigregMse", title: "SIGReg-MSE" },
  { metric: "covarianceFrobenius", title: symbols.covarianceDistance },
  { metric: "meanNorm", title: symbols.meanNorm },
] as const;

const latents: readonly Latent[] = ["sx", "sy"];

const SIZE = { width: 640, panelHeight: 150, gap: 0.035, columnGap: 0.08 };
const MARGIN = { l: 74, r: 128, t: 34, b: 52 };
const PANEL_WIDTH = ((SIZE.width - MARGIN.l - MARGIN.r) * (1 - SIZE.columnGap)) / 2;

/**
 * The paper's Figure 2: four diagnostics of s_x (left) and s_y (right) per epoch, mean over runs, logarithmic, the two of a row on one scale.
 * The dotted level is what as many draws from N(0, I) itself measure (`samplingFloor`). Names stand at the ends of the lines on the right, those on the left look the same.
 * @throws when the history lacks one of the objectives.
 */
export function figure2(
  { history, provenance }: Pick<SimulationStudy, "history" | "provenance">,
  objectives = figure2Objectives,
): Figure {
  const { evaluationRows, d } = provenance.config.data;
  const floor = samplingFloor(evaluationRows, d);
  const lineOf = (objective: VariantName, latent: Latent, metric: string): NamedLine => {
    const points = history.filter(({ variant }) => variant === objective);
    if (points.length === 0)
      throw new Error(`history holds no objective ${objective}; run it, or leave it out`);
    const { color, dash } = objectiveStyles[objective];
    const y = points.map(({ values }) => values[`${latent}.${metric}`]);
    return { name: names[objective], color, dash, x: points.map(({ epoch }) => epoch), y };
  };
  const data: Trace[] = [];
  const annotations: object[] = [];
  const axes: Record<string, unknown> = {};
  diagnostics.forEach(({ metric, title }, row) => {
    const lines = latents.map((latent) => objectives.map((objective) => lineOf(objective, latent, metric)));
    const yRange = rangeAround([...lines.flat().flatMap(({ y }) => y), floor[metric]], true);
    lines.forEach((own, column) => {
      const panel = row * latents.length + column;
      const epochs = own[0].x.length;
      const frame: NamedPanel = {
        ...{ panel, log: { y: true }, xRange: [0, epochs], yRange, size: 14 },
        ...{ width: PANEL_WIDTH, height: SIZE.panelHeight },
      };
      const level = namedLevel("N(0, I)", floor[metric], frame);
      const drawn = namedPanel(frame, [level, ...own], column === 0 ? () => [] : endLabels);
      data.push(...drawn.data);
      const place = panelPlace(panel);
      const head = {
        ...{ text: `<b>${symbols[latents[column]]}</b>`, showarrow: false, font: { size: 16 } },
        ...{
          x: 0.5,
          xref: `${place.xaxis} domain`,
          y: 1.02,
          yref: `${place.yaxis} domain`,
          yanchor: "bottom",
        },
      };
      annotations.push(...drawn.annotations, ...(row === 0 ? [head] : []));
      const last = row === diagnostics.length - 1;
      Object.assign(
        axes,
        panelAxes(
          panel,
          {
            ...{ domain: panelSpan(column, latents.length, SIZE.columnGap), range: frame.xRange },
            ...{ showticklabels: last, ...(last && { title: { text: "epoch" } }) },
          },
          {
            domain: panelSpan(diagnostics.length - 1 - row, diagnostics.length, SIZE.gap),
            ...{
              type: "log",
              range: yRange,
              dtick: 1,
              exponentformat: "power",
              showticklabels: column === 0,
            },
            ...(column === 0 && { title: { text: title, standoff: 6, font: { size: 15 } } }),
          },
        ),
      );
    });
  });
  const inner = (SIZE.panelHeight * diagnostics.length) / (1 - SIZE.gap * (diagnostics.length - 1));
  const said = objectives.map((objective) => {
    const ends = latents.map((latent) => {
      const { y } = lineOf(objective, latent, "klAggregate");
      return Number(y[y.length - 1].toPrecision(2));
    });
    return `${objective} ${ends.join(" and ")}`;
  });
  return {
    data,
    layout: {
      ...{ width: SIZE.width, height: Math.round(inner + MARGIN.t + MARGIN.b), margin: MARGIN },
      meta: {
        alternative:
          `Four diagnostics of s_x and s_y over epochs. KL_agg in the end, of s_x and of s_y: ${said.join("; ")}; ` +
          `as many draws from N(0, I): ${Number(floor.klAggregate.toPrecision(2))}.`,
      },
      ...{ annotations, ...axes },
    },
  };
}
