import { fold } from "../engine/random.js";
import { tabularElboTerms } from "../losses/elbo.js";
import type { VarTJepaConfig } from "../models/var-t-jepa/config.js";
import { embedTable } from "../models/var-t-jepa/embed.js";
import { generateFeatures } from "../models/var-t-jepa/generate.js";
import { drawMasks } from "../models/var-t-jepa/masks.js";
import { featureCount, selectRows, type TableRows } from "../models/var-t-jepa/table.js";
import {
  initialVarTJepa,
  passVarTJepa,
  type VarTJepaPass,
  varTJepaLayout,
} from "../models/var-t-jepa/var-t-jepa.js";
import type { Family } from "./family.js";
import { tableRows, tokenColumns, withTable } from "./table.js";

/** Var-T-JEPA on tables (Section 5): the five terms of its negative ELBO; masks, noise and dropout from the step's key. */
export const varTJepa: Family<VarTJepaConfig, TableRows, VarTJepaPass, Omit<VarTJepaConfig, "table">> = {
  name: "var-t-jepa",
  parallel: true,
  terms: tabularElboTerms,
  config: withTable,
  layout: varTJepaLayout,
  initial: initialVarTJepa,
  rows: tableRows,
  pass: (parameters, config, data, { rows, first, key }) => {
    const features = featureCount(config.table);
    const masks = drawMasks(fold(key, "masks"), config.masks, features, rows.length, first);
    const chosen = selectRows(config.table, data, rows);
    return passVarTJepa(parameters, config, chosen, masks, { key, firstRow: first });
  },
  embedding: { uncertain: true, columns: tokenColumns, embed: embedTable },
  generate: generateFeatures,
};
