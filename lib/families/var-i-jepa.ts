import { tokenElboTerms } from "../losses/elbo.js";
import { tokenPredictedMean, tokenPredictive } from "../losses/reconstruction.js";
import type { ImageRows } from "../models/modalities/patches/images.js";
import { patches } from "../models/modalities/patches/patches.js";
import { trainingPass } from "../models/tokens/pass.js";
import {
  initialVarIJepa,
  varIJepa as model,
  type VarIJepaConfig,
  type VarIJepaPass,
  varIJepaLayout,
} from "../models/var-i-jepa.js";
import { drawBatch } from "./draw-batch.js";
import { embedTokens } from "./embed-tokens.js";
import type { Family } from "./family.js";
import { generatePatches } from "./generate-patches.js";
import { imageRows, patchesShape } from "./images.js";

/** Var-I-JEPA: the model of Section 5 on patches of images; masks, noise and dropout from the step's key. */
export const varIJepa: Family<VarIJepaConfig, ImageRows, VarIJepaPass> = {
  name: "var-i-jepa",
  parallel: true,
  terms: { ...tokenElboTerms, predictive: tokenPredictive, predictedMean: tokenPredictedMean },
  config: (config) => config,
  layout: varIJepaLayout,
  initial: initialVarIJepa,
  rows: imageRows,
  pass: (parameters, config, data, batch) => {
    const own = model(parameters, config);
    const { input, masks, source } = drawBatch(own.modality, data, batch);
    return trainingPass(own, input, masks, source);
  },
  embedding: {
    uncertain: true,
    shape: patchesShape,
    embed: (parameters, config, rows, pooling) =>
      embedTokens(parameters, { config, modality: patches(config) }, rows, pooling),
  },
  generatePatches,
};
