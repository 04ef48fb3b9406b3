import { digitPart } from "../data/digit-parts.js";
import { blockDensity, blockPairs } from "../evaluation/generation/hidden-blocks.js";
import { pixelSource, principalSource } from "../evaluation/image-controls.js";
import { generateImages } from "../inference/generate-images.js";
import { drawBlockMasks } from "../models/modalities/patches/masks.js";
import { digitPresets } from "../studies/digit-presets.js";
import { hiddenPlaces, visionConfig } from "../studies/vision-plan.js";
import { runVision, saveVision } from "../studies/vision-study.js";
import { blockPictures } from "./block-pictures.js";
import { blockRows, claimRows, featureRows } from "./vision-tables.js";

/** Models of images: masks, presets of digits, what is generated, what stands beside it, and their study: functions and data, described where they are defined. */
export const images = {
  digits: digitPart,
  presets: digitPresets,
  drawMasks: drawBlockMasks,
  generate: generateImages,
  blockPairs,
  density: blockDensity,
  pixels: pixelSource,
  components: principalSource,
  study: {
    config: visionConfig,
    places: hiddenPlaces,
    run: runVision,
    save: saveVision,
    pictures: blockPictures,
    blockRows,
    featureRows,
    claimRows,
  },
} as const;
