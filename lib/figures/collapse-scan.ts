/** What the decoders' weight decides: how many units of each latent are active, and what s_x tells. */
import { collapseName, collapseWeights } from "../studies/pairs-plan.js";
import type { PairsStudy } from "../studies/pairs-study.js";
import type { Figure } from "./drawing/figure.js";
import { symbols } from "./drawing/theme.js";
import { pairsReader } from "./pairs-names.js";
import { tradeOff } from "./trade-off.js";

const measures = [
  { name: `active units of ${symbols.sx}`, measure: "activeUnitsSx", on: "means" },
  { name: "active units of z", measure: "activeUnitsZ", on: "means" },
  { name: `R² of true ${symbols.sx}, samples`, measure: "r2SxGivenClass", on: "samples" },
  { name: "log σ<sub>x</sub>", measure: "logSigmaX", on: "samples" },
] as const;

/**
 * Active units of s_x and z, R² of samples of s_x to the true one given the class, and the learned log σ_x over the weight α of both
 * decoders, a marker for the mean over runs in which nothing is changed.
 * @throws when a weight of the scan is not among the cells.
 */
export function collapseScan({ cells }: Pick<PairsStudy, "cells">): Figure {
  const read = pairsReader(cells);
  const points = collapseWeights.map((weight) => ({
    x: weight,
    measures: Object.fromEntries(
      measures.map(({ name, measure, on }) => {
        const cell = read(collapseName(weight), measure, on);
        if (!cell)
          throw new Error(`cells hold no ${measure} of ${collapseName(weight)}; run the study of collapse`);
        return [name, cell.mean];
      }),
    ),
  }));
  const { data, layout } = tradeOff(points, "weight α of both decoders");
  const said = points.map(({ x, measures: own }) => {
    const numbers = Object.values(own).map((value) => Number(value.toPrecision(2)));
    return `α ${Number(x.toPrecision(2))}: ${numbers.join(", ")}`;
  });
  const alternative = `Active units of s_x, of z, R² of samples of s_x given the class, log σ_x: ${said.join("; ")}.`;
  return {
    data: data.map((trace) => ({ ...trace, showlegend: false })),
    layout: { ...layout, meta: { alternative } },
  };
}
