/** Names of configurations of pairs that fit into figures, and how their cells are read. */
import type { PairMeasure } from "../evaluation/pair-measures.js";
import type { PairsCell } from "../studies/pairs-cells.js";
import { symbols } from "./drawing/theme.js";

/** Safeguards by what they put beside a JEPA, and controls. */
export const shortNames: Readonly<Record<string, string>> = {
  jepa: "no safeguard",
  "jepa-stop-gradient": "stop-gradient",
  "jepa-ema-0.9": "EMA .9",
  "jepa-ema-0.99": "EMA .99",
  "jepa-ema-0.996": "EMA .996",
  "jepa-frozen": "frozen target",
  "vicreg-jepa": "VICReg",
  "le-jepa": "SIGReg (LeJEPA's)",
  "le-jepa-mse": "SIGReg (MSE)",
  "jepa-rec": "decoder of x",
  "jepa-gen": "decoder of y",
  "jepa-rec-gen": "both decoders",
  untrained: "untrained encoder",
  pca: "PCA",
  supervised: "told the class",
};

/** What a step of the removal takes away, by the part of its name that is new; `points` and what follows replace. */
export const stepNames: Readonly<Record<string, string>> = {
  A: "ELBO",
  rec: "− decoder of x",
  gen: "− decoder of y",
  klSx: `− KL of ${symbols.sx}`,
  klZ: "− KL of z",
  entropy: `− entropy of ${symbols.sy}`,
  points: "points, no z",
  "jepa-own": "own encoders",
  jepa: "one encoder: JEPA",
};

/** Reads cells of one setting, that in which nothing is changed when it is left out; `undefined` of what there is not. */
export function pairsReader(cells: readonly PairsCell[], of?: string) {
  const own = new Map(
    cells
      .filter(({ setting }) => setting === of)
      .map((cell) => [`${cell.configuration} ${cell.measure} ${cell.on}`, cell]),
  );
  return (configuration: string, measure: string, on: PairMeasure["on"] = "samples"): PairsCell | undefined =>
    own.get(`${configuration} ${measure} ${on}`);
}

/** What s_x tells, as far as it can be known: the true s_x given the class of simulated pairs, the class of others. */
export function toldBy(cells: readonly PairsCell[]): { readonly measure: string; readonly title: string } {
  return cells.some(({ measure }) => measure === "r2SxGivenClass")
    ? { measure: "r2SxGivenClass", title: `R² of true ${symbols.sx}<br>given the class` }
    : { measure: "probeSx", title: `class found<br>in ${symbols.sx}` };
}
