/**
 * What the paper leaves open about its simulation study, one alternative at a time: the study of the quick preset
 * is repeated with a single field changed and compared with the published table again.
 */
import type { TermWeights } from "../losses/term.js";
import {
  type Provenance,
  runSimulationStudy,
  type SimulationStudyConfig,
  type StudyOptions,
} from "./simulation-study.js";
import { agreement } from "./simulation-table.js";

/** An open choice: the field, what is chosen, and a change of the configuration to the alternative. */
export interface OpenChoice {
  readonly field: string;
  readonly chosen: string;
  readonly alternative: string;
  readonly change: (config: SimulationStudyConfig) => SimulationStudyConfig;
}

const scaleTerms =
  (scales: TermWeights): OpenChoice["change"] =>
  (config) => ({ ...config, scales: { ...config.scales, ...scales } });

/** The choices of the simulation study that are measured. */
export const openChoices: readonly OpenChoice[] = [
  {
    field: "data.observationWeights",
    chosen: "Xavier-uniform, no bias",
    alternative: "PyTorch's default for Linear",
    change: (config) => ({ ...config, data: { ...config.data, observationWeights: "torch" } }),
  },
  {
    field: "model.activation",
    chosen: "GELU",
    alternative: "tanh",
    change: (config) => ({ ...config, model: { ...config.model, activation: "tanh" } }),
  },
  {
    field: "model.hiddenLayers",
    chosen: "1 (depth 2 counts linear layers)",
    alternative: "2",
    change: (config) => ({ ...config, model: { ...config.model, hiddenLayers: 2 } }),
  },
  {
    field: "scales (KL)",
    chosen: "summed over dimensions",
    alternative: "averaged over dimensions",
    change: scaleTerms({ klSx: 1 / 16, klZ: 1 / 8, klSy: 1 / 16 }),
  },
  {
    field: "scales (likelihoods)",
    chosen: "summed over dimensions",
    alternative: "averaged over dimensions",
    change: scaleTerms({ rec: 1 / 32, gen: 1 / 32 }),
  },
  {
    field: "probeOn",
    chosen: "means (noise-free path)",
    alternative: "one posterior sample",
    change: (config) => ({ ...config, probeOn: "samples" }),
  },
];

/** What one setting gives: distance to the published table, and the claims that fail. */
export interface ChoiceEffect {
  readonly field: string;
  readonly chosen: string;
  readonly alternative: string;
  readonly meanAbsLogRatio: number;
  readonly meanAbsAccuracyDifference: number;
  readonly brokenClaims: readonly string[];
  readonly provenance: Provenance;
}

/**
 * Measures the base configuration, then each alternative.
 * @returns the base first, with `field` "none"
 */
export async function measureOpenChoices(
  base: SimulationStudyConfig,
  optionsFor: (field: string) => StudyOptions = () => ({}),
): Promise<ChoiceEffect[]> {
  const unchanged: OpenChoice = {
    field: "none",
    chosen: "as chosen",
    alternative: "",
    change: (config) => config,
  };
  const effects: ChoiceEffect[] = [];
  for (const { field, chosen, alternative, change } of [unchanged, ...openChoices]) {
    const { cells, claims, provenance } = await runSimulationStudy(change(base), optionsFor(field));
    effects.push({
      field,
      chosen,
      alternative,
      ...agreement(cells),
      brokenClaims: claims.filter(({ holds }) => !holds).map(({ name }) => name),
      provenance,
    });
  }
  return effects;
}

/** One row per setting, ready for `table`, as FAITHFULNESS.md prints it. */
export function choiceRows(effects: readonly ChoiceEffect[]): Record<string, string>[] {
  return effects.map(
    ({ field, chosen, alternative, meanAbsLogRatio, meanAbsAccuracyDifference, brokenClaims }) => ({
      field: field === "none" ? "(base)" : field,
      chosen,
      alternative,
      "log ratio": meanAbsLogRatio.toFixed(3),
      "Δ accuracy": meanAbsAccuracyDifference.toFixed(3),
      "claims that fail": brokenClaims.length === 0 ? "none" : brokenClaims.join("; "),
    }),
  );
}
