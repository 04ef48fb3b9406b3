/** What the studies of pairs ask for, as data: the terms taken away one by one, and what keeps a JEPA from collapse, and when a posterior does. */
import { type SimulationConfig, simulationDefaults } from "../data/simulation.js";
import type { PairScoring } from "../evaluation/pair-measures.js";
import { probeDefaults } from "../evaluation/predictors/mlp-probe.js";
import { type VarJepaConfig, varJepaDefaults } from "../models/var-jepa.js";
import {
  type PairConfiguration,
  pairConfigurationOf,
  pairSettings,
  removalOrders,
  safeguards,
  singleRemovals,
} from "../papers/var-jepa/pair-configurations.js";
import { variantNames } from "../papers/var-jepa/simulation-variants.js";
import type { Preset } from "../settings.js";
import type { ModelSettings } from "../training/fit.js";
import type { TrainingSettings } from "../training/fit-task.js";
import { simulationTraining } from "./simulation-study.js";

/** The studies of pairs. */
export type PairsStudyName = "removal" | "safeguards" | "collapse";

/** A setting that is changed for all configurations, to see what is robust. */
export interface ChangedSetting {
  readonly name: string;
  readonly model?: Pick<Partial<VarJepaConfig>, "activation">;
  readonly training?: Pick<Partial<TrainingSettings>, "epochs">;
}

/** Configuration of a study. */
export interface PairsStudyConfig {
  readonly study: PairsStudyName;
  readonly preset: Preset;
  /** Names of `pairConfigurations` or of `pairScans`. */
  readonly configurations: readonly string[];
  /** The one that the untrained encoder is the start of, and whose sizes the controls have. */
  readonly controlsOf: string;
  /** Beside the setting of this configuration, which has no name. */
  readonly changed: readonly ChangedSetting[];
  readonly runs: number;
  readonly seed: number;
  readonly data: SimulationConfig;
  readonly model: VarJepaConfig;
  readonly training: TrainingSettings;
  readonly scoring: PairScoring;
}

const scanned = (
  base: string,
  changes: Readonly<Record<string, PairConfiguration["objective"]>>,
): [string, PairConfiguration][] => {
  const { label, objective, ...same } = pairConfigurationOf(base);
  return Object.entries(changes).map(([change, weights]) => [
    `${base} ${change}`,
    { ...same, label: `${label}, but ${change}`, objective: { ...objective, ...weights } },
  ]);
};
const vicreg = (variance: number, covariance: number) => ({
  ...{ varianceSx: variance, varianceSy: variance, covarianceSx: covariance, covarianceSy: covariance },
});
const lejepa = (lambda: number) => ({
  ...{ prediction: 1 - lambda, sigregSx: lambda / 2, sigregSy: lambda / 2 },
});
const sigreg = (lambda: number) => ({ sigregSx: lambda, sigregSy: lambda });

/** Safeguards with other weights than those of `pairConfigurations`: VICReg's, and SIGReg's λ in both forms. */
export const safeguardScans: Readonly<Record<string, PairConfiguration>> = Object.fromEntries([
  ...scanned("vicreg-jepa", {
    "× 0.01": vicreg(0.25, 0.01),
    "× 0.1": vicreg(2.5, 0.1),
    "× 10": vicreg(250, 10),
    "variance alone": vicreg(25, 0),
    "covariance alone": vicreg(0, 1),
  }),
  ...scanned("le-jepa", { "λ 0.002": lejepa(0.002), "λ 0.1": lejepa(0.1), "λ 0.5": lejepa(0.5) }),
  ...scanned("le-jepa-mse", { "λ 0.1": sigreg(0.1), "λ 1": sigreg(1), "λ 100": sigreg(100) }),
]);

/** Weights α of both decoders against KLs that all have weight 1, or weights 1/α of all KLs: the one axis of posterior collapse. */
export const collapseWeights = [1 / 64, 1 / 16, 1 / 4, 1, 4, 16, 64] as const;

/** The configuration of a weight of the decoders. */
export const collapseName = (weight: number): string => (weight === 1 ? "A" : `A α ${weight}`);

/** Where log σ_x and log σ_y start, other than at 0. */
export const sigmaStarts = [-2, 2] as const;

const collapseScans: Readonly<Record<string, PairConfiguration>> = Object.fromEntries([
  ...scanned(
    "A",
    Object.fromEntries(
      collapseWeights
        .filter((weight) => weight !== 1)
        .map((weight) => [`α ${weight}`, { rec: weight, gen: weight }]),
    ),
  ),
  ...sigmaStarts.map((start) => [
    `A log σ ${start}`,
    {
      ...pairConfigurationOf("A"),
      label: `ELBO, log σ from ${start}`,
      model: { initialLogSigma: start },
    },
  ]),
]);

/** Configurations that are scanned over, by name. */
export const pairScans: Readonly<Record<string, PairConfiguration>> = { ...safeguardScans, ...collapseScans };

const configurationsOf: Record<PairsStudyName, readonly string[]> = {
  removal: [
    ...new Set([
      ...[...variantNames, ...singleRemovals, ...Object.values(removalOrders).flat()],
      ...["coupled-vae", "vae", "ae"],
    ]),
  ],
  safeguards: [...safeguards, ...Object.keys(safeguardScans)],
  collapse: ["A", ...Object.keys(collapseScans)],
};

const paperSize = {
  runs: 5,
  seed: 1,
  data: simulationDefaults,
  model: varJepaDefaults,
  training: simulationTraining,
  scoring: { probe: probeDefaults, informationRows: 2_000 },
} as const;

const changed: readonly ChangedSetting[] = [
  { name: "tanh", model: { activation: "tanh" } },
  { name: "80 epochs", training: { epochs: 80 } },
];

/**
 * A study of pairs: `standard` has the paper's sizes and five runs, and both changed settings beside; `quick` has one run with the
 * sizes of the quick simulation study.
 */
export function pairsStudyConfig(study: PairsStudyName, preset: Preset): PairsStudyConfig {
  const same = {
    ...{ study, preset, configurations: configurationsOf[study] },
    controlsOf: study === "safeguards" ? "jepa" : "A",
  };
  if (preset === "standard") return { ...same, ...paperSize, changed };
  return {
    ...{ ...same, ...paperSize, changed: [], runs: 1 },
    data: { ...simulationDefaults, trainRows: 4_000 },
    training: { ...simulationTraining, epochs: 20, batchSize: 256 },
    scoring: { probe: { ...probeDefaults, epochs: 20 }, informationRows: 1_000 },
  };
}

/**
 * What a configuration of a study is trained by.
 * @throws when there is no configuration of that name.
 */
export function pairsSettingsOf(
  name: string,
  { model, training }: Pick<PairsStudyConfig, "model" | "training">,
  setting?: ChangedSetting,
): ModelSettings<VarJepaConfig> {
  return pairSettings(Object.hasOwn(pairScans, name) ? pairScans[name] : name, {
    model: { ...model, ...setting?.model },
    training: { ...training, ...setting?.training },
  });
}
