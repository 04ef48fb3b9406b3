/** What is told of densities of y given x, as numbers by name, and the bound of a likelihood over K. */
import { fold, type Key } from "../../engine/random.js";
import type { Pairs } from "../../families/var-jepa.js";
import type { FlatParameters } from "../../layers/parameters.js";
import type { VarJepaConfig } from "../../models/var-jepa.js";
import { mean } from "../../moments.js";
import { type DrawnDensity, type DrawScoreSettings, scoreDraws } from "./conditional-density.js";
import { energyDistance } from "./energy-distance.js";
import type { BoundPoint, ImportanceBound } from "./importance-bound.js";
import { sampleQuality } from "./sample-quality.js";
import { likelihoodBound } from "./var-jepa-density.js";

/** Numbers by the names of what they measure. */
export type Measures = Readonly<Record<string, number>>;

/** Where a model's latents are drawn from: q(s_y|s_x,z,y), the predictor, or around the mode with y in sight. */
export const boundProposals = ["posterior", "predictor", "mode"] as const;
export type BoundProposal = (typeof boundProposals)[number];

/** A density's measures, and the bound of its likelihood over K where that is what it has. */
export interface MeasuredDensity {
  readonly measures: Measures;
  readonly curves: Readonly<Partial<Record<BoundProposal, readonly BoundPoint[]>>>;
}

/** Above this shape of the weights' tail a mean of them is not to be trusted (`paretoShape`). */
const TRUSTED_SHAPE = 0.7;

/**
 * `energy`, `crps`, `coverage`, `width` and `spread` of the draws for some rows (`scoreDraws`), and `distanceY`: the energy distance of
 * y of one half of all rows from one draw for each of the other half, with its deviation `distanceYNull` when both are alike.
 * @param scored the first of all rows
 */
export function drawMeasures(
  key: Key,
  density: DrawnDensity,
  scored: Pairs,
  { rows, x, y }: Pairs,
  settings: DrawScoreSettings,
): Measures {
  const { energy, crps, coverage, width, spread } = scoreDraws(
    density,
    scored,
    fold(key, "scores"),
    settings,
  );
  const half = Math.floor(rows / 2);
  const [dx, dy] = [x.length / rows, y.length / rows];
  const others = { rows: half, x: x.subarray(half * dx, 2 * half * dx) };
  const drawn = density.draw(fold(key, "other rows"), others, 1, half);
  const { distance, error } = energyDistance(y.subarray(0, half * dy), drawn, dy, fold(key, "deals"));
  return {
    ...{ energy: energy.mean, crps: crps.mean, coverage: coverage.mean, width: width.mean },
    ...{ spread: spread.mean, distanceY: distance, distanceYNull: error },
  };
}

/**
 * Three bounds of a model's log-likelihood of the same rows, one for each proposal. Of each at its largest K: `bound`, what the last
 * doubling of K added, `change`, and over rows the median of the weights' tail, `shape`, the share of those above 0.7, `untrusted`, and
 * the median of the effective samples, `effective`, with the proposal's name behind, as in `boundPosterior`. `logLikelihood` is
 * the largest of the three, each of which is at most the likelihood.
 * @param samples the largest K of each
 */
export function likelihoodMeasures(
  key: Key,
  weights: FlatParameters,
  config: VarJepaConfig,
  scored: Pairs,
  samples: Readonly<Record<BoundProposal, number>>,
): MeasuredDensity {
  const bounds = boundProposals.map((proposal) => {
    const asked = { samples: samples[proposal], proposal };
    return [proposal, likelihoodBound(weights, config, scored, fold(key, proposal), asked)] as const;
  });
  return {
    measures: {
      logLikelihood: Math.max(...bounds.map(([, { perRow }]) => mean(perRow))),
      ...Object.assign({}, ...bounds.map(([proposal, bound]) => boundMeasures(proposal, bound))),
    },
    curves: Object.fromEntries(bounds.map(([proposal, { curve }]) => [proposal, curve])),
  };
}

function boundMeasures(
  proposal: BoundProposal,
  { perRow, change, paretoShape, effectiveSamples }: ImportanceBound,
): Measures {
  const untrusted = mean(Array.from(paretoShape, (shape) => Number(shape > TRUSTED_SHAPE)));
  const measures = {
    ...{ bound: mean(perRow), change: change.mean, shape: median(paretoShape), untrusted },
    effective: median(effectiveSamples),
  };
  const name = proposal[0].toUpperCase() + proposal.slice(1);
  return Object.fromEntries(Object.entries(measures).map(([measure, value]) => [measure + name, value]));
}

function median(values: Float64Array): number {
  const sorted = values.toSorted();
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

/**
 * `aggregateSx` and `aggregateZ`, KL(N(m, C) ‖ N(0, I)) of samples of the latents, and energy distances from data of what the model
 * makes stage by stage (`sampleQuality`): `xPosterior`, `xPrior`, `yPosterior`, `yPredicted`, `yPrior`, each with its deviation when both
 * are alike, as in `xPriorNull`.
 */
export function sampleMeasures(
  key: Key,
  weights: FlatParameters,
  config: VarJepaConfig,
  rows: Pairs,
): Measures {
  const { sx, z, x, y } = sampleQuality(weights, config, rows, key);
  const distances = {
    ...{ xPosterior: x.posterior, xPrior: x.prior },
    ...{ yPosterior: y.posterior, yPredicted: y.predicted, yPrior: y.prior },
  };
  const numbers = Object.entries(distances).flatMap(([name, { distance, error }]) => [
    [name, distance],
    [`${name}Null`, error],
  ]);
  return {
    aggregateSx: sx.gaussianKl,
    ...(z && { aggregateZ: z.gaussianKl }),
    ...Object.fromEntries(numbers),
  };
}
