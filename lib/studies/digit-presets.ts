/** Var-I-JEPA and I-JEPA on MNIST as data. Nothing of it is printed anywhere: sizes are those of a study on two cores. */
import type { ModelOf } from "../families/registry.js";
import type { BlockMaskConfig } from "../models/modalities/patches/masks.js";
import { varTJepaDefaults } from "../models/var-t-jepa.js";
import { publishedBlockMasks, publishedEma } from "../papers/i-jepa/published.js";
import type { Preset } from "../settings.js";
import type { ModelSettings } from "../training/fit.js";

/** Models of digits, with how they are trained. */
export interface DigitPreset {
  /** How many digits of MNIST's training part they are trained on, from the first. */
  readonly digits: number;
  readonly models: {
    readonly "var-i-jepa": ModelSettings<ModelOf<"var-i-jepa">>;
    readonly "i-jepa": ModelSettings<ModelOf<"i-jepa">>;
  };
}

/**
 * I-JEPA's masks with smaller blocks allowed. On 7 × 7 patches its own shares leave targets of 3 × 3 alone, and contexts of 6
 * or 13 patches; these leave 6 to 33.
 */
export const digitMasks: BlockMaskConfig = {
  ...publishedBlockMasks,
  targetMin: 0.08,
  aspectMin: 2 / 3,
};

const stack = { heads: 4, ff: 128, norm: "pre", activation: "gelu", dropout: 0 } as const;

/** One model of patches of 4 × 4 pixels, trained with or without latent distributions. */
function preset(digits: number, epochs: number): DigitPreset {
  const common = {
    image: { height: 28, width: 28, patch: 4 },
    masks: digitMasks,
    encoder: { ...stack, width: 64, layers: 2 },
    predictor: { ...stack, width: 64, layers: 2 },
  };
  const training = {
    epochs,
    batchSize: 32,
    warmupEpochs: epochs / 10,
    weightDecay: 1e-4,
    beta2: 0.95,
    clipNorm: 1,
  };
  return {
    digits,
    models: {
      "var-i-jepa": {
        model: {
          ...varTJepaDefaults,
          ...common,
          targetSamples: 1,
          // A learned σ falls and falls, most patches' edges being blank, and the latents spend themselves on it.
          sigma: "fixed",
          initialLogSigma: Math.log(0.2),
        },
        // s_x must carry what the visible patches hold before the predictor has a use for it.
        objective: { rec: 1, gen: 1, klSx: 0.01, klZ: 1, klSy: 1 },
        training: { ...training, learningRate: 3e-3 },
      },
      "i-jepa": {
        model: { ...common, clsTokens: 1, auxiliaryTokens: 0, ema: publishedEma },
        objective: { prediction: 1 },
        training: { ...training, learningRate: 5e-4 },
      },
    },
  };
}

/** `quick`: about a processor minute a model; `standard`: about ten. */
export const digitPresets: Readonly<Record<Preset, DigitPreset>> = {
  quick: preset(2_000, 8),
  standard: preset(10_000, 15),
};
