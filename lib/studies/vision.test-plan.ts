/** A tiny study of images, for tests. */
import type { DigitPreset } from "./digit-presets.js";
import { digitPresets } from "./digit-presets.js";
import type { VisionStudyConfig } from "./vision-plan.js";

const { "var-i-jepa": variational, "i-jepa": twin } = digitPresets.quick.models;
const sizes = {
  image: { height: 28, width: 28, patch: 7 },
  encoder: { ...variational.model.encoder, width: 8, ff: 8, heads: 2, layers: 1 },
  predictor: { ...variational.model.encoder, width: 8, ff: 8, heads: 2, layers: 1 },
};
const training = { ...variational.training, epochs: 2, warmupEpochs: 0, batchSize: 30 };

const models: DigitPreset = {
  digits: 60,
  models: {
    "var-i-jepa": { ...variational, model: { ...variational.model, ...sizes }, training },
    "i-jepa": { ...twin, model: { ...twin.model, ...sizes }, training },
  },
};

/** Two seeds of 60 digits in 4 × 4 patches, of which two are hidden. */
export const tinyVision: VisionStudyConfig = {
  ...{ study: "vision", preset: "quick", seeds: [1, 2], models },
  scoring: {
    testDigits: 30,
    probe: { digits: 40, epochs: 4, batchSize: 20, learningRate: 1e-2, weightDecay: 0 },
    blocks: { places: { middle: [5, 6] }, digits: 8, samples: 4, draws: { draws: 9, level: 0.8 } },
    pictures: { digits: 2, draws: 1 },
  },
};
