import type { Latent, VariantName } from "../papers/var-jepa/simulation-variants.js";
import type { HistoryPoint } from "../studies/simulation-study.js";
import type { Figure, Trace } from "./drawing/figure.js";
import { panelAxes, panelPlace, panelSpan } from "./drawing/panels.js";
import { legendAbove, lineAndMarker, objectiveStyles, symbols } from "./drawing/theme.js";

/** The objectives that Figure 2 follows: with everything, without KL on s_x, reconstruction, any KL, and the last with SIGReg. */
export const figure2Objectives: readonly VariantName[] = ["A", "C", "E", "G", "I", "J"];

const diagnostics = [
  { metric: "klAggregate", title: symbols.klAggregate },
  { metric: "sigregMse", title: "SIGReg-MSE" },
  { metric: "covarianceFrobenius", title: symbols.covarianceDistance },
  { metric: "meanNorm", title: symbols.meanNorm },
] as const;

const latents: readonly Latent[] = ["sx", "sy"];

/**
 * The paper's Figure 2: four diagnostics of s_x (top) and s_y (bottom) per epoch, mean over runs, logarithmic.
 * @throws when the history lacks one of the objectives.
 */
export function figure2(history: readonly HistoryPoint[], objectives = figure2Objectives): Figure {
  const data: Trace[] = [];
  const axes: Record<string, unknown> = {};
  latents.forEach((latent, row) => {
    diagnostics.forEach(({ metric, title }, column) => {
      const panel = row * diagnostics.length + column;
      for (const objective of objectives) {
        const points = history.filter(({ variant }) => variant === objective);
        if (points.length === 0)
          throw new Error(`history holds no objective ${objective}; run it, or leave it out`);
        data.push({
          type: "scatter",
          mode: "lines+markers",
          name: objective,
          legendgroup: objective,
          showlegend: panel === 0,
          x: points.map(({ epoch }) => epoch),
          y: points.map(({ values }) => values[`${latent}.${metric}`]),
          ...panelPlace(panel),
          ...lineAndMarker(objectiveStyles[objective]),
        });
      }
      const x = {
        domain: panelSpan(column, diagnostics.length, 0.07),
        ...(row === latents.length - 1 ? { title: { text: "epoch" } } : {}),
      };
      const y = {
        domain: panelSpan(latents.length - 1 - row, latents.length, 0.12),
        type: "log",
        dtick: 1,
        exponentformat: "power",
        title: { text: `${title} of ${symbols[latent]}`, standoff: 2 },
      };
      Object.assign(axes, panelAxes(panel, x, y));
    });
  });
  return { data, layout: { width: 1160, height: 560, legend: legendAbove, ...axes } };
}
