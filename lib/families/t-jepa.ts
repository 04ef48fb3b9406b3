import { prediction } from "../losses/prediction.js";
import type { TableRows } from "../models/modalities/tabular/table.js";
import { tabular } from "../models/modalities/tabular/tabular.js";
import { initialTJepa, passTJepa, type TJepaConfig, type TJepaPass, tJepaLayout } from "../models/t-jepa.js";
import { drawBatch } from "./draw-batch.js";
import { embedTJepa } from "./embed-table.js";
import type { Family } from "./family.js";
import { tableRows, tokensShape, withTable } from "./table.js";

/** T-JEPA on tables (Table 8): predicts the tokens of a target encoder that is the moving average of the parameters. */
export const tJepa: Family<TJepaConfig, TableRows, TJepaPass, Omit<TJepaConfig, "table">> = {
  name: "t-jepa",
  parallel: true,
  terms: { prediction },
  config: withTable,
  layout: tJepaLayout,
  initial: initialTJepa,
  rows: tableRows,
  pass: (parameters, config, data, batch, target) => {
    const { input, masks, source } = drawBatch(tabular(config), data, batch);
    return passTJepa(parameters, target, config, input, masks, source);
  },
  averageDecay: ({ ema }) => ema,
  embedding: {
    uncertain: false,
    shape: tokensShape,
    embed: (parameters, config, rows, pooling) => ({ values: embedTJepa(parameters, config, rows, pooling) }),
  },
};
