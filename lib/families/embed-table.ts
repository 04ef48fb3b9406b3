/** Embeddings of a table's rows: `embed-tokens` with the tokens that a table's features are. */

import type { FlatParameters, Parameters } from "../layers/parameters.js";
import type { TableRows } from "../models/modalities/tabular/table.js";
import { tabular } from "../models/modalities/tabular/tabular.js";
import { type TJepaConfig, tJepa } from "../models/t-jepa.js";
import type { VarTJepaConfig, VarTJepaPass } from "../models/var-t-jepa.js";
import {
  embedTargetTokens,
  embedTokens,
  passFullRows,
  type RowPosteriors,
  type TokenEmbedding,
  tokenPosteriors,
} from "./embed-tokens.js";
import type { RowPiece } from "./load-parameters.js";
import type { Pooling } from "./pooling.js";

export {
  type Aggregation,
  ninetiethPercentile,
  type RowPosteriors,
  type RowUncertainty,
  readPosterior,
  type TokenEmbedding as TableEmbedding,
} from "./embed-tokens.js";

const modelOf = (config: VarTJepaConfig) => ({ config, modality: tabular(config) });

/**
 * Embeds every row, as `embedTokens` does.
 * @throws when the rows do not fit the model's table.
 */
export function embedTable(
  parameters: FlatParameters,
  config: VarTJepaConfig,
  input: TableRows,
  pooling: Pooling = "none",
): TokenEmbedding {
  return embedTokens(parameters, modelOf(config), input, pooling);
}

/**
 * Reads the pass of all rows, as `passFullRows` takes them through the model.
 * @throws when the rows do not fit the model's table.
 */
export function fullRows<Read>(
  weights: FlatParameters,
  config: VarTJepaConfig,
  input: TableRows,
  read: (pass: VarTJepaPass, parameters: Parameters, first: number) => Read,
): Generator<RowPiece & Read> {
  return passFullRows(weights, modelOf(config), input, read);
}

/**
 * q(s_w | s_x, z, w) of all rows and the means of q(s_x | x) at the CLS tokens, as `tokenPosteriors` gives them.
 * @throws when the rows do not fit the model's table.
 */
export function rowPosteriors(
  parameters: FlatParameters,
  config: VarTJepaConfig,
  input: TableRows,
): Generator<RowPosteriors & { readonly cls: Float32Array }> {
  return tokenPosteriors(parameters, modelOf(config), input);
}

/**
 * Embeds every row by a T-JEPA's target encoder, as `embedTargetTokens` does.
 * @throws when the rows do not fit the model's table.
 */
export function embedTJepa(
  target: FlatParameters,
  config: TJepaConfig,
  input: TableRows,
  pooling: Pooling = "none",
): Float32Array {
  return embedTargetTokens(target, tJepa(config), input, pooling);
}
