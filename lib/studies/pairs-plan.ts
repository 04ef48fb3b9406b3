/**
 * What the studies of pairs ask for, as data: terms taken away one by one, what keeps a JEPA from collapse, when a posterior collapses,
 * whether uncertainty follows noise, and every named configuration on digits.
 */
import { type SimulationConfig, simulationDefaults } from "../data/simulation.js";
import { probeDefaults } from "../evaluation/predictors/mlp-probe.js";
import { type VarJepaConfig, varJepaDefaults } from "../models/var-jepa.js";
import {
  pairConfigurations,
  pairSettings,
  removalOrders,
  safeguards,
  singleRemovals,
} from "../papers/var-jepa/pair-configurations.js";
import { variantNames } from "../papers/var-jepa/simulation-variants.js";
import type { Preset } from "../settings.js";
import type { ModelSettings } from "../training/fit.js";
import type { TrainingSettings } from "../training/fit-task.js";
import type { PairsData, PairsScoring } from "./pairs-run.js";
import { collapseScans, pairScans, safeguardScans } from "./pairs-scans.js";
import { simulationTraining } from "./simulation-study.js";

/** The studies of pairs. */
export type PairsStudyName = (typeof pairsStudyNames)[number];

/** All of them. */
export const pairsStudyNames = ["removal", "safeguards", "collapse", "noise", "digits"] as const;

/** A setting that is changed for all configurations, to see what is robust or what it does. */
export interface ChangedSetting {
  readonly name: string;
  readonly model?: Pick<Partial<VarJepaConfig>, "activation">;
  readonly training?: Pick<Partial<TrainingSettings>, "epochs">;
  readonly data?: Pick<SimulationConfig, "noiseSlope">;
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
  readonly data: PairsData;
  readonly model: VarJepaConfig;
  readonly training: TrainingSettings;
  readonly scoring: PairsScoring;
}

/** The paper's sizes. */
const paperSize = {
  runs: 5,
  seed: 1,
  data: simulationDefaults,
  model: varJepaDefaults,
  training: simulationTraining,
  scoring: { probe: probeDefaults, informationRows: 2_000 },
} as const;

/** Those of the quick simulation study, once. */
const quickSize = {
  ...paperSize,
  runs: 1,
  data: { ...simulationDefaults, trainRows: 4_000 },
  training: { ...simulationTraining, epochs: 20, batchSize: 256 },
  scoring: { probe: { ...probeDefaults, epochs: 20 }, informationRows: 1_000 },
} as const;

type Sizes = Pick<PairsStudyConfig, "runs" | "seed" | "data" | "model" | "training" | "scoring">;

/** What a study asks for beside its sizes, which it may change. */
interface Plan {
  readonly configurations: readonly string[];
  readonly controlsOf: string;
  readonly changed: Readonly<Record<Preset, readonly ChangedSetting[]>>;
  readonly sizes?: Readonly<Record<Preset, Partial<Sizes>>>;
}

const tanh: ChangedSetting = { name: "tanh", model: { activation: "tanh" } };
const longer = (epochs: number): ChangedSetting => ({ name: `${epochs} epochs`, training: { epochs } });
const robust = { quick: [], standard: [tanh, longer(80)] };
/** Levels of how much the noise of s_y varies, beside not at all. */
const noiseLevels: readonly ChangedSetting[] = [
  { name: "mild", data: { noiseSlope: 0.5 } },
  { name: "strong", data: { noiseSlope: 1.5 } },
];
const halves = { dx: 392, dy: 392 };

const plans: Readonly<Record<PairsStudyName, Plan>> = {
  removal: {
    configurations: [
      ...new Set([
        ...[...variantNames, ...singleRemovals, ...Object.values(removalOrders).flat()],
        ...["coupled-vae", "vae", "ae"],
      ]),
    ],
    controlsOf: "A",
    changed: robust,
  },
  safeguards: {
    configurations: [...safeguards, ...Object.keys(safeguardScans)],
    controlsOf: "jepa",
    changed: robust,
  },
  collapse: {
    configurations: ["A", ...Object.keys(collapseScans), "no-klZ"],
    controlsOf: "A",
    // A scale learned from e² needs 3,200 steps to get to the observation noise.
    changed: { quick: [], standard: [tanh, longer(160)] },
  },
  noise: {
    configurations: ["A", "A α 0.25", "no-klSx", "jepa-rec-gen", "jepa"],
    controlsOf: "A",
    changed: { quick: noiseLevels, standard: noiseLevels },
    sizes: {
      quick: {
        training: { ...quickSize.training, epochs: 60 },
        scoring: { ...quickSize.scoring, noise: { draws: 99, level: 0.9, rows: 1_000 } },
      },
      standard: {
        training: { ...paperSize.training, epochs: 160 },
        scoring: { ...paperSize.scoring, noise: { draws: 99, level: 0.9, rows: 2_000 } },
      },
    },
  },
  digits: {
    configurations: Object.keys(pairConfigurations).filter((name) => name !== "var-jepa"),
    controlsOf: "A",
    changed: { quick: [], standard: [] },
    sizes: {
      quick: {
        data: { digits: "halves", trainRows: 2_000, evaluationRows: 1_000 },
        model: { ...quickSize.model, ...halves },
      },
      standard: {
        data: { digits: "halves", trainRows: 10_000, evaluationRows: 5_000 },
        model: { ...paperSize.model, ...halves },
      },
    },
  },
};

/**
 * A study of pairs: `standard` has the paper's sizes, five runs, and changed settings beside; `quick` has one run with the
 * sizes of the quick simulation study.
 */
export function pairsStudyConfig(study: PairsStudyName, preset: Preset): PairsStudyConfig {
  const { configurations, controlsOf, changed, sizes } = plans[study];
  return {
    ...{ study, preset, configurations, controlsOf, changed: changed[preset] },
    ...(preset === "standard" ? paperSize : quickSize),
    ...sizes?.[preset],
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
