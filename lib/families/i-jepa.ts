import { prediction } from "../losses/prediction.js";
import { type IJepaConfig, iJepaLayout, initialIJepa, iJepa as model } from "../models/i-jepa.js";
import type { ImageRows } from "../models/modalities/patches/images.js";
import { passTokenJepa, type TokenJepaPass } from "../models/tokens/token-jepa.js";
import { drawBatch } from "./draw-batch.js";
import { embedTargetTokens } from "./embed-tokens.js";
import type { Family } from "./family.js";
import { imageRows, patchesShape } from "./images.js";

/**
 * I-JEPA on patches of images (Assran et al. 2023): predicts the tokens of a target encoder that is the moving average of the
 * parameters, by their mean squared difference. Its published code normalises the target tokens once more, without gain and
 * bias, and takes a smooth L1 loss.
 */
export const iJepa: Family<IJepaConfig, ImageRows, TokenJepaPass> = {
  name: "i-jepa",
  parallel: true,
  terms: { prediction },
  config: (config) => config,
  layout: iJepaLayout,
  initial: initialIJepa,
  rows: imageRows,
  pass: (parameters, config, data, batch, target) => {
    const own = model(config);
    const { input, masks, source } = drawBatch(own.modality, data, batch);
    return passTokenJepa(parameters, target, own, input, masks, source);
  },
  averageDecay: ({ ema }) => ema,
  embedding: {
    uncertain: false,
    shape: patchesShape,
    embed: (parameters, config, rows, pooling) => ({
      values: embedTargetTokens(parameters, model(config), rows, pooling),
    }),
  },
};
