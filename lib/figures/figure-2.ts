import type { HistoryPoint } from "../experiments/simulation-study.js";
import type { Latent, VariantName } from "../experiments/simulation-variants.js";
import type { Figure, Trace } from "./drawing/figure.js";
import { legendAbove, lineAndMarker, symbols, variantStyles } from "./drawing/theme.js";

/** The objectives that Figure 2 follows: with everything, without KL on s_x, reconstruction, any KL, and the last with SIGReg. */
export const figure2Variants: readonly VariantName[] = ["A", "C", "E", "G", "I", "J"];

const diagnostics = [
  { metric: "klAggregate", title: symbols.klAggregate },
  { metric: "sigregMse", title: "SIGReg-MSE" },
  { metric: "covarianceFrobenius", title: symbols.covarianceDistance },
  { metric: "meanNorm", title: symbols.meanNorm },
] as const;

const latents: readonly Latent[] = ["sx", "sy"];

/**
 * The paper's Figure 2: four diagnostics of s_x (top) and s_y (bottom) per epoch, mean over runs, logarithmic.
 * @throws when the history lacks one of the variants.
 */
export function figure2(history: readonly HistoryPoint[], variants = figure2Variants): Figure {
  const data: Trace[] = [];
  const axes: Record<string, unknown> = {};
  latents.forEach((latent, row) => {
    diagnostics.forEach(({ metric, title }, column) => {
      const panel = row * diagnostics.length + column;
      const suffix = panel === 0 ? "" : String(panel + 1);
      for (const variant of variants) {
        const points = history.filter((point) => point.variant === variant);
        if (points.length === 0)
          throw new Error(`history holds no variant ${variant}; run it, or leave it out`);
        data.push({
          type: "scatter",
          mode: "lines+markers",
          name: variant,
          legendgroup: variant,
          showlegend: panel === 0,
          x: points.map(({ epoch }) => epoch),
          y: points.map(({ values }) => values[`${latent}.${metric}`]),
          xaxis: `x${suffix}`,
          yaxis: `y${suffix}`,
          ...lineAndMarker({ ...variantStyles[variant] }),
        });
      }
      axes[`xaxis${suffix}`] = {
        domain: spanOf(column, diagnostics.length, 0.07),
        anchor: `y${suffix}`,
        ...(row === latents.length - 1 ? { title: { text: "epoch" } } : {}),
      };
      axes[`yaxis${suffix}`] = {
        domain: spanOf(latents.length - 1 - row, latents.length, 0.12),
        anchor: `x${suffix}`,
        type: "log",
        dtick: 1,
        exponentformat: "power",
        title: { text: `${title} of ${symbols[latent]}`, standoff: 2 },
      };
    });
  });
  return { data, layout: { width: 1160, height: 560, legend: legendAbove, ...axes } };
}

/** Where panel `index` of `count` lies between 0 and 1 with `gap` between neighbours. */
function spanOf(index: number, count: number, gap: number): [number, number] {
  const size = (1 - gap * (count - 1)) / count;
  return [index * (size + gap), index * (size + gap) + size];
}
