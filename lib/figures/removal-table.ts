/** The five terms, objective by objective, beside what is left of s_x and s_y. */
import { pairConfigurations } from "../papers/var-jepa/pair-configurations.js";
import type { PairsStudy } from "../studies/pairs-study.js";
import { pairsReader } from "./pairs-names.js";

/** Columns of terms, by what they read in an objective: the KL of s_y is whole, or its prediction part alone. */
const terms: readonly (readonly [
  column: string,
  weight: (objective: Readonly<Record<string, number>>) => number | undefined,
])[] = [
  ["rec", ({ rec }) => rec],
  ["gen", ({ gen }) => gen],
  ["KL_sx", ({ klSx }) => klSx],
  ["KL_z", ({ klZ }) => klZ],
  ["KL_sy: prediction", ({ klSy, crossEntropySy, prediction }) => klSy ?? crossEntropySy ?? prediction],
  ["KL_sy: entropy", ({ klSy, negativeEntropySy }) => klSy ?? negativeEntropySy],
];

const ofTheFive = new Set([
  ...["rec", "gen", "klSx", "klZ", "klSy"],
  ...["crossEntropySy", "prediction", "negativeEntropySy"],
]);

const measures = [
  ["R² s_x, means", "r2SxGivenClass", "means"],
  ["R² s_x, samples", "r2SxGivenClass", "samples"],
  ["R² s_y, means", "r2SyGivenClass", "means"],
  ["I(x; s_x) at most", "informationUpper", "samples"],
  ["KL_agg", "klAggregateSx", "samples"],
  ["variance / untrained", "varianceRatio", "means"],
  ["effective rank", "effectiveRankSx", "means"],
  ["error / variance", "predictionErrorRatio", "means"],
] as const;

/**
 * A row for every named configuration among the cells, ready for `table`: the weight of each of the five terms ("·" where it is not
 * minimised), other terms with theirs, and `mean ± std` of what was measured ("–" of what it does not have), in the setting in which nothing is changed; controls
 * have no terms.
 * @throws when there is no cell of that setting.
 */
export function removalRows({ cells }: Pick<PairsStudy, "cells">): Record<string, string>[] {
  const read = pairsReader(cells);
  const own = cells.filter(({ setting }) => setting === undefined);
  if (own.length === 0) throw new Error("cells hold no setting without changes; run the study of removal");
  return [...new Set(own.map(({ configuration }) => configuration))].map((name) => {
    const objective = Object.hasOwn(pairConfigurations, name) ? pairConfigurations[name].objective : {};
    const weights = terms.map(([column, weight]) => [column, weightText(weight(objective))]);
    const beside = Object.entries(objective).filter(([term, weight]) => weight > 0 && !ofTheFive.has(term));
    const others = beside.map(([term, weight]) => `${term} ${weight}`).join(", ");
    const numbers = measures.map(([column, measure, on]) => {
      const cell = read(name, measure, on);
      const spread = cell && cell.std !== null ? ` ± ${short(cell.std)}` : "";
      return [column, cell ? `${short(cell.mean)}${spread}` : "–"];
    });
    return {
      configuration: name,
      ...Object.fromEntries([...weights, ["beside", others || "·"], ...numbers]),
    };
  });
}

const weightText = (weight = 0) => (weight > 0 ? String(weight) : "·");

/** Two significant digits; small numbers as 1.6e-4. */
function short(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.001) return value.toExponential(1);
  return String(Number(value.toPrecision(2)));
}
