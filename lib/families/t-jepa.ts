import { fold } from "../engine/random.js";
import { prediction } from "../losses/prediction.js";
import { drawMasks } from "../models/modalities/tabular/masks.js";
import { featureCount, selectRows, type TableRows } from "../models/modalities/tabular/table.js";
import { initialTJepa, passTJepa, type TJepaConfig, type TJepaPass, tJepaLayout } from "../models/t-jepa.js";
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
  pass: (parameters, config, data, { rows, first, key }, target) => {
    const masks = drawMasks(fold(key, "masks"), config.masks, featureCount(config.table), rows.length, first);
    const chosen = selectRows(config.table, data, rows);
    return passTJepa(parameters, target, config, chosen, masks, { key, firstRow: first });
  },
  averageDecay: ({ ema }) => ema,
  embedding: {
    uncertain: false,
    shape: tokensShape,
    embed: (parameters, config, rows, pooling) => ({ values: embedTJepa(parameters, config, rows, pooling) }),
  },
};
