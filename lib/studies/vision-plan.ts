/** What the study of images asks for, as data: models of digits, the blocks that are hidden, and how both are measured. */
import { type DrawScoreSettings, drawScoreDefaults } from "../evaluation/generation/conditional-density.js";
import type { LinearProbeConfig } from "../evaluation/predictors/linear.js";
import type { Preset } from "../settings.js";
import { type DigitPreset, digitPresets } from "./digit-presets.js";

/** How models of digits are measured, on digits of MNIST's test part: seed 1 takes the first of them, every other seed those that follow. */
export interface VisionScoring {
  /** Digits that a probe is scored on. */
  readonly testDigits: number;
  /** It learns from the first so many of the digits that the models learn from. */
  readonly probe: LinearProbeConfig & { readonly digits: number };
  readonly blocks: {
    /** The hidden patches of each place by its name, numbered line by line. */
    readonly places: Readonly<Record<string, readonly number[]>>;
    /** Of the digits that a probe is scored on, the first so many, whose block is hidden. */
    readonly digits: number;
    /** s_x and z per digit of a model's mean and likelihood; half of them too, which shows whether they are enough. */
    readonly samples: number;
    readonly draws: DrawScoreSettings;
  };
  /** Of the first seed so many of these digits are kept as pictures, with so many draws. */
  readonly pictures: { readonly digits: number; readonly draws: number };
}

/** Configuration of the study. */
export interface VisionStudyConfig {
  readonly study: "vision";
  readonly preset: Preset;
  /** 1, 2, … : every seed has digits of its own, to learn from and to be measured on. */
  readonly seeds: readonly number[];
  readonly models: DigitPreset;
  readonly scoring: VisionScoring;
}

/** A rectangle of patches, of which there are so many in a line. */
const block = (inLine: number, top: number, left: number, down: number, across: number): number[] =>
  Array.from(
    { length: down * across },
    (_, i) => (top + Math.floor(i / across)) * inLine + left + (i % across),
  );

/** The places at which blocks are hidden: 12 × 12 pixels, and 8 × 8, of patches of 4 × 4; 14 × 14 of patches of 7 × 7. */
export const hiddenPlaces = {
  standard: {
    middle: block(7, 2, 2, 3, 3),
    right: block(7, 2, 4, 3, 3),
    bottom: block(7, 4, 2, 3, 3),
    "small, middle": block(7, 3, 3, 2, 2),
  },
  quick: { middle: block(4, 1, 1, 2, 2) },
} as const satisfies Readonly<Record<Preset, VisionScoring["blocks"]["places"]>>;

const scorings: Readonly<Record<Preset, VisionScoring>> = {
  standard: {
    testDigits: 1_000,
    probe: { digits: 1_000, epochs: 60, batchSize: 64, learningRate: 3e-3, weightDecay: 1e-3 },
    blocks: { places: hiddenPlaces.standard, digits: 300, samples: 64, draws: drawScoreDefaults },
    pictures: { digits: 10, draws: 3 },
  },
  quick: {
    testDigits: 300,
    probe: { digits: 500, epochs: 30, batchSize: 64, learningRate: 3e-3, weightDecay: 1e-3 },
    blocks: {
      places: hiddenPlaces.quick,
      digits: 60,
      samples: 16,
      draws: { draws: 19, level: 0.9 },
    },
    pictures: { digits: 10, draws: 3 },
  },
};

/** The study: `standard` has three seeds, `quick` one, of smaller models on fewer digits. */
export function visionConfig(preset: Preset): VisionStudyConfig {
  return {
    study: "vision",
    preset,
    seeds: preset === "standard" ? [1, 2, 3] : [1],
    models: digitPresets[preset],
    scoring: scorings[preset],
  };
}
