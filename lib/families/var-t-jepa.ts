import { tokenElboTerms } from "../losses/elbo.js";
import { tokenPredictive } from "../losses/reconstruction.js";
import type { TableRows } from "../models/modalities/tabular/table.js";
import { tabular } from "../models/modalities/tabular/tabular.js";
import {
  initialVarTJepa,
  passVarTJepa,
  type VarTJepaConfig,
  type VarTJepaPass,
  varTJepaLayout,
} from "../models/var-t-jepa.js";
import { drawBatch } from "./draw-batch.js";
import { embedTable } from "./embed-table.js";
import type { Family } from "./family.js";
import { generateFeatures } from "./generate-features.js";
import { tableRows, tokensShape, withTable } from "./table.js";

/** Var-T-JEPA on tables (Section 5): the five terms of its negative ELBO; masks, noise and dropout from the step's key. */
export const varTJepa: Family<VarTJepaConfig, TableRows, VarTJepaPass, Omit<VarTJepaConfig, "table">> = {
  name: "var-t-jepa",
  parallel: true,
  terms: { ...tokenElboTerms, predictive: tokenPredictive },
  config: withTable,
  layout: varTJepaLayout,
  initial: initialVarTJepa,
  rows: tableRows,
  pass: (parameters, config, data, batch) => {
    const { input, masks, source } = drawBatch(tabular(config), data, batch);
    return passVarTJepa(parameters, config, input, masks, source);
  },
  embedding: { uncertain: true, shape: tokensShape, embed: embedTable },
  generate: generateFeatures,
};
