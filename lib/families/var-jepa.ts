import { checkObservations, takeRows } from "../data/rows.js";
import { checkPairObjective } from "../losses/pair-terms.js";
import { pairTerms } from "../losses/pairs.js";
import {
  initialVarJepa,
  latentNoise,
  passVarJepa,
  type VarJepaConfig,
  type VarJepaPass,
  varJepaLayout,
} from "../models/var-jepa.js";
import type { Family } from "./family.js";

/** Pairs of observations. */
export interface Pairs {
  readonly rows: number;
  /** Row-major `[rows, dx]`. */
  readonly x: Float32Array;
  /** Row-major `[rows, dy]`. */
  readonly y: Float32Array;
}

/** Var-JEPA with multilayer perceptrons, on pairs, and what its configuration leaves of it, down to a deterministic JEPA. */
export const varJepa: Family<VarJepaConfig, Pairs, VarJepaPass> = {
  name: "var-jepa",
  terms: pairTerms,
  check: checkPairObjective,
  config: (model) => model,
  layout: varJepaLayout,
  initial: initialVarJepa,
  rows: ({ dx, dy }, { rows, x, y }) => {
    checkObservations("x", x, rows, dx);
    checkObservations("y", y, rows, dy);
    return { rows, x, y };
  },
  pass: (parameters, config, data, { rows, first, key }, average) => {
    const x = takeRows(data.x, config.dx, rows);
    const y = takeRows(data.y, config.dy, rows);
    return passVarJepa(parameters, config, x, y, latentNoise(key, rows.length, config, first), average);
  },
  averageDecay: ({ targetDecay }) =>
    targetDecay === undefined ? undefined : { start: targetDecay, end: targetDecay },
};
