/** Var-I-JEPA and I-JEPA on MNIST as data. Nothing of it is printed anywhere: sizes are those of a study on two cores. */
import type { ModelOf } from "../families/registry.js";
import type { BlockMaskConfig } from "../models/modalities/patches/masks.js";
import { varTJepaDefaults } from "../models/var-t-jepa.js";
import { publishedEma } from "../papers/i-jepa/published.js";
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
 * One target block a step, of 4 to 12 of the 7 × 7 patches, where I-JEPA has four: its own masks leave contexts of 6 or 13
 * patches here, these leave 30 to 45.
 */
export const digitMasks: BlockMaskConfig = {
  contextMin: 0.85,
  contextMax: 1,
  targetMin: 0.08,
  targetMax: 0.25,
  aspectMin: 2 / 3,
  aspectMax: 1.5,
  targetViews: 1,
};

/** One model of square patches, trained with or without latent distributions. */
function preset(digits: number, patch: number, width: number, epochs: number): DigitPreset {
  const stack = {
    width,
    heads: 4,
    ff: 2 * width,
    layers: 2,
    norm: "post",
    activation: "gelu",
    dropout: 0,
  } as const;
  const common = {
    image: { height: 28, width: 28, patch },
    masks: digitMasks,
    encoder: stack,
    predictor: stack,
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
          // A learned σ is the error of patches that are seen, many of them blank, not of hidden ones.
          sigma: "fixed",
          initialLogSigma: Math.log(0.2),
        },
        // The mean of a prediction is learned by its own term: the ELBO explains by variance what is not yet known.
        objective: { rec: 0.01, gen: 0.3, klSx: 1e-4, klZ: 0.1, klSy: 0.3, predictedMean: 1 },
        training: { ...training, learningRate: 2.5e-3 },
      },
      "i-jepa": {
        model: { ...common, clsTokens: 1, auxiliaryTokens: 0, ema: publishedEma },
        objective: { prediction: 1 },
        training: { ...training, learningRate: 1e-3 },
      },
    },
  };
}

/**
 * `standard`: 7 × 7 patches of 4 × 4 pixels, about eight processor minutes a model. `quick`: 4 × 4 patches of 7 × 7 pixels, a third of
 * the tokens, about a quarter of a minute.
 */
export const digitPresets: Readonly<Record<Preset, DigitPreset>> = {
  quick: preset(1_200, 7, 32, 15),
  standard: preset(10_000, 4, 64, 14),
};
