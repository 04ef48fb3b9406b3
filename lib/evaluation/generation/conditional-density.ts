/** A density of y given x that can be evaluated and drawn from, and what is asked of every one of them. */
import { checkWhole } from "../../checks.js";
import type { Key } from "../../engine/random.js";
import type { Pairs } from "../../families/var-jepa.js";
import { mean } from "../../moments.js";
import { crps, energyScore, intervals, spread } from "./draw-scores.js";
import type { Contexts } from "./draw-targets.js";
import { type Estimate, estimate } from "./estimate.js";

/** p(y|x) that can be drawn from. */
export type DrawnDensity = Pick<ConditionalDensity, "draw">;

/** p(y|x): a trained model, a regression, a marginal, an exact solution. */
export interface ConditionalDensity {
  /** log p(y_n|x_n) in nats, or a lower bound of it where there is no closed form; `[rows]`. */
  readonly logLikelihood: (pairs: Pairs) => Float64Array;
  /**
   * Draws y ~ p(y|x), row-major `[rows, draws, dy]`, the same for the same key.
   * @param first place of the first row in the data, 0 by default: rows drawn for in parts get the noise of the whole
   */
  readonly draw: (key: Key, contexts: Contexts, draws: number, first?: number) => Float32Array;
}

/** How a density's draws are scored. */
export interface DrawScoreSettings {
  /** m, draws per row. */
  readonly draws: number;
  /** Coverage asked of intervals. */
  readonly level: number;
}

/** 99 draws, with which 90 % intervals have their nominal coverage exactly. */
export const drawScoreDefaults: DrawScoreSettings = { draws: 99, level: 0.9 };

/** What draws are worth; `rows` has it row by row, for differences between densities on the same rows. */
export interface DensityScores {
  /** Mean over coordinates and rows of the CRPS, in units of y. */
  readonly crps: Estimate;
  /** Energy score, in units of y (all coordinates together). */
  readonly energy: Estimate;
  /** Share of coordinates inside their interval, whose error is over rows, beside what it should be. */
  readonly coverage: Estimate;
  readonly nominal: number;
  /** Mean width of the intervals, and root of the mean variance of the draws: sharpness, in units of y. */
  readonly width: Estimate;
  readonly spread: Estimate;
  /** `[rows]` each, means over coordinates. */
  readonly rows: Readonly<Record<"crps" | "energy" | "coverage" | "width" | "spread", Float64Array>>;
}

/** Numbers of draws that are held at once. */
const NUMBERS_AT_ONCE = 2 ** 22;

/**
 * Draws from a density for every pair and scores the draws, some rows at a time.
 * @throws when draws is no whole number from 2 on.
 */
export function scoreDraws(
  density: DrawnDensity,
  { rows, x, y }: Pairs,
  key: Key,
  { draws, level }: DrawScoreSettings = drawScoreDefaults,
): DensityScores {
  checkWhole("draws", draws, 2, 2 ** 20);
  const [dx, dy] = [x.length / rows, y.length / rows];
  const perRow = {
    crps: new Float64Array(rows),
    energy: new Float64Array(rows),
    coverage: new Float64Array(rows),
    width: new Float64Array(rows),
    spread: new Float64Array(rows),
  };
  const size = Math.max(1, Math.floor(NUMBERS_AT_ONCE / (draws * dy)));
  let nominal = Number.NaN;
  for (let first = 0; first < rows; first += size) {
    const count = Math.min(size, rows - first);
    const drawn = density.draw(
      key,
      { rows: count, x: x.subarray(first * dx, (first + count) * dx) },
      draws,
      first,
    );
    const truth = y.subarray(first * dy, (first + count) * dy);
    const shape = { rows: count, draws, dy };
    const within = intervals(drawn, truth, shape, level);
    nominal = within.nominal;
    const overCoordinates = (values: Float64Array | Uint8Array) =>
      Array.from({ length: count }, (_, row) => mean(values.subarray(row * dy, (row + 1) * dy)));
    perRow.crps.set(overCoordinates(crps(drawn, truth, shape)), first);
    perRow.energy.set(energyScore(drawn, truth, shape), first);
    perRow.coverage.set(overCoordinates(within.covered), first);
    perRow.width.set(overCoordinates(within.width), first);
    perRow.spread.set(spread(drawn, shape), first);
  }
  return {
    crps: estimate(perRow.crps),
    energy: estimate(perRow.energy),
    coverage: estimate(perRow.coverage),
    nominal,
    width: estimate(perRow.width),
    spread: estimate(perRow.spread),
    rows: perRow,
  };
}
