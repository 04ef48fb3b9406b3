/** What the study of generation asks for, as data: which pairs, which densities of y given x, and how they are measured. */
import type { DigitTargetsConfig } from "../data/digit-targets.js";
import { type SimulationConfig, simulationDefaults } from "../data/simulation.js";
import { type DrawScoreSettings, drawScoreDefaults } from "../evaluation/generation/conditional-density.js";
import type { BoundProposal } from "../evaluation/generation/density-measures.js";
import type { NetworkTraining } from "../evaluation/generation/refit-predictor.js";
import { type VarJepaConfig, varJepaDefaults } from "../models/var-jepa.js";
import type { Preset } from "../settings.js";
import type { ModelSettings } from "../training/fit.js";
import type { TrainingSettings } from "../training/fit-task.js";
import { pairsSettingsOf } from "./pairs-plan.js";
import { simulationTraining } from "./simulation-study.js";

/** The pairs of the study: a simulated world, whose likelihood is known; the right half of a digit, of the left one; a corrupted digit, of the clean one. */
export const generationDataNames = ["simulation", "halves", "corrupted"] as const;
export type GenerationDataName = (typeof generationDataNames)[number];

/** How densities are measured. */
export interface GenerationScoring {
  /** The first evaluation rows, of which likelihoods are taken and for which y is drawn; distances are taken of all. */
  readonly rows: number;
  readonly draws: DrawScoreSettings;
  /** The largest K of each proposal, and that of the true likelihood of simulated pairs. */
  readonly samples: Readonly<Record<BoundProposal | "truth", number>>;
}

/** One kind of pairs, and what is trained on it. */
export interface GenerationTask {
  readonly name: GenerationDataName;
  readonly data: SimulationConfig | DigitTargetsConfig;
  readonly model: VarJepaConfig;
  readonly training: TrainingSettings;
  /** Epochs of the networks that no latent holds: the regression with a learned variance, the predictor fitted afterwards. */
  readonly networkEpochs: number;
  readonly scoring: GenerationScoring;
}

/** Configuration of the study. */
export interface GenerationStudyConfig {
  readonly study: "generation";
  readonly preset: Preset;
  /** Names of configurations that have a predictor. */
  readonly models: readonly string[];
  readonly runs: number;
  readonly seed: number;
  readonly tasks: readonly GenerationTask[];
}

const samples = (largest: number, mode: number) => ({
  ...{ posterior: largest, predictor: largest, mode, truth: mode / 2 },
});

const simulated: Readonly<Record<Preset, GenerationTask>> = {
  standard: {
    name: "simulation",
    data: { ...simulationDefaults, evaluationRows: 1_000 },
    model: varJepaDefaults,
    training: simulationTraining,
    networkEpochs: 20,
    scoring: { rows: 150, draws: drawScoreDefaults, samples: samples(4_096, 1_024) },
  },
  quick: {
    name: "simulation",
    data: { ...simulationDefaults, trainRows: 4_000, evaluationRows: 200 },
    model: varJepaDefaults,
    training: { ...simulationTraining, epochs: 25, batchSize: 256 },
    networkEpochs: 10,
    scoring: { rows: 40, draws: { draws: 19, level: 0.9 }, samples: samples(256, 256) },
  },
};

/** Of digits, by the number of grey values on either side. */
const digits = (
  name: GenerationDataName,
  columns: number,
  pairs: { readonly digits: "noisy halves"; readonly noise: number } | { readonly digits: "corrupted" },
): Readonly<Record<Preset, GenerationTask>> => {
  const model = { ...varJepaDefaults, dx: columns, dy: columns, initialLogSigma: -1 };
  const training = { ...simulationTraining, batchSize: 250, learningRate: 2e-3 };
  return {
    standard: {
      name,
      data: { ...pairs, trainRows: 10_000, evaluationRows: 1_000 },
      model: { ...model, d: 24, hidden: 256 },
      training: { ...training, epochs: 30 },
      networkEpochs: 10,
      scoring: { rows: 100, draws: drawScoreDefaults, samples: samples(1_024, 1_024) },
    },
    quick: {
      name,
      data: { ...pairs, trainRows: 1_000, evaluationRows: 100 },
      model: { ...model, hidden: 64 },
      training: { ...training, epochs: 12, batchSize: 50 },
      networkEpochs: 6,
      scoring: { rows: 16, draws: { draws: 19, level: 0.9 }, samples: samples(64, 64) },
    },
  };
};

const tasks: Readonly<Record<GenerationDataName, Readonly<Record<Preset, GenerationTask>>>> = {
  simulation: simulated,
  halves: digits("halves", 392, { digits: "noisy halves", noise: 0.1 }),
  corrupted: digits("corrupted", 196, { digits: "corrupted" }),
};

/** The study: `standard` has three runs on 10,000 pairs of each kind, `quick` one on few. */
export function generationConfig(preset: Preset): GenerationStudyConfig {
  return {
    ...{
      study: "generation",
      preset,
      models: ["A", "A α 0.25"],
      runs: preset === "standard" ? 3 : 1,
      seed: 1,
    },
    tasks: generationDataNames.map((name) => tasks[name][preset]),
  };
}

/** What one cell measures: one density, or several that are fitted together. */
export type GenerationArm =
  /** The pairs' own density, where it is known. */
  | { readonly kind: "truth" }
  /** Marginals and linear regressions of y with Gaussian residuals. */
  | { readonly kind: "gaussians" }
  /** A network for mean and variance. */
  | {
      readonly kind: "variance-regression";
      readonly model: Pick<VarJepaConfig, "hidden" | "hiddenLayers" | "activation" | "logVarianceBound">;
      readonly training: NetworkTraining;
    }
  /** A model with a predictor. */
  | { readonly kind: "model"; readonly settings: ModelSettings<VarJepaConfig> }
  /** A coupled VAE, which has none, with one that is fitted afterwards: an affine map, or a network. */
  | {
      readonly kind: "coupled-vae";
      readonly settings: ModelSettings<VarJepaConfig>;
      readonly refit: NetworkTraining;
    };

/**
 * The arms of one kind of pairs by their names.
 * @throws when a model's name is not known.
 */
export function generationArms(
  { name, model, training, networkEpochs }: GenerationTask,
  models: readonly string[],
): Readonly<Record<string, GenerationArm>> {
  const { batchSize, learningRate, weightDecay } = training;
  const network = { epochs: networkEpochs, batchSize, learningRate, weightDecay };
  const { hidden, hiddenLayers, activation, logVarianceBound } = model;
  const settings = (of: string) => pairsSettingsOf(of, { model, training });
  const sizes = { hidden, hiddenLayers, activation, logVarianceBound };
  return {
    ...(name !== "halves" && { truth: { kind: "truth" } }),
    gaussians: { kind: "gaussians" },
    "variance-regression": { kind: "variance-regression", model: sizes, training: network },
    ...Object.fromEntries(models.map((of) => [of, { kind: "model", settings: settings(of) } as const])),
    "coupled-vae": { kind: "coupled-vae", settings: settings("coupled-vae"), refit: network },
  };
}
