/** Tables of the study of generation: densities of y given x, the bounds of their likelihood, and what a model's samples suffer. */
import { boundProposals } from "../evaluation/generation/density-measures.js";
import type { GenerationDataName } from "../studies/generation-plan.js";
import type { GenerationCell, GenerationStudy } from "../studies/generation-study.js";
import { meanText } from "./mean-text.js";

type Cells = Pick<GenerationStudy, "cells">;
type Row = Record<string, string>;

/** Densities by their names in tables and figures, from the truth down. */
export const densityNames: Readonly<Record<string, string>> = {
  truth: "the truth",
  A: "Var-JEPA",
  "A α 0.25": "Var-JEPA, KLs × ¼",
  "coupled-vae network": "coupled VAE, network fitted afterwards",
  "coupled-vae linear": "coupled VAE, affine map fitted afterwards",
  "regression full": "regression, full covariance",
  "regression diagonal": "regression, a variance per column",
  "regression isotropic": "regression, one variance",
  "variance-regression": "network for mean and variance",
  "marginal full": "marginal, full covariance",
  "marginal diagonal": "marginal, a variance per column",
};

/** Reads the cells of one kind of pairs. @throws when there is none. */
export function generationReader(cells: readonly GenerationCell[], data: GenerationDataName) {
  const own = cells.filter((cell) => cell.data === data);
  if (own.length === 0) throw new Error(`cells hold nothing of ${data}; run the study of generation`);
  const read = new Map(own.map((cell) => [`${cell.density} ${cell.measure}`, cell]));
  return {
    densities: Object.keys(densityNames).filter((name) => own.some(({ density }) => density === name)),
    read: (density: string, measure: string) => read.get(`${density} ${measure}`),
  };
}

const scores = [
  ["log p(y|x), nats", "logLikelihood"],
  ["energy score", "energy"],
  ["CRPS", "crps"],
  ["coverage", "coverage"],
  ["spread of draws", "spread"],
  ["distance of y drawn", "distanceY"],
] as const;

/**
 * A row for every density of one kind of pairs, ready for `table`: `mean ± std` over runs of its log-likelihood per row (of a model the
 * largest of three bounds), of what its draws score, and of the energy distance of drawn y from y.
 * @throws when there is nothing of such pairs.
 */
export function densityRows({ cells }: Cells, data: GenerationDataName): Row[] {
  const { densities, read } = generationReader(cells, data);
  return densities.map((density) => ({
    density: densityNames[density],
    ...texts(scores, (measure) => read(density, measure)),
  }));
}

const proposalNames = {
  mode: "around the mode",
  posterior: "q(s_y|s_x,z,y)",
  predictor: "the predictor",
} as const;

/**
 * A row for every model and proposal: the bound at the largest K, what its last doubling added, the tail of the weights, the share of
 * rows in which it is not to be trusted, and effective samples, the latter two medians over rows.
 * @throws when there is nothing of such pairs.
 */
export function boundRows({ cells }: Cells, data: GenerationDataName): Row[] {
  const { densities, read } = generationReader(cells, data);
  return densities
    .filter((density) => read(density, "boundMode"))
    .flatMap((density) =>
      boundProposals.map((proposal) => {
        const name = proposal[0].toUpperCase() + proposal.slice(1);
        const columns = [
          ["bound, nats", `bound${name}`],
          ["last doubling", `change${name}`],
          ["Pareto shape", `shape${name}`],
          ["rows above 0.7", `untrusted${name}`],
          ["effective samples", `effective${name}`],
        ] as const;
        return {
          ...{ density: densityNames[density], proposal: proposalNames[proposal] },
          ...texts(columns, (measure) => read(density, measure)),
        };
      }),
    );
}

const stages = [
  ["KL of aggregated s_x", "aggregateSx"],
  ["x, s_x inferred", "xPosterior"],
  ["x, s_x of the prior", "xPrior"],
  ["y, s_y inferred", "yPosterior"],
  ["y, s_y predicted", "yPredicted"],
  ["y, s_x of the prior", "yPrior"],
  ["alike", "yPosteriorNull"],
] as const;

/**
 * A row for every model: how far the aggregated posterior of s_x is from its prior, and how far what the model makes stage by stage is from
 * data, beside the deviation of a distance of y between equal distributions.
 * @throws when there is nothing of such pairs.
 */
export function sampleRows({ cells }: Cells, data: GenerationDataName): Row[] {
  const { densities, read } = generationReader(cells, data);
  return densities
    .filter((density) => read(density, "aggregateSx"))
    .map((density) => ({
      density: densityNames[density],
      ...texts(stages, (measure) => read(density, measure)),
    }));
}

function texts(
  columns: readonly (readonly [column: string, measure: string])[],
  read: (measure: string) => GenerationCell | undefined,
): Row {
  return Object.fromEntries(columns.map(([column, measure]) => [column, meanText(read(measure))]));
}
